"""What a run needs to go on where it was cut off."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from typing import Any

import keras

from dlcore.callbacks.telemetry import TrainingFailed
from dlcore.runs.store import Store

EVERY = 2.0
"""Seconds from one checkpoint to the next, at least."""
USUAL = 0.08
"""Seconds that one may take; one that takes twice as long comes half as often: the training goes before."""
KEPT = 2
ENDING = ".weights.h5"
NAME = re.compile(rf"(\d+)(?:\.after(\d+))?{re.escape(ENDING)}")
"""The epochs done and, in phase two, those of phase one among them."""


class Checkpoint(keras.callbacks.Callback):
    """Weights, optimiser and random state after an epoch, at most every two seconds, so that a run can resume.

    A checkpoint is one file whose name says the epoch, and it is there whole or not at all. Should one be
    unreadable all the same, the one before serves, or the run begins again; an event says which. A checkpoint of phase
    two is of another optimiser: the run goes on in that phase.

    Args:
        store: Where the checkpoints go, as ``RUN/checkpoint/EPOCH.weights.h5``.
        run: The run's id.
    """

    async_safe = True  # it does nothing of its own at the end of a batch

    def __init__(self, store: Store, run: str):
        super().__init__()
        self.store, self.run, self.folder = store, run, f"{run}/checkpoint"
        self.saved, self.cost = time.monotonic(), 0.0
        self.done = 0  # batches of this epoch
        self.epochs: int | None = None  # done, once the training has begun
        self.phase_one = _place(names[-1])[1] if (names := self._names()) else 0
        """The epochs of phase one, once that is over."""

    def on_train_begin(self, logs: Any = None) -> None:
        if self.epochs is not None:
            self.phase_one = self.epochs
            self._keep()
            return
        self.epochs, message = self._restore()
        self.model._initial_epoch = self.epochs
        self.store.rewind(self.run, self.epochs)
        if message:
            self.store.add_event(self.run, self.epochs, message)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.done = batch + 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        whole = self.done == self.params["steps"]  # else it was stopped within the epoch
        self.epochs = epoch + 1
        if whole and time.monotonic() - self.saved >= EVERY * max(1.0, self.cost / USUAL):
            self._keep()

    def _keep(self) -> None:
        phase = f".after{self.phase_one}" if self.phase_one else ""
        name = f"{self.folder}/{self.epochs:06d}{phase}{ENDING}"
        began = time.monotonic()
        self.store.artifacts.write(name, _packed(self.model), durable=True)
        for old in self._names()[:-KEPT]:
            self.store.artifacts.delete(f"{self.folder}/{old}")
        self.saved = time.monotonic()
        self.cost = self.saved - began

    def _names(self) -> list[str]:
        """The oldest first."""
        names = self.store.artifacts.names(self.folder)
        return sorted(filter(NAME.fullmatch, names), key=_place)

    def _restore(self) -> tuple[int, str]:
        """Load the newest checkpoint that can be read. The epochs done, and what there is to say of it."""
        names = [name for name in self._names()[::-1] if _place(name)[1] == self.phase_one]
        if not names:
            began = self.store.last_step(self.run, "batch") >= 0
            return 0, "began again: there was no checkpoint yet" if began else ""
        fresh = _packed(self.model)  # a file that breaks off may have been loaded in part
        damaged = ""
        for name in names:
            epoch, _ = _place(name)
            try:
                _unpack(self.model, self.store.artifacts.read(f"{self.folder}/{name}"))
                return epoch, f"resumed after epoch {epoch}{damaged}"
            except Exception:  # HDF5 fails in as many ways as a file can be damaged
                damaged = f": the checkpoint after epoch {epoch} cannot be read"
        if self.phase_one:  # what phase one has learned is in them
            self.store.artifacts.delete(self.folder)
            raise TrainingFailed("No checkpoint of phase two can be read. Resume: the run begins again.")
        _unpack(self.model, fresh)
        return 0, "began again: no checkpoint can be read"


def _place(name: str) -> tuple[int, int]:
    """The epochs done and, in phase two, those of phase one; else 0."""
    found = NAME.fullmatch(name)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)


def _packed(model: keras.Model) -> bytes:
    if not model.optimizer.built:
        model.optimizer.build(model.trainable_variables)
    with tempfile.TemporaryDirectory(prefix="dlcore-") as folder:
        path = Path(folder, f"model{ENDING}")
        model.save_weights(path)
        return path.read_bytes()


def _unpack(model: keras.Model, packed: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="dlcore-") as folder:
        path = Path(folder, f"model{ENDING}")
        path.write_bytes(packed)
        model.load_weights(path)
