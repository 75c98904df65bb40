"""What a run needs to go on where it was cut off."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from typing import Any

import keras

from dlcore.runs.store import Store

EVERY = 2.0
"""Seconds from one checkpoint to the next, at least."""
KEPT = 2
ENDING = ".weights.h5"
NAME = re.compile(rf"\d+{re.escape(ENDING)}")


class Checkpoint(keras.callbacks.Callback):
    """Weights, optimiser and random state after an epoch, at most every two seconds, so that a run can resume.

    A checkpoint is one file whose name says the epoch, and it is there whole or not at all. Should one be
    unreadable all the same, the one before serves, or the run begins again; an event says which.

    Args:
        store: Where the checkpoints go, as ``RUN/checkpoint/EPOCH.weights.h5``.
        run: The run's id.
    """

    async_safe = True  # it does nothing of its own at the end of a batch

    def __init__(self, store: Store, run: str):
        super().__init__()
        self.store, self.run, self.folder = store, run, f"{run}/checkpoint"
        self.saved = time.monotonic()
        self.done = 0  # batches of this epoch
        self.phase = 0

    def on_train_begin(self, logs: Any = None) -> None:
        self.phase += 1
        if self.phase > 1:  # of other weights and another optimiser: resumed, a run goes through it whole
            return
        epoch, message = self._restore()
        self.model._initial_epoch = epoch
        self.store.rewind(self.run, epoch)
        if message:
            self.store.add_event(self.run, epoch, message)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.done = batch + 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        whole = self.done == self.params["steps"]  # else it was stopped within the epoch
        if whole and self.phase == 1 and time.monotonic() - self.saved >= EVERY:
            name = f"{self.folder}/{epoch + 1:06d}{ENDING}"
            self.store.artifacts.write(name, _packed(self.model), durable=True)
            for old in self._names()[:-KEPT]:
                self.store.artifacts.delete(f"{self.folder}/{old}")
            self.saved = time.monotonic()

    def _names(self) -> list[str]:
        return [name for name in self.store.artifacts.names(self.folder) if NAME.fullmatch(name)]

    def _restore(self) -> tuple[int, str]:
        """Load the newest checkpoint that can be read. The epochs done, and what there is to say of it."""
        names = self._names()[::-1]
        if not names:
            began = self.store.last_step(self.run, "batch") >= 0
            return 0, "began again: there was no checkpoint yet" if began else ""
        if not self.model.optimizer.built:
            self.model.optimizer.build(self.model.trainable_variables)
        fresh = _packed(self.model)  # a file that breaks off may have been loaded in part
        damaged = ""
        for name in names:
            epoch = int(name.removesuffix(ENDING))
            try:
                _unpack(self.model, self.store.artifacts.read(f"{self.folder}/{name}"))
                return epoch, f"resumed after epoch {epoch}{damaged}"
            except Exception:  # HDF5 fails in as many ways as a file can be damaged
                damaged = f": the checkpoint after epoch {epoch} cannot be read"
        _unpack(self.model, fresh)
        return 0, "began again: no checkpoint can be read"


def _packed(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory(prefix="dlcore-") as folder:
        path = Path(folder, f"model{ENDING}")
        model.save_weights(path)
        return path.read_bytes()


def _unpack(model: keras.Model, packed: bytes) -> None:
    with tempfile.TemporaryDirectory(prefix="dlcore-") as folder:
        path = Path(folder, f"model{ENDING}")
        path.write_bytes(packed)
        model.load_weights(path)
