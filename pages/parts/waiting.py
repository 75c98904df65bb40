"""Request an answer without blocking the page: a skeleton until it is there."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitDuplicateElementKey

from dlcore.client import client
from dlcore.compute.connection import LONG
from pages.parts.desk import desk, question
from pages.parts.plain import plain


def answer(job: str, **arguments: Any) -> Any:
    """The job's result, ``{"error": …}`` if it failed, or None while it is on its way.

    While it is on its way the page shows why it waits, looks again, and reruns itself when it is there.
    """
    key = question(job, arguments)
    result = desk().known(job, key)
    if result is not None:
        return result
    # Most answers take less than this: then nothing flickers.
    result = desk().look(job, key, arguments, 0.6)
    if result is not None:
        return result

    def look_again() -> None:
        result = desk().look(job, key, arguments, 0.2)
        if result is not None:
            desk().tell(key, result)
            st.rerun()
        _why(key)

    st.fragment(look_again, run_every=0.5)()
    return None


def _why(key: str) -> None:
    if client().ready:
        st.caption("Working…")
    else:
        engine_line(key)
        if client().problem:
            return
    st.skeleton(height=320)


def engine_line(key: str) -> None:
    """Why nothing is computed yet: the worker is coming, takes long, or cannot come, and then "Try again"."""
    here = client()
    if not here.problem:
        st.caption(warming_up())
        return
    st.error(plain(here.problem), icon=":material/power_off:")
    with suppress(StreamlitDuplicateElementKey):  # two parts of the page wait for the same answer
        st.button("Try again", icon=":material/refresh:", key=f"engine.again.{key}", on_click=here.try_again)


def warming_up() -> str:
    """What is said while a worker is on its way."""
    if client().waited < LONG:
        return "The compute engine is warming up (about ten seconds the first time)…"
    return (
        f"The compute engine is still starting after {client().waited:.0f} s; "
        "on a busy or small machine it takes longer…"
    )
