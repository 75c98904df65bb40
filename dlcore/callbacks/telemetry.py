"""Metrics, progress and events of a training, written to the store."""

from __future__ import annotations

import math
import statistics
import time

import keras

from dlcore.recipe import Recipe
from dlcore.runs.store import Store

WRITE = 0.25
"""Seconds between writes of what was measured."""
POINTS_PER_SECOND = 10


class TrainingFailed(RuntimeError):
    """A training that cannot go on; the message says why and what to do."""


class Telemetry(keras.callbacks.Callback):
    """Write metrics, progress and events to the store.

    Every epoch is written, and at most ten batches a second. The values of a batch are Keras' running
    means since the epoch began.

    Args:
        store: Where to write.
        run: The run's id.
        recipe: What is trained.
        examples: Training examples in an epoch.
        device: Name of the device, shown beside the curve.
    """

    async_safe = False  # the order of batches matters here

    def __init__(self, store: Store, run: str, recipe: Recipe, examples: int, device: str):
        super().__init__()
        self.store, self.run, self.recipe = store, run, recipe
        self.examples, self.device = examples, device
        self.rows: list[tuple[int, float, dict[str, float]]] = []
        self.epoch_seconds: list[float] = []
        self.batches_done, self.batch_seconds = 0, 0.0
        self.began = self.ended = 0.0  # the epoch, the batch
        self.learning_rate = 0.0

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.epochs, self.batches = self.params["epochs"], self.params["steps"]
        self.steps = {kind: self.store.last_step(self.run, kind) for kind in ("batch", "epoch")}
        self.best_epoch, self.best_loss = 0, math.inf
        for row in self.store.metrics(self.run, "epoch"):  # a resumed run goes on where it was
            self._remember_best(round(row["epoch"]), row.get("val_loss", math.inf))
        self.written = self.pointed = 0.0
        self.learning_rate = float(self.model.optimizer.learning_rate)
        if self.batches_done:
            message = f"phase two, learning rate {self.learning_rate:.3g}"
            self.store.add_event(self.run, self.epoch + 1, message)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        now = time.monotonic()
        if self.batches_done > self.batches:  # the first epoch has TensorFlow's tracing in it
            self.epoch_seconds.append(now - self.began)
        self.epoch, self.done, self.began, self.ended = epoch, 0, now, now

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        now, logs = time.monotonic(), logs or {}
        self.done = batch + 1
        if self.batches_done:  # the first has tracing in it
            self.batch_seconds += now - self.ended
        self.batches_done += 1
        self.ended = now
        self._check(logs)
        if now - self.pointed >= 1 / POINTS_PER_SECOND or batch + 1 == self.batches:
            self.pointed = now
            self.steps["batch"] += 1
            done = self.epoch + (batch + 1) / self.batches
            self.rows.append((self.steps["batch"], done, _rounded(logs)))
        if now - self.written >= WRITE:
            self._write(batch + 1)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self.done < self.batches:  # stopped within it: a part of an epoch is no point of the curve
            return
        logs = _rounded(logs or {})
        self._check(logs)
        self.steps["epoch"] += 1
        self._remember_best(epoch + 1, logs.get("val_loss", math.inf))
        self.store.add_metrics(self.run, "epoch", [(self.steps["epoch"], epoch + 1, logs)])
        self._note_learning_rate(epoch + 1)
        self._write(self.batches)

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        if self.began:  # a run resumed after its last epoch has none
            self._write(self.done)

    def _check(self, logs: dict[str, float]) -> None:
        for name, value in logs.items():
            if not math.isfinite(value):
                called = name.removeprefix("val_").replace("_", " ")
                raise TrainingFailed(
                    f"The {called} became {value} in epoch {self.epoch + 1}: "
                    f"{self.recipe.architecture.cure(self.learning_rate)} and train again."
                )

    def _remember_best(self, epoch: int, loss: float) -> None:
        if loss < self.best_loss:
            self.best_epoch, self.best_loss = epoch, loss

    def _note_learning_rate(self, epoch: int) -> None:
        now, before = float(self.model.optimizer.learning_rate), self.learning_rate
        if before and abs(now / before - 0.5) < 1e-3:
            self.store.add_event(self.run, epoch, f"learning rate halved to {now:.3g}")
        self.learning_rate = now

    def _epoch_seconds(self) -> float | None:
        """How long an epoch takes; None until there is enough to go by."""
        if self.epoch_seconds:
            return statistics.median(self.epoch_seconds[-5:])
        if self.batch_seconds < 1:
            return None
        return self.batch_seconds / (self.batches_done - 1) * self.batches

    def _write(self, batch: int) -> None:
        self.written = time.monotonic()
        self.store.add_metrics(self.run, "batch", self.rows)
        self.rows = []
        elapsed = self.written - self.began
        share = batch / self.batches
        epoch_seconds = self._epoch_seconds()
        left = self.epochs - self.epoch - share
        self.store.progress(
            self.run,
            {
                "phase": "training",
                "epoch": self.epoch + 1,
                "epochs": self.epochs,
                "batch": batch,
                "batches": self.batches,
                "seconds_left": epoch_seconds and round(epoch_seconds * left, 1),
                "examples_per_second": round(self.examples * share / max(elapsed, 1e-9)),
                "device": self.device,
                "learning_rate": self.learning_rate,
                "best_epoch": self.best_epoch,
            },
        )


def _rounded(logs: dict[str, float]) -> dict[str, float]:
    """Six digits mean something; more only make the store larger."""
    return {name: float(f"{value:.6g}") for name, value in logs.items()}
