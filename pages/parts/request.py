"""Request an answer on a page that changes while one types: what is shown stays until the answer comes."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from dlcore.client import client
from pages.parts.desk import desk, question
from pages.parts.waiting import answer

PATIENCE = 180.0
"""Seconds after which a question is given up."""


def request(job: str, **arguments: Any) -> Any:
    """The job's result, ``{"error": …}`` if it failed, or None while the engine is not there yet.

    It waits in short slices and writes between them, so that a key or a click, which Streamlit answers
    by running the script anew, ends the wait; a question nobody waits for is not worked on.
    """
    key, place = question(job, arguments), st.empty()
    result = desk().known(job, key)
    if result is not None:
        return result
    if not client().ready:
        return answer(job, **arguments)
    try:
        result = _wait(job, key, arguments, place)
    finally:
        desk().drop(key)
    place.empty()
    return result


def _wait(job: str, key: str, arguments: dict[str, Any], place: Any) -> Any:
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        result = desk().look(job, key, arguments, 0.15)
        if result is not None:
            return result
        if client().problem and not client().ready:
            return answer(job, **arguments)
        if time.monotonic() - began > 0.5:
            place.caption("Working…" if client().ready else "The compute engine is starting again…")
    return {"error": f"There was no answer in {PATIENCE:.0f} s. Try again with a shorter text."}
