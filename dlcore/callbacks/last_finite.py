"""The last weights that are worth keeping of a training that diverges."""

from __future__ import annotations

import math

import keras

from dlcore import models


class LastFinite(keras.callbacks.Callback):
    """The weights after the last epoch whose numbers were all finite, as a file's bytes in ``packed``."""

    def __init__(self) -> None:
        super().__init__()
        self.packed, self.epoch = b"", 0

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if all(math.isfinite(value) for value in (logs or {}).values()):
            self.packed, self.epoch = models.save(self.model), epoch + 1
