"""Sees to the runs that wait: hands them to the engine, one for each free worker, and notes how they end.

The queue is in the store, so that runs wait through the death of an engine, and of the app. A thread looks
every two seconds: at runs whose process has gone, at pauses while others wait, at worn workers.
"""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from dlcore.compute.connection import Connection
from dlcore.compute.engine import call
from dlcore.compute.processes import is_alive, this_process
from dlcore.runs.database import StoreError
from dlcore.runs.queue import Wait, estimate
from dlcore.runs.states import HELD, State
from dlcore.runs.store import Run, Store, UnknownRun, open_store
from dlcore.settings import settings

log = logging.getLogger(__name__)
GRACE = 15.0
"""Seconds a training has to stop by itself before its worker is replaced."""
SILENCE = 120.0
"""Seconds without a sign of life after which a process that cannot be looked at counts as gone."""
LOOK = 2.0
"""Seconds between looks at the queue."""


@dataclass(eq=False)
class HandedOver:
    """One attempt at a run that the engine has: ``since`` is the time at which the run was queued for it."""

    future: Any
    since: float
    deadline: float = math.inf
    """On the monotonic clock: a worker that has not answered Stop by then is ended."""
    why: str = ""
    """Why it is stopped, where nobody did it by hand."""
    settling: threading.Lock = field(default_factory=threading.Lock)


class Dispatcher(Connection):
    """A connection to the engine, and the runs it has handed over."""

    def __init__(self) -> None:
        super().__init__()
        self.store: Store = open_store()
        self.name = this_process()
        self.handed: dict[str, HandedOver] = {}
        self.runs_done = 0
        self._worn = False  # whether a training has ended since the worker was last looked at
        self._reaped = self._kept = 0.0
        self._turn = threading.Lock()
        self._due = threading.Event()
        self._thread: threading.Thread | None = None

    # -- the thread ---------------------------------------------------------------------------

    def attend(self) -> None:
        """See to the queue from now on, and at once."""
        with self._lock:
            if self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._attend, name="queue", daemon=True)
                self._thread.start()
        self._due.set()

    def _attend(self) -> None:
        logged = ""
        while not self._closed:
            self._due.clear()
            try:
                self._look()
                logged = ""
            except Exception as error:  # of the store, of the engine: pages tell it too
                if str(error) != logged:
                    log.warning("queue: %s", error)
                logged = str(error)
            self._due.wait(min([LOOK, *(each.deadline - time.monotonic() for each in self.handed.values())]))

    def close(self) -> None:
        super().close()
        self._due.set()

    def _look(self) -> None:
        for run, handed in list(self.handed.items()):
            if handed.future.done():
                self._settle(run, handed)
            elif time.monotonic() >= handed.deadline:
                self._force(run, handed)
        self.reap()
        self._adopt()
        self._end_pauses()
        self._hand_over()
        self._recycle()

    # -- handing over -------------------------------------------------------------------------

    def _adopt(self) -> None:
        """See to the waiting runs of processes that have ended."""
        if time.monotonic() - self._kept > SILENCE / 4:
            self._kept = time.monotonic()
            self.store.keep_waiting(self.name)
        for waiting in self.store.waiting():
            if waiting.queue != self.name and self._orphaned(self.store.run(waiting.run)):
                self.store.adopt(waiting.run, waiting.queue, self.name)

    def _orphaned(self, run: Run) -> bool:
        alive = is_alive(run.queue)
        return alive is False or (alive is None and _silent(run))

    def _hand_over(self) -> None:
        """Give the engine the next runs, as many as there are free workers; start it if it must be."""
        waiting = [each for each in self.store.waiting() if each.queue == self.name]
        if not waiting and not self.handed:
            return
        try:
            dask = self.connect()
        except Exception:  # pages show the problem
            return
        with self._turn:
            for run, _, _, since in waiting:
                if len(self.handed) >= self._workers():
                    break
                if run not in self.handed:
                    self._submit(dask, run, since)

    def _workers(self) -> int:
        """Trainings that may run at a time."""
        if self._engine is not None:
            return 1
        return max(1, len(self._dask.scheduler_info()["workers"]))

    def _submit(self, dask: Any, run: str, since: float) -> None:
        from distributed import fire_and_forget

        key = f"train-{run}-{time.time_ns()}"
        future = dask.submit(call, "train", {"run": run}, key=key, resources={"train": 1}, retries=0)
        fire_and_forget(future)  # a lab's run outlives this process
        self.handed[run] = handed = HandedOver(future, since)
        future.add_done_callback(lambda _: self._after(run, handed))

    # -- ends ---------------------------------------------------------------------------------

    def _after(self, run: str, handed: HandedOver) -> None:
        try:
            self._settle(run, handed)
        except Exception as error:  # the thread tries again
            log.warning("the end of run %s: %s", run, error)
        self.attend()

    def _settle(self, run: str, handed: HandedOver, gone: bool = False) -> None:
        """An attempt is over: see that the run's state says so, unless it is in other hands already."""
        with handed.settling:
            if self.handed.get(run) is not handed:
                return
            with contextlib.suppress(UnknownRun):  # deleted meanwhile
                self._note_end(self.store.run(run), handed, gone)
            del self.handed[run]
            self.runs_done += 1
            self._worn = True

    def _note_end(self, run: Run, handed: HandedOver, gone: bool) -> None:
        gone = gone or handed.future.status in ("cancelled", "lost")
        error = handed.future.exception() if handed.future.status == "error" and not gone else None
        killed = type(error).__name__ == "KilledWorker"
        if run.state in HELD:
            if gone and settings().scheduler:
                return  # a lab's worker goes on, and gives signs of life
            if gone:
                reason = "The compute engine went away. Resume goes on from the last checkpoint."
            elif killed:
                reason = (
                    "The worker process died while training (killed, crashed or out of memory). "
                    "Resume goes on from the last checkpoint."
                )
            else:
                reason = f"The training failed: {error}" if error else "The training ended without a result."
            self.store.end(run.id, State.LOST if gone else State.FAILED, reason, attempt=run.started)
        elif run.state is State.QUEUED and error and not killed and run.since == handed.since:
            self.store.end(run.id, State.FAILED, f"The training did not begin: {error}")
        elif handed.why:
            self.store.explain(run.id, handed.why)

    def _begun(self) -> None:
        """What an earlier engine trained is over; what only waited there waits on."""
        with contextlib.suppress(StoreError):  # the thread tries again; questions need no store
            for run, handed in list(self.handed.items()):
                self._settle(run, handed, gone=True)
            self.reap()

    # -- stopping -----------------------------------------------------------------------------

    def _stop(self, run: str, why: str = "") -> None:
        """Ask a run to stop; if it does not answer in ``GRACE`` seconds its worker is ended."""
        self.store.request(run, stop=True)
        if self.store.run(run).state is State.QUEUED:
            self.store.end(run, State.STOPPED, "Stopped before it began.")
        handed = self.handed.get(run)
        if handed is not None and handed.deadline == math.inf:
            handed.why, handed.deadline = why, time.monotonic() + GRACE
            self.attend()

    def _force(self, run: str, handed: HandedOver) -> None:
        """End the worker of an attempt that has not stopped; a new one comes up by itself.

        Not where the run has stopped, and perhaps been queued again: then the worker has answered.
        """
        row = self.store.run(run)
        handed.deadline = math.inf
        if row.state not in HELD or self._dask is None:
            return
        reason = f"It did not answer for {GRACE:g} s and was ended."
        self.store.end(run, State.STOPPED, reason, attempt=row.started)
        busy = [worker for worker, keys in self._dask.processing().items() if handed.future.key in keys]
        # Cancel first: a worker that goes away under a task has the task done again.
        handed.future.cancel()
        if self._engine is None or not self._engine.kill(row.worker):
            self._dask.restart_workers(busy, raise_for_error=False)

    def _end_pauses(self) -> None:
        """A pause that keeps others waiting is bounded; Resume goes on with the run later."""
        for run in self.store.list_runs(states=[State.PAUSED]):
            left = self.pause_left(run)
            if left is not None and left <= 0 and run.queue == self.name:
                minutes = settings().max_pause_minutes
                self._stop(
                    run.id,
                    f"Stopped after a pause of {minutes} min, because others waited. "
                    "Resume goes on from the last checkpoint.",
                )

    def pause_left(self, run: Run) -> float | None:
        """Seconds until a paused run is stopped in favour of those that wait; None if nobody waits."""
        waiting = self.store.waiting()
        if run.state is not State.PAUSED or not waiting:
            return None
        begun = max(run.since, min(each.since for each in waiting))
        return 60 * settings().max_pause_minutes - (time.time() - begun)

    # -- what is gone -------------------------------------------------------------------------

    def reap(self) -> None:
        """Runs that nobody holds any more become lost; looked at most every five seconds."""
        if time.monotonic() - self._reaped < 5:
            return
        self._reaped = time.monotonic()
        with self._turn:  # what is being handed over is in `handed` a moment later
            training = self.store.list_runs(states=HELD, limit=1000)
            abandoned = [run for run in training if run.id not in self.handed and self._abandoned(run)]
        for run in abandoned:
            reason = "The app or its worker went away during this run. Resume goes on."
            self.store.end(run.id, State.LOST, reason, attempt=run.started)

    def _abandoned(self, run: Run) -> bool:
        """Whether no process trains the run. That its worker lives is not enough: it may do other things."""
        if is_alive(run.worker) is False:
            return True
        if run.queue == self.name and not settings().scheduler:
            return True  # our engine's worker, and not handed over
        if is_alive(run.worker) and run.queue != self.name and is_alive(run.queue):
            return False  # the process that sees to it will tell
        return _silent(run)

    # -- worn workers -------------------------------------------------------------------------

    def _recycle(self) -> None:
        """TensorFlow keeps 5-10 MB of every training; an idle worker that has grown is replaced.

        Idle is one that neither trains nor answers nor downloads; questions that come meanwhile wait.
        """
        if not self._worn or settings().scheduler or self._dask is None:
            return
        options = settings()
        with self._lock, self._turn:
            if self.handed or any(not pending.done for pending in list(self._asked)):
                return
            workers = self._dask.scheduler_info()["workers"]
            used = max((worker["metrics"]["memory"] for worker in workers.values()), default=0)
            if self.runs_done >= options.recycle_runs or used > options.recycle_mb * 2**20:
                if self.request("downloading").result(10):
                    return
                self.runs_done, self._there_until = 0, 0.0
                self._dask.restart_workers(list(workers), raise_for_error=False)
            self._worn = False

    # -- the queue as a waiting visitor sees it -------------------------------------------------------

    def wait(self, run: Run) -> Wait | None:
        """The place of a queued run; None if it does not wait."""
        order = [each.run for each in self.store.waiting()]
        if run.id not in order:
            return None
        training = self.store.list_runs(states=HELD)
        place = order.index(run.id) + 1
        paused = any(each.state is State.PAUSED for each in training)
        left = [each.progress.get("seconds_left") for each in training]
        seconds = None if paused else estimate(place, left, self.store.last_durations())
        return Wait(place, seconds, paused, place == 1 and not training)


def _silent(run: Run) -> bool:
    return time.time() - (run.heartbeat or run.created) > SILENCE
