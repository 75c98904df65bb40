"""Train: one run, live: its curves, what it has learned so far, its marks; and the list of all runs."""

from __future__ import annotations

import streamlit as st

from pages.parts.shell import enter

enter()
st.title("Train", anchor=False)

# What takes time to import comes after the first words are on the screen.
from dlcore.client import client
from dlcore.store import UnknownRun
from pages.parts.run_list import run_list
from pages.parts.run_live import live
from pages.parts.run_results import results, shipped_training
from pages.parts.visitor import teacher_door, visitor

who = visitor()
client().reap()
store = client().store

chosen = st.query_params.get("run")
if not chosen:
    newest = store.list_runs(owner=who.id, limit=1) or store.list_runs(limit=1)
    chosen = newest[0].id if newest else None

if chosen:
    try:
        run = store.run(chosen)
    except UnknownRun as error:
        st.error(str(error), icon=":material/search_off:")
        st.page_link("pages/build.py", label="Build a network", icon=":material/tune:")
    else:
        if st.query_params.get("run") != run.id:
            st.query_params["run"] = run.id
        # A stopped run gets its marks a moment after its state.
        settled = run.state.is_terminal and (run.result or run.state != "stopped")
        st.fragment(live, run_every=None if settled else 0.5)(run.id, who)
        if run.result:
            results(run)
else:
    shipped_training()

run_list(who, chosen)
teacher_door()
