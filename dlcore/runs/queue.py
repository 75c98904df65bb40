"""The order in which waiting runs begin, and when."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple


class Waiting(NamedTuple):
    """A queued run: its id, its visitor, the process that sees to it, and the time it was queued."""

    run: str
    owner: str
    queue: str
    since: float


class Wait(NamedTuple):
    """What a waiting visitor sees: the ``place``, 1 is next, and an estimate in seconds, None if unknown."""

    place: int
    seconds: float | None
    paused: bool
    """Whether a training before it is paused, so that nothing can be said of the time."""
    nothing_before: bool
    """Whether a worker is free for it."""


def fair(waiting: Iterable[Waiting], served: Iterable[tuple[str, float]]) -> list[Waiting]:
    """The first run of each visitor before the second of any, and in the order of queueing otherwise.

    ``served`` are runs by owner, with the time at which each ended, infinite while it trains: to a run that
    has waited while another of its owner trained, that one counts as the first.
    """
    ended: dict[str, list[float]] = defaultdict(list)
    for owner, moment in served:
        ended[owner].append(moment)
    before: Counter[str] = Counter()
    turns: Counter[str] = Counter()
    rounds = []
    for run in sorted(waiting, key=lambda each: (each.since, each.run)):
        turn = before[run.owner] + sum(moment > run.since for moment in ended[run.owner])
        before[run.owner] += 1
        turns[run.owner] = max(turns[run.owner], turn)
        rounds.append((turns[run.owner], run))
    return [run for _, run in sorted(rounds, key=lambda each: each[0])]


def estimate(place: int, left: list[float | None], earlier: list[float]) -> float | None:
    """Seconds until the run at ``place`` begins; None where there is nothing to go by.

    Args:
        place: 1 is next.
        left: Seconds left to each training, None if it does not know yet.
        earlier: Seconds that the last trainings took.
    """
    if not left:
        return 0.0 if place == 1 else None
    typical = statistics.median(earlier) if earlier else None
    known = [typical if seconds is None else seconds for seconds in left]
    if None in known or (typical is None and place > len(left)):
        return None
    begins = sorted(seconds for seconds in known if seconds is not None)  # one free worker after the other
    turn, place = divmod(place - 1, len(begins))
    return begins[place] + turn * (typical or 0.0)
