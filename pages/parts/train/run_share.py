"""Who sees a run on own data: its owner and the teacher, or everybody."""

from __future__ import annotations

import streamlit as st

from dlcore.client import Visitor, client
from dlcore.runs.store import Run
from dlcore.settings import settings


def sharing(run: Run, who: Visitor) -> None:
    """Say who sees the run, and let its owner change that with one click."""
    dataset = run.parsed().dataset
    if not dataset.own or not who.may_change(run):
        return
    if run.shared:
        words, label, icon = "Everybody here sees this run.", "Stop sharing", ":material/lock:"
    else:
        seers = "Only you and the teacher see" if settings().teacher_password else "Only you see"
        words = (
            f"{seers} this run, because it learns from data of your own. Shared, everybody here sees its "
            f"name, curves and results, and {dataset.own}, and can use the network."
        )
        label, icon = "Share this run", ":material/group:"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words, width="stretch")
        st.button(label, icon=icon, key="share", on_click=client().share, args=(run.id, who, not run.shared))
