"""Callbacks between a training and the run store: they report, obey and keep what is needed to resume."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras

from dlcore import models
from dlcore.advice import cure
from dlcore.datasets.base import Split
from dlcore.generative.preview import generative_examples, generative_preview
from dlcore.previews import examples, preview
from dlcore.recipe import Recipe
from dlcore.store import Store

LOOK = 0.2
"""Seconds between looks at the control row."""
WRITE = 0.25
"""Seconds between writes of what was measured."""
POINTS_PER_SECOND = 10


def _rounded(logs: dict[str, float]) -> dict[str, float]:
    """Six digits mean something; more only make the store larger."""
    return {name: float(f"{value:.6g}") for name, value in logs.items()}


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
                    f"{cure(self.recipe, self.learning_rate)} and train again."
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


class Obey(keras.callbacks.Callback):
    """Do what the control row asks: stop, pause, one batch, one epoch, another learning rate or learner.

    Args:
        store: Where the wishes stand.
        run: The run's id.
        minutes: The longest this training may take.
        held: Called whenever the training comes to a halt, also after one batch, with the epochs done
            and the learner.
    """

    def __init__(
        self, store: Store, run: str, minutes: float, held: Callable[[float, str], None] | None = None
    ):
        super().__init__()
        self.store, self.run, self.held = store, run, held
        self.deadline = time.monotonic() + 60 * minutes
        self.minutes = minutes
        self.looked = 0.0
        self.due = False  # whether to look before the next batch, however soon that is
        self.stopped = False
        self.until_epoch_end = False
        self.applied: float | None = None
        self.learner = "both"

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self.epoch = epoch
        if self.until_epoch_end:
            self.until_epoch_end = False
            self.due = True  # pause before the first batch of this epoch

    def on_train_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._look(batch)

    def on_test_batch_begin(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if self.stopped:  # Keras forgets it at the start of every evaluation
            self.model.stop_evaluating = True
        else:
            self._look(None)

    def _look(self, batch: int | None) -> None:
        """``batch`` is None during validation, where a training cannot pause."""
        if self.due and batch is not None:
            self.due = False
        elif time.monotonic() - self.looked < LOOK:
            return
        paused = False
        while True:
            self.looked = time.monotonic()
            wish = self.store.control(self.run)
            if wish.learning_rate and wish.learning_rate != self.applied:
                self._set_learning_rate(wish.learning_rate, batch)
            if (wish.learner or "both") != self.learner:
                self._set_learner(wish.learner or "both", batch)
            if wish.stop or self.looked > self.deadline:
                self._stop(timed_out=not wish.stop, batch=batch)
                break
            if not wish.pause or self.until_epoch_end or batch is None:
                break
            if wish.advance:
                self.store.ask(self.run, advance=None)
                self.until_epoch_end = wish.advance == "epoch"
                self.due = True
                break
            if not paused:
                paused = True
                self.store.pause(self.run, True)
                if self.held:
                    self.held(self._done(batch), self.learner)
            time.sleep(LOOK / 2)
        if paused and not wish.pause:
            self.store.pause(self.run, False)

    def _set_learning_rate(self, value: float, batch: int | None) -> None:
        self.applied = value
        self.model.optimizer.learning_rate = value
        self._tell(batch, f"learning rate set to {value:.3g}")

    def _set_learner(self, learner: str, batch: int | None) -> None:
        self.learner = learner
        if hasattr(self.model, "let_learn"):  # any other network has one player
            self._tell(batch, self.model.let_learn(learner))

    def _done(self, batch: int | None) -> float:
        """Epochs done, with a fraction."""
        return float(self.epoch + (batch or 0) / self.params["steps"])

    def _tell(self, batch: int | None, message: str) -> None:
        self.store.add_event(self.run, self._done(batch), message)

    def _stop(self, *, timed_out: bool, batch: int | None) -> None:
        if self.stopped:
            return
        self.stopped = True
        self.model.stop_training = self.model.stop_evaluating = True
        if timed_out:
            self._tell(batch, f"time limit of {self.minutes:g} minutes reached")


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
        self.store, self.run, self.recipe, self.validation = store, run, recipe, split.validation
        self.at_most, self.stride, self.last = at_most, 1, 0.0
        self.last_still: dict[str, Any] | None = None

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.epochs = self.params["epochs"]
        self.stride = max(1, -(-self.epochs // self.at_most))
        name = f"{self.run}/examples.json"
        if not self.store.artifacts.exists(name):
            self.store.artifacts.write_json(name, self._examples())

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        done, now = epoch + 1, time.monotonic()
        wanted = done % self.stride == 0 and now - self.last >= 0.25
        if wanted or done in (1, self.epochs):
            name = f"{self.run}/previews/{done:04d}.json"
            self.store.artifacts.write_json(name, self._preview())
            self.last = time.monotonic()

    def still(self, done: float, learner: str) -> None:
        """Keep what there is to look at while a generative training is held, as ``RUN/still.json``.

        ``batch`` counts the batches done, ``learner`` says who learned; ``before`` is the still before
        it, so that a page can say what one batch has changed.
        """
        if not self.recipe.generative:
            return
        batch = round(done * self.params["steps"])
        now = self._preview() | {"epoch": done, "batch": batch, "learner": learner}
        self.store.artifacts.write_json(f"{self.run}/still.json", now | {"before": self.last_still})
        self.last_still = now

    def _examples(self) -> dict[str, Any]:
        if self.recipe.generative:
            return generative_examples(self.recipe, self.validation)
        return examples(self.recipe.dataset.modality, self.validation)

    def _preview(self) -> dict[str, Any]:
        if self.recipe.generative:
            return generative_preview(self.model, self.recipe, self.validation)
        return preview(self.model, self.recipe.dataset.modality, self.validation)


class LastGood(keras.callbacks.Callback):
    """The weights after the last epoch whose numbers were all finite, as a file's bytes in ``packed``."""

    def __init__(self) -> None:
        super().__init__()
        self.packed, self.epoch = b"", 0

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if all(math.isfinite(value) for value in (logs or {}).values()):
            self.packed, self.epoch = models.save(self.model), epoch + 1


class Checkpoint(keras.callbacks.BackupAndRestore):
    """Weights, optimiser and epoch after an epoch, at most every two seconds, so that a run can resume.

    Two generations are kept: a process killed while it writes leaves the one before.
    """

    async_safe = True  # it does nothing at the end of a batch

    def __init__(self, store: Store, run: str):
        folder = f"{run}/checkpoint"
        local = store.artifacts.local(folder) or store.options.home / "checkpoints" / run
        store.artifacts.download(folder, local)
        super().__init__(str(local), double_checkpoint=True, delete_checkpoint=False)
        self.store, self.run, self.local, self.folder = store, run, Path(local), folder
        self.saved = time.monotonic()

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        super().on_train_begin(logs)
        epoch = self.model._initial_epoch or 0
        self.store.rewind(self.run, epoch)
        if (self.local / "training_metadata.json").exists():
            self.store.add_event(self.run, epoch, f"resumed after epoch {epoch}")

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.done = batch + 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        whole = self.done == self.params["steps"]  # else it was stopped within the epoch
        if whole and time.monotonic() - self.saved >= 2:
            super().on_epoch_end(epoch, logs)
            self.store.artifacts.upload(self.local, self.folder)
            self.saved = time.monotonic()
