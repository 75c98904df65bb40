"""A run as the store gives it, and what may be wrong with a request for one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from dlcore.recipe import Recipe
from dlcore.runs.states import State


@dataclass(frozen=True)
class Run:
    """A recipe being trained or having been trained. Times are seconds since 1970."""

    id: str
    name: str
    owner: str
    recipe: dict[str, Any]
    state: State
    reason: str
    worker: str
    created: float
    started: float | None
    ended: float | None
    heartbeat: float | None
    progress: dict[str, Any]
    result: dict[str, Any]
    queue: str
    since: float
    shared: bool

    @property
    def seconds(self) -> float:
        """How long it has run so far, in seconds."""
        return (self.ended or time.time()) - self.started if self.started else 0.0

    def parsed(self) -> Recipe:
        """Raises RecipeError where the recipe is damaged or of another version."""
        return Recipe.stored(self.recipe)


@dataclass(frozen=True)
class Control:
    """Requests to a running training, which looks at least every 0.3 s."""

    stop: bool = False
    pause: bool = False
    advance: str | None = None
    learning_rate: float | None = None
    learner: str | None = None
    """Of a GAN: only the "discriminator" or only the "generator" learns; None or "both": both do."""


class UnknownRun(LookupError):
    """There is no run of that id."""


class QueueFull(RuntimeError):
    """There are as many unfinished runs as there may be; the message says whose."""


def run_of(row: Any) -> Run:
    """The run in a row of the table."""
    known = {
        "state": State(row["state"]) if row["state"] in set(State) else State.LOST,  # of another version
        "queue": row["queue"] or "",
        "since": row["since"] or row["created"],
    }
    return Run(**(dict(row) | known))
