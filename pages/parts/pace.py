"""How often a page may draw itself again: twice a second for a few, less often where many watch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STEPS = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds from one drawing to the next."""
SHARE = 0.35
"""Of one processor that all drawings together may take: the rest is for what visitors do."""
GONE = 10.0
"""Seconds after which who has not drawn watches no more."""


class Pace:
    """The one of this process. What a drawing costs is measured, in the processor's seconds."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, processor: Callable[[], float] = time.thread_time
    ):
        self._clock, self._processor = clock, processor
        self._lock = threading.Lock()
        self._seen: dict[str, float] = {}
        self._cost = 0.01

    @contextmanager
    def drawing(self, visitor: str) -> Iterator[None]:
        """Around one drawing for one visitor."""
        began = self._processor()
        yield
        cost, now = self._processor() - began, self._clock()
        with self._lock:
            self._cost += 0.05 * (cost - self._cost)
            self._seen[visitor] = now
            self._seen = {name: at for name, at in self._seen.items() if now - at < GONE}

    def interval(self, now: float = STEPS[0]) -> float:
        """Seconds between two drawings; ``now`` is what it is: it does not go up and down at a limit."""
        with self._lock:
            needed = len(self._seen) * self._cost / SHARE
        if now / 2 * 0.7 < needed <= now:
            return now
        return next((step for step in STEPS if needed <= step), STEPS[-1])


PACE = Pace()
