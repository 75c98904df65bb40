"""Train: one run, live: its curves, what it has learned so far, its metrics; and the list of all runs."""

from __future__ import annotations

import streamlit as st

from pages.parts.shell import enter, words_first

enter()
st.title("Train", anchor=False)

words_first()  # what takes time to import comes after
import time

from dlcore.client import client
from dlcore.runs.store import Run, UnknownRun
from pages.parts.pace import PACE
from pages.parts.plain import plain
from pages.parts.store_line import store_line
from pages.parts.train import compared
from pages.parts.train.run_list import run_list
from pages.parts.train.run_live import live
from pages.parts.train.run_results import results, shipped_training
from pages.parts.train.run_share import sharing
from pages.parts.visitor import teacher_door, visitor

METRICS_FOLLOW = 120
"""Seconds within which the metrics of a stopped run come."""

who = visitor()
client().reap()


def choose_run() -> Run | None:
    """The run in the address, else the visitor's newest, else anybody's. Raises UnknownRun."""
    if chosen := st.query_params.get("run"):
        return client().run(chosen, who)
    store = client().store
    newest = store.list_runs(owner=who.id, limit=1) or store.list_runs(seen_by=who.seen_by, limit=1)
    if not newest:
        return None
    st.query_params["run"] = newest[0].id
    return newest[0]


def _waits(run: Run) -> bool:
    """A stopped run gets its metrics a moment after its state, or never where it had not learned anything."""
    return run.state == "stopped" and not run.result and time.time() - (run.ended or 0) < METRICS_FOLLOW


def show(run: Run) -> None:
    try:
        run.parsed()
    except ValueError:
        st.error(
            "This run's recipe is damaged or of another version, so it cannot be shown; delete the run.",
            icon=":material/broken_image:",
        )
        return
    sharing(run, who)
    asked = compared.asked()
    others = compared.seen(asked, who) if asked else []
    if asked:
        compared.heading([run, *others], len(asked) - len(others))
    settled = all(one.state.is_terminal and not _waits(one) for one in (run, *others))
    pace = None if settled else PACE.interval(st.session_state.get("train.pace", 0.5))
    st.session_state["train.pace"] = pace or 0.5
    st.fragment(store_line()(live), run_every=pace)(run.id, who, pace, asked)
    if run.result:
        results(run)


run: Run | None = None
try:
    run = choose_run()
except UnknownRun as error:
    st.error(plain(error), icon=":material/search_off:")
    st.page_link("pages/build.py", label="Build a network", icon=":material/tune:")
else:
    show(run) if run else shipped_training()

run_list(who, run)
teacher_door()
