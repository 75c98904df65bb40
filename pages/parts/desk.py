"""The questions one session has sent to the engine, and the answers it keeps."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from typing import Any

import streamlit as st

from dlcore.client import client
from dlcore.compute.pending import Pending

KEPT = {"explain_sentiment": 4, "sentiment": 40, "classify_many": 1}
"""Answers a session keeps, by job: those with attention in them are large."""
SHOWN = 5.0
"""Seconds for which an error is shown before the question is sent again."""
UNDER_WAY = 8
"""Questions of one session that the engine has at a time; the oldest is taken back."""

NO_ANSWER = "The engine could not answer: "


def failed(answer: Any) -> bool:
    return isinstance(answer, dict) and "error" in answer


def reason(answer: dict[str, Any]) -> str:
    """Why there is none, where what was refused says enough."""
    return str(answer["error"]).removeprefix(NO_ANSWER)


def question(job: str, arguments: dict[str, Any]) -> str:
    """A short name for a job and its arguments, the same for the same ones."""
    return json.dumps([job, arguments], sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return [len(value), hash(value)]  # an object of bytes computes its hash once
    return value.tolist()  # of NumPy


class Desk:
    """Answers are kept, errors are not: the next look sends the question again."""

    def __init__(self) -> None:
        self._kept: dict[str, OrderedDict[str, Any]] = {}
        self._pending: OrderedDict[str, Pending] = OrderedDict()
        self._errors: dict[str, tuple[Any, float]] = {}

    def known(self, job: str, key: str) -> Any:
        """The answer that is kept, an error that has just come, or None."""
        kept = self._kept.get(job)
        if kept and key in kept:
            kept.move_to_end(key)
            return kept[key]
        error, since = self._errors.get(key, (None, 0.0))
        return error if time.monotonic() - since < SHOWN else None

    def look(self, job: str, key: str, arguments: dict[str, Any], seconds: float) -> Any:
        """The answer if it comes within ``seconds``, ``{"error": …}`` if there is none, else None.

        Sends the question where that has not been done, as soon as the engine is there.
        """
        try:
            pending = self._pending.get(key) or self._request(job, key, arguments)
            if pending is None or not pending.wait(seconds):
                return None
            answer = pending.result(0)
        except Exception as error:
            answer = {"error": f"{NO_ANSWER}{error}"}
        self.drop(key)
        if not failed(answer):
            kept = self._kept.setdefault(job, OrderedDict())
            kept[key] = answer
            while len(kept) > KEPT.get(job, 8):
                kept.popitem(last=False)
        return answer

    def _request(self, job: str, key: str, arguments: dict[str, Any]) -> Pending | None:
        if not client().ready:
            return None
        pending = self._pending[key] = client().request(job, **arguments)
        while len(self._pending) > UNDER_WAY:
            self._pending.popitem(last=False)
        return pending

    def tell(self, key: str, answer: Any) -> None:
        """Keep an error for the run of the page that is about to begin, and little longer.

        Another part of the page may have its answer meanwhile, and have the page run once more.
        """
        if failed(answer):
            now = time.monotonic()
            self._errors = {k: kept for k, kept in self._errors.items() if now - kept[1] < SHOWN}
            self._errors[key] = answer, now

    def forget(self, key: str) -> None:
        """Send the question again although an error has just come."""
        self._errors.pop(key, None)

    def drop(self, key: str) -> None:
        """A question that nobody waits for is not worked on."""
        self._pending.pop(key, None)


def desk() -> Desk:
    """The one of this session."""
    desk: Desk = st.session_state.setdefault("desk", Desk())
    return desk
