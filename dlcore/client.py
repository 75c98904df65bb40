"""What pages may call. It names jobs and reads the store; it never imports Keras.

The engine is started in the background, once for the whole process; until its worker is there a page
can do everything that needs no network to run, and says that it waits for the rest.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dlcore import models
from dlcore.connection import Connection
from dlcore.datasets import Dataset
from dlcore.models import ModelInfo
from dlcore.processes import is_alive, kill, this_process
from dlcore.recipe import Recipe
from dlcore.settings import settings
from dlcore.states import ACTIVE, State
from dlcore.store import Run, Store, open_store

log = logging.getLogger(__name__)
GRACE = 15.0
"""Seconds a training has to stop by itself before its worker is replaced."""
SILENCE = 120.0
"""Seconds without a sign of life after which a run on another machine is lost."""


@dataclass(frozen=True)
class Visitor:
    """Who asks: an id that a browser keeps, and whether the teacher's password was given."""

    id: str
    teacher: bool = False

    def may_change(self, run: Run) -> bool:
        """A run belongs to the browser that started it; a teacher may change every run."""
        return self.teacher or run.owner == self.id

    @property
    def seen_by(self) -> str | None:
        """Whose view of the store it is: everybody sees shared runs and their own, a teacher (None) all."""
        return None if self.teacher else self.id


class Refused(RuntimeError):
    """Something a visitor may not do; the message says why."""


class Client(Connection):
    """The process's connection to its engine, and the runs it has handed over."""

    def __init__(self) -> None:
        super().__init__()
        self.store: Store = open_store()
        self.name = this_process()
        self.futures: dict[str, Any] = {}
        self.runs_done = 0
        self._reaped = 0.0

    def _begun(self) -> None:
        self.futures.clear()
        self.reap()

    # -- runs ---------------------------------------------------------------------------------

    def submit(self, recipe: Recipe, visitor: Visitor, name: str = "") -> str:
        """Queue a run and return its id. Raises Refused if the visitor has too many waiting."""
        if not self.may_use(recipe.dataset, visitor):
            raise Refused("These images belong to somebody else; upload your own to train on them.")
        limit = settings().max_queued
        if self.store.count(owner=visitor.id, states=ACTIVE) >= limit:
            raise Refused(f"You already have {limit} unfinished runs; wait for one to end, or stop one.")
        run = self.store.create(recipe, visitor.id, name, self.name)
        self._hand_over(run)
        return run

    def resume(self, run: str, visitor: Visitor) -> None:
        """Go on with a stopped, failed or lost run from its last checkpoint."""
        self._check(run, visitor)
        if self.store.requeue(run, self.name):
            self._hand_over(run)

    def _hand_over(self, run: str) -> None:
        """Give a queued run to the engine, in the background: it may have to be started first."""

        def submit() -> None:
            try:
                from distributed import fire_and_forget

                from dlcore.engine import call

                dask = self.connect()
                future = dask.submit(
                    call,
                    "train",
                    {"run": run},
                    key=f"train-{run}-{time.time_ns()}",
                    resources={"train": 1},
                    retries=0,
                )
                fire_and_forget(future)  # a lab's run outlives this process
                self.futures[run] = future
                future.add_done_callback(lambda done: self._after(run, done))
            except Exception as error:
                log.exception("submit")
                self.store.end(run, State.FAILED, f"The compute engine did not start: {error}")

        threading.Thread(target=submit, daemon=True).start()

    def _after(self, run: str, future: Any) -> None:
        """A training is over: see that its state says so, and replace a worn worker."""
        if self.futures.get(run) is future:
            del self.futures[run]
        killed = future.status == "error" and type(future.exception()).__name__ == "KilledWorker"
        gone = future.status in ("cancelled", "lost")
        if (killed or gone) and self.store.run(run).state is State.QUEUED:
            # It only waited at a worker that another run took down, or at an engine that ended.
            self._hand_over(run)
            return
        if killed:
            reason = "The worker process died while training (killed, crashed or out of memory)."
            self.store.end(run, State.FAILED, f"{reason} Resume goes on from the last checkpoint.")
        elif future.status == "error":
            self.store.end(run, State.FAILED, f"The training failed: {future.exception()}")
        elif gone:
            self.store.end(run, State.LOST, "The compute engine went away. Resume goes on.")
        self.runs_done += 1
        self._recycle()

    def _recycle(self) -> None:
        """TensorFlow keeps 5-10 MB of every training; an idle worker that has grown is replaced."""
        if self.futures or self._dask is None or settings().scheduler:
            return
        options = settings()
        workers = self._dask.scheduler_info()["workers"]
        used = max((worker["metrics"]["memory"] for worker in workers.values()), default=0)
        if self.runs_done >= options.recycle_runs or used > options.recycle_mb * 2**20:
            self.runs_done = 0
            self._dask.restart_workers(list(workers), raise_for_error=False)

    def stop(self, run: str, visitor: Visitor) -> None:
        """Ask a run to stop; it answers at its next batch, and by force after ``GRACE`` seconds."""
        self._check(run, visitor)
        self.store.ask(run, stop=True)
        if self.store.run(run).state is State.QUEUED:
            self.store.end(run, State.STOPPED, "Stopped before it began.")
        if run in self.futures:
            timer = threading.Timer(GRACE, self._force, [run])
            timer.daemon = True
            timer.start()

    def wait_for_end(self, run: str, seconds: float) -> bool:
        """Whether the run has ended, or ends within so many seconds."""
        deadline = time.monotonic() + seconds
        while not (ended := self.store.run(run).state.is_terminal) and time.monotonic() < deadline:
            time.sleep(0.03)
        return ended

    def _force(self, run: str) -> None:
        """End the worker of a training that does not stop; a new one comes up by itself."""
        found = self.store.run(run)
        future = self.futures.pop(run, None)
        if found.state.is_terminal or future is None or self._dask is None:
            return
        self.store.end(run, State.STOPPED, f"It did not answer for {GRACE:g} s and was ended.")
        # Cancel first: a worker that goes away under a task has the task done again.
        future.cancel()
        if is_alive(found.worker):
            kill(found.worker)
        else:
            self._dask.restart_workers(list(self._dask.processing()), raise_for_error=False)

    def control(self, run: str, visitor: Visitor, **wishes: Any) -> None:
        """Pause, go on, advance one batch or epoch, change the learning rate."""
        self._check(run, visitor)
        self.store.ask(run, **wishes)

    def rename(self, run: str, visitor: Visitor, name: str) -> None:
        self._check(run, visitor)
        self.store.rename(run, name)

    def delete(self, run: str, visitor: Visitor) -> None:
        """Delete a run that has ended."""
        self._check(run, visitor)
        if not self.store.run(run).state.is_terminal:
            raise Refused("A run that is under way cannot be deleted; stop it first.")
        self.store.delete(run)

    def share(self, run: str, visitor: Visitor, shared: bool) -> None:
        """Let everybody see a run on own data, or no longer."""
        self._check(run, visitor)
        self.store.share(run, shared)

    def run(self, run: str, visitor: Visitor) -> Run:
        """The run, if the visitor may see it. Raises UnknownRun, also where it is somebody else's own."""
        return self.store.run(run, visitor.seen_by)

    def may_use(self, dataset: Dataset, visitor: Visitor) -> bool:
        """Whether the data set may be opened: uploaded images by who uploaded them, and the teacher."""
        upload = getattr(dataset, "id", "")
        return not upload or visitor.teacher or self.store.owns_upload(upload, visitor.id)

    def _check(self, run: str, visitor: Visitor) -> None:
        if not visitor.may_change(self.store.run(run)):
            raise Refused("This run belongs to somebody else; only its owner or a teacher may do that.")

    def reap(self) -> None:
        """Runs whose process is gone become lost; looked at most every five seconds."""
        if time.monotonic() - self._reaped < 5:
            return
        self._reaped = time.monotonic()
        for run in self.store.list_runs(states=ACTIVE, limit=1000):
            if run.id in self.futures:
                continue  # ours: Dask tells
            alive = is_alive(run.worker)
            silent = time.time() - (run.heartbeat or run.created) > SILENCE
            if alive is False or (alive is None and silent and run.state is not State.QUEUED):
                self.store.end(
                    run.id, State.LOST, "The app or its worker went away during this run. Resume goes on."
                )

    # -- models -------------------------------------------------------------------------------

    def models(self, visitor: Visitor) -> list[ModelInfo]:
        """Shipped models and the finished runs that the visitor may see, newest first."""
        return models.available(self.store, seen_by=visitor.seen_by)

    def model(self, name: str, visitor: Visitor) -> ModelInfo:
        """The model of that name, if the visitor may see it. Raises UnknownModel."""
        return models.find(self.store, name, seen_by=visitor.seen_by)


_first = threading.Lock()


@lru_cache(maxsize=1)
def _client() -> Client:
    return Client()


def client() -> Client:
    """The one of this process."""
    with _first:  # many sessions may be the first at once
        return _client()
