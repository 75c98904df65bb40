"""What a visitor reads who waits, or keeps others waiting."""

from __future__ import annotations

import streamlit as st

from dlcore.client import client
from dlcore.runs.store import Run
from dlcore.settings import settings
from pages.parts.plain import plain
from pages.parts.waiting import engine_line, warming_up


def duration(seconds: float) -> str:
    """75 as "1 min 15 s"."""
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def roughly(seconds: float) -> str:
    """75 as "about 1 min": an estimate with seconds would promise too much."""
    return "less than a minute" if seconds < 45 else f"about {max(1, round(seconds / 60))} min"


def why_it_waits(run: Run) -> str:
    """The place of a queued run and when it begins, or that the engine is not there yet."""
    here = client()
    wait = here.wait(run)
    if wait is None:
        return "It begins in a moment…"
    if wait.nothing_before and not here.ready:
        return plain(here.problem) or warming_up()
    if wait.nothing_before:
        return "It begins in a moment…"
    place = "Next in the queue" if wait.place == 1 else f"Number {wait.place} in the queue"
    if wait.paused:
        return f"{place}; the training before it is paused, for {settings().max_pause_minutes} min at most while others wait."
    return f"{place}; it begins in {roughly(wait.seconds)}." if wait.seconds is not None else f"{place}."


def waits(run: Run) -> None:
    """The same as a line, with "Try again" where the engine cannot start."""
    here = client()
    if here.problem and not here.ready:
        engine_line(run.id)
    else:
        st.caption(why_it_waits(run))


def until_pause_ends(run: Run) -> str:
    """What becomes of a paused run that keeps others waiting; empty if nobody waits."""
    left = client().pause_left(run)
    if left is None:
        return ""
    return f"Others wait: this pause ends in {duration(left)}. The run is then stopped, and can be resumed."
