"""Where in a text a token is, added to what it is (Vaswani et al. 2017, section 3.5)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("dlcore")
class Positions(keras.layers.Layer):
    """A vector for each place, learned or of sines, added to the vector of the token there.

    Takes and gives (batch, steps, width), of at most ``length`` steps. With sines the tokens are multiplied by √width, as
    in the paper, or the sines would drown them.
    """

    def __init__(
        self, length: int, learned: bool = True, initializer: Any = "uniform", **options: Any
    ) -> None:
        super().__init__(**options)
        self.length, self.learned, self.initializer = length, learned, keras.initializers.get(initializer)
        self.supports_masking = True

    def build(self, shape: Any) -> None:
        if self.learned:
            self.table = self.add_weight((self.length, shape[-1]), self.initializer, name="table")
        self.built = True

    def call(self, x: Any) -> Any:
        steps, width = ops.shape(x)[1], x.shape[-1]
        if self.learned:
            return x + ops.cast(self.table[:steps], x.dtype)
        return x * width**0.5 + ops.cast(sines(self.length, width), x.dtype)[:steps]

    def get_config(self) -> dict[str, Any]:
        own = {"length": self.length, "learned": self.learned}
        return super().get_config() | own | {"initializer": keras.initializers.serialize(self.initializer)}


def sines(length: int, width: int) -> np.ndarray:
    """(length, width): sines of ever longer waves, then cosines of the same."""
    waves = 10_000.0 ** (-np.arange((width + 1) // 2) / max(1, width // 2))
    angles = np.arange(length)[:, None] * waves
    table: np.ndarray = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)[:, :width].astype("float32")
    return table
