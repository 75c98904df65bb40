"""Ask the engine without blocking the page: a skeleton until the answer is there."""

from __future__ import annotations

import hashlib
from typing import Any

import streamlit as st

from dlcore.client import client

KEPT = 16
"""Answers one session keeps, so that going back to a question costs nothing."""


def answer(job: str, **arguments: Any) -> Any:
    """The job's result, ``{"error": …}`` if it failed, or None while it is on its way.

    While it is on its way the page shows why it waits, looks again, and reruns itself when it is there.
    """
    digest = hashlib.sha256(repr((job, sorted(arguments.items()))).encode()).hexdigest()
    kept: dict[str, Any] = st.session_state.setdefault("answers", {})
    if digest in kept:
        return kept[digest]
    pending = st.session_state.get("pending")
    if pending is None or pending[0] != digest:
        pending = st.session_state["pending"] = [digest, None]

    def look(*, again: bool) -> None:
        if pending[1] is None and client().ready:
            pending[1] = client().ask(job, **arguments)
        if pending[1] is not None:
            try:
                # Most answers take less than this: then nothing flickers.
                kept[digest] = pending[1].result(0.6)
            except TimeoutError:
                pass
            except Exception as error:
                kept[digest] = {"error": f"The engine could not answer: {error}"}
            if digest in kept:
                while len(kept) > KEPT:
                    kept.pop(next(iter(kept)))
                st.session_state.pop("pending", None)
                if again:
                    st.rerun()
                return
        st.caption(
            client().problem or "The compute engine is warming up (about ten seconds the first time)…"
            if not client().ready
            else "Working…"
        )
        st.skeleton(height=320)

    place = st.empty()
    with place.container():
        look(again=False)
    if digest in kept:
        place.empty()
        return kept[digest]
    with place.container():
        st.fragment(look, run_every=0.5)(again=True)
    return None
