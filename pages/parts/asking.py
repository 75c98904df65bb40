"""Ask the engine from a page that answers while one types: what stands there stays until the answer comes."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

import streamlit as st

from dlcore.client import client
from pages.parts.waiting import answer

KEPT = {"explain_sentiment": 4, "sentiment": 40}
"""Answers one session keeps, by job: those with attention in them are large."""
PATIENCE = 180.0
"""Seconds after which a question is given up."""


def ask(job: str, **arguments: Any) -> Any:
    """The job's result, ``{"error": …}`` if it failed, or None while the engine is not there yet.

    It waits in short slices and writes between them, so that a key or a click, which Streamlit answers
    by running the script anew, ends the wait; a question nobody waits for is not worked on.
    """
    store: dict[str, OrderedDict[str, Any]] = st.session_state.setdefault("asked", {})
    kept = store.setdefault(job, OrderedDict())
    question = repr(sorted(arguments.items()))
    place = st.empty()
    if question in kept:
        kept.move_to_end(question)
        return kept[question]
    if not client().ready:
        return answer(job, **arguments)
    found = _wait(job, arguments, place)
    place.empty()
    if not (isinstance(found, dict) and "error" in found):
        kept[question] = found
        while len(kept) > KEPT.get(job, 8):
            kept.popitem(last=False)
    return found


def _wait(job: str, arguments: dict[str, Any], place: Any) -> Any:
    began = time.monotonic()
    try:
        pending = client().ask(job, **arguments)
        while time.monotonic() - began < PATIENCE:
            try:
                return pending.result(0.15)
            except TimeoutError:
                if pending.done:  # it came in this moment, or the job itself ran out of time
                    return pending.result(5)
            if time.monotonic() - began > 0.5:
                place.caption("Working…")
        return {"error": f"There was no answer in {PATIENCE:.0f} s. Try again with a shorter text."}
    except Exception as error:
        return {"error": f"The engine could not answer: {error}"}
