"""The teacher's password: compared in constant time, and after wrong ones only after a growing delay."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable

from dlcore.settings import settings

FREE = 3
"""Wrong passwords before there is a delay; a hand may slip."""
LONGEST = 60.0
"""Seconds of the longest delay: guessing is hopeless, and a teacher is not locked out for long."""
FORGET = 3600.0
"""Seconds without a wrong password after which counting begins anew."""


class Door:
    """One for the whole process: a guesser with many browsers waits as long as one with a single one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong = 0
        self._last = 0.0

    def _wait(self) -> float:
        if self._wrong < FREE:
            return 0.0
        delay = min(LONGEST, 2.0 ** (self._wrong - FREE))
        return max(0.0, self._last + delay - self._clock())

    def open(self, password: str) -> str:
        """Empty if this is the teacher's password; otherwise what to say."""
        expected = settings().teacher_password
        with self._lock:
            if self._clock() - self._last > FORGET:
                self._wrong = 0
            if wait := self._wait():
                return f"There were too many wrong passwords. Try again in {wait:.0f} s."
            if expected and hmac.compare_digest(password.encode(), expected.encode()):
                self._wrong = 0
                return ""
            self._wrong, self._last = self._wrong + 1, self._clock()
        return "That is not the teacher's password."


DOOR = Door()
