"""One attempt of a worker at training a run, from its start to an end that the store has taken."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from typing import Any, Self

from sqlalchemy.exc import SQLAlchemyError

from dlcore.runs.database import StoreError
from dlcore.runs.failures import FULL_DISK, disk_is_full
from dlcore.runs.states import State
from dlcore.runs.store import Store

log = logging.getLogger(__name__)
LOOK = 0.2
"""Seconds between looks at the control row, where no callback looks."""
BEAT = 10.0
"""Seconds between signs of life."""
LONGEST_PAUSE = 5.0
"""Seconds between two tries of telling a store that does not take it how a run has ended."""


class Stopped(Exception):
    """Stop has ended the run; the work on it may end too."""


class Attempt:
    """Gives signs of life from a thread, also while the training is paused, and ends the run exactly once.

    While batches are trained the callback ``Control`` answers Stop. Before (downloading, compiling) and after
    (evaluating) no callback is called, so the thread answers: it ends the run in the store at once, and the work
    notices when it can.

    Args:
        store: Where the run is.
        run: The id of a run that this process has just started.
    """

    def __init__(self, store: Store, run: str):
        self.store, self.run = store, run
        self.started = store.run(run).started or 0.0
        self.over = False  # the run has ended, was deleted, or is in other hands
        self._if_stopped = "Stopped before the first batch was trained."
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"attempt {run}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._finished.set()
        self._thread.join()

    def answer_stop(self, reason: str) -> None:
        """From now on Stop ends the run at once, for this reason; if empty, a callback sees to it."""
        with self._lock:
            self._if_stopped = reason

    def check(self) -> None:
        """Raises Stopped if the run has ended, was deleted, or is in other hands."""
        if self.over or not self.store.beat(self.run, self.started):
            raise Stopped

    def end(self, state: State, reason: str = "", result: dict[str, Any] | None = None) -> bool:
        """End the run, as soon as the store takes it. False if it has ended before or is another's now.

        A store that fails, say because the disk is full, is tried again and again: else the run would be
        running for ever.
        """
        pause = LOOK
        while True:
            try:
                return self.store.end(self.run, state, reason, result, self.started)
            except (StoreError, SQLAlchemyError, OSError) as error:
                if pause == LOOK:
                    cause = FULL_DISK if disk_is_full(error) else str(error).partition("\n")[0]
                    log.warning("Cannot note yet that run %s is %s: %s Trying again.", self.run, state, cause)
            self._finished.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _watch(self) -> None:
        beaten = time.monotonic()
        while not self._finished.wait(LOOK):
            with contextlib.suppress(StoreError, SQLAlchemyError, OSError):  # it is tried again
                self._answer()
                if time.monotonic() - beaten >= BEAT:
                    beaten = time.monotonic()
                    self.over = not self.store.beat(self.run, self.started)

    def _answer(self) -> None:
        with self._lock:
            if self._if_stopped and self.store.control(self.run).stop:
                self.store.end(self.run, State.STOPPED, self._if_stopped, attempt=self.started)
                self.over = True
                self._if_stopped = ""
