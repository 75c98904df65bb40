"""What pages may call. It names jobs and reads the store; it never imports Keras.

The engine is started in the background, once for the whole process; until its worker is there a page
can do everything that needs no network to run, and says that it waits for the rest.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dlcore import models
from dlcore.compute.dispatch import Dispatcher
from dlcore.datasets import Dataset
from dlcore.models import ModelInfo
from dlcore.recipe import Recipe
from dlcore.runs.store import QueueFull, Run


@dataclass(frozen=True)
class Visitor:
    """A visitor: an id that a browser keeps, and whether the teacher's password was given."""

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


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except QueueFull as error:
        raise Refused(str(error)) from error


class Client(Dispatcher):
    """What visitors may do with runs and models."""

    # -- runs ---------------------------------------------------------------------------------

    def submit(self, recipe: Recipe, visitor: Visitor, name: str = "") -> str:
        """Queue a run and return its id. Raises Refused if the visitor has too many waiting."""
        if not self.may_use(recipe.dataset, visitor):
            raise Refused("This data belongs to somebody else; upload your own to train on it.")
        with _refusing():
            run = self.store.create(recipe, visitor.id, name, self.name, limited=True)
        self.attend()
        return run

    def resume(self, run: str, visitor: Visitor) -> None:
        """Go on with a stopped, failed or lost run from its last checkpoint. Raises Refused as submit does."""
        self._check(run, visitor)
        with _refusing():
            self.store.requeue(run, self.name, limited=True)
        self.attend()

    def stop(self, run: str, visitor: Visitor) -> None:
        """Ask a run to stop; it answers at its next batch, and by force after ``GRACE`` seconds."""
        self._check(run, visitor)
        self._stop(run)

    def wait_for_end(self, run: str, seconds: float) -> bool:
        """Whether the run has ended, or ends within ``seconds``."""
        deadline = time.monotonic() + seconds
        while not (ended := self.store.run(run).state.is_terminal) and time.monotonic() < deadline:
            time.sleep(0.03)
        return ended

    def control(self, run: str, visitor: Visitor, **changes: Any) -> None:
        """Pause, go on, advance one batch or epoch, change the learning rate."""
        self._check(run, visitor)
        self.store.request(run, **changes)

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
        """Whether the data set may be opened: an upload by who uploaded it, and the teacher."""
        upload = getattr(dataset, "id", "")
        return not upload or visitor.teacher or self.store.owns_upload(upload, visitor.id)

    def forget_upload(self, upload: str, visitor: Visitor) -> None:
        """Delete what a visitor has uploaded; the teacher may delete everybody's."""
        self.store.forget_upload(upload, None if visitor.teacher else visitor.id)

    def _check(self, run: str, visitor: Visitor) -> None:
        if not visitor.may_change(self.store.run(run)):
            raise Refused("This run belongs to somebody else; only its owner or a teacher may do that.")

    # -- models -------------------------------------------------------------------------------

    def models(self, visitor: Visitor) -> list[ModelInfo]:
        """Shipped models and the finished runs that the visitor may see, newest first."""
        return models.available(self.store, seen_by=visitor.seen_by)

    def offered(self) -> list[ModelInfo]:
        """Networks that are not here and can be downloaded."""
        return [info for info in models.downloads() if not info.at_hand]

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
