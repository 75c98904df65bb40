"""What there is to look at after an epoch, and while a training is paused."""

from __future__ import annotations

import time
from typing import Any

import keras

from dlcore.datasets.base import Split
from dlcore.recipe import Recipe
from dlcore.runs.store import Store


class Previews(keras.callbacks.Callback):
    """Keep what there is to look at after an epoch: the first, the last, and those a quarter second apart.

    Args:
        store: Where the previews go, as ``RUN/previews/EPOCH.json``.
        run: The run's id.
        recipe: What is trained.
        split: The data; its validation part is what previews show.
        at_most: Previews a run keeps; beyond that every second one goes.
    """

    def __init__(self, store: Store, run: str, recipe: Recipe, split: Split, at_most: int = 200):
        super().__init__()
        self.store, self.run, self.recipe, self.split = store, run, recipe, split
        self.at_most, self.stride, self.last = at_most, 1, 0.0
        self.cost = 0.0  # seconds that one takes: the training goes before
        self.last_snapshot: dict[str, Any] | None = None

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.epochs = self.params["epochs"]
        self.stride = max(1, -(-self.epochs // self.at_most))
        name = f"{self.run}/examples.json"
        if not self.store.artifacts.exists(name):
            self.store.artifacts.write_json(name, self._examples())

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        done, now = epoch + 1, time.monotonic()
        wanted = done % self.stride == 0 and now - self.last >= max(0.25, 5 * self.cost)
        if wanted or done in (1, self.epochs):
            name = f"{self.run}/previews/{done:04d}.json"
            self.store.artifacts.write_json(name, self._preview())
            self.last = time.monotonic()
            self.cost = self.last - now

    def snapshot(self, done: float, learner: str) -> None:
        """Keep what there is to look at while a generative training is held, as ``RUN/snapshot.json``.

        ``batch`` counts the batches done, ``learner`` says who learned; ``before`` is the snapshot before
        it, so that a page can say what one batch has changed.
        """
        if not self.recipe.task.snapshots:
            return
        batch = round(done * self.params["steps"])
        now = self._preview() | {"epoch": done, "batch": batch, "learner": learner}
        self.store.artifacts.write_json(f"{self.run}/snapshot.json", now | {"before": self.last_snapshot})
        self.last_snapshot = now

    def _examples(self) -> dict[str, Any]:
        return self.recipe.task.examples(self.recipe, self.split)

    def _preview(self) -> dict[str, Any]:
        return self.recipe.task.preview(self.model, self.recipe, self.split)
