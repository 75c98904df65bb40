"""What everybody who watches a run is shown, worked out once: thirty browsers ask for the same curves."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from dlcore.charts.curves import Measured
from dlcore.client import client
from dlcore.runs.states import State
from dlcore.runs.store import Run


def measured(run: Run) -> Measured:
    """Epochs, batches and events, as of the run's last sign of life. Not to be changed."""
    return _measured(run.id, run.state, run.heartbeat, run.ended)


@lru_cache(maxsize=64)
def _measured(run: str, state: State, heartbeat: float | None, ended: float | None) -> Measured:
    store = client().store
    return store.metrics(run, "epoch", 600), store.metrics(run, "batch", 400), store.events(run)


def epochs_kept(run: Run) -> list[int]:
    """Epochs after which there is something to look at, as of the run's last sign of life."""
    return _epochs_kept(run.id, run.state, run.heartbeat, run.ended)


@lru_cache(maxsize=64)
def _epochs_kept(run: str, state: State, heartbeat: float | None, ended: float | None) -> list[int]:
    names = client().store.artifacts.names(f"{run}/previews")
    return [int(name.split(".")[0]) for name in names]


def preview(run: Run, epoch: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was kept after an epoch, and the examples it is about. Raises OSError or ValueError."""
    return _preview(run.id, run.since, epoch)


@lru_cache(maxsize=64)
def _preview(run: str, since: float, epoch: int) -> tuple[dict[str, Any], dict[str, Any]]:
    kept: dict[str, Any] = client().store.artifacts.read_json(f"{run}/previews/{epoch:04d}.json")
    return kept, _examples(run, since)


def errors(run: Run) -> list[dict[str, Any]]:
    """Views of the test examples that a run which has ended is most wrong about."""
    return _errors(run.id, run.ended)


@lru_cache(maxsize=16)
def _errors(run: str, ended: float | None) -> list[dict[str, Any]]:
    try:
        views: list[dict[str, Any]] = client().store.artifacts.read_json(f"{run}/errors.json")
    except (OSError, ValueError):  # of an earlier version, or no longer kept
        return []
    return views


def examples(run: Run) -> dict[str, Any]:
    """The examples that a training looks at again and again. Raises OSError or ValueError."""
    return _examples(run.id, run.since)


@lru_cache(maxsize=64)
def _examples(run: str, since: float) -> dict[str, Any]:
    examples: dict[str, Any] = client().store.artifacts.read_json(f"{run}/examples.json")
    return examples


@lru_cache(maxsize=64)
def drawn(draw: Callable[..., Any], run: str, since: float, epoch: int, classes: tuple[str, ...]) -> Any:
    """A drawing of what was kept after an epoch: ``draw(preview, examples, classes)``."""
    return draw(*_preview(run, since, epoch), classes)
