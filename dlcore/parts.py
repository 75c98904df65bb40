"""Data as arrays: examples with what is to be learned of them, and the three parts they are split into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


def scaled(x: np.ndarray) -> np.ndarray:
    """float32; uint8 is divided by 255."""
    if x.dtype == np.uint8:
        return x.astype("float32") / np.float32(255)
    return x.astype("float32", copy=False)


@dataclass(frozen=True)
class Part:
    """Examples, and labels ``y`` of shape (n,), int32.

    ``kept`` has them in little memory: float32 as they are, or images as uint8 in 0-255. ``x`` makes float32
    of shape (n, *input_shape) of it each time, so take a part first: ``part[:40].x``.
    """

    kept: np.ndarray
    y: np.ndarray

    def __len__(self) -> int:
        return len(self.kept)

    def __getitem__(self, chosen: Any) -> Part:
        """The examples of a slice or of an array of places."""
        return Part(self.kept[chosen], self.y[chosen])

    @property
    def x(self) -> np.ndarray:
        return scaled(self.kept)

    @property
    def nbytes(self) -> int:
        return self.kept.nbytes + self.y.nbytes


@dataclass(frozen=True)
class Split:
    """Training data; validation data, looked at after every epoch; test data, looked at once."""

    train: Part
    validation: Part
    test: Part
    scale: tuple[float, float] = (0.0, 1.0)
    """Mean and standard deviation of the targets in the data's own unit, where they are numbers; in the parts
    they are standardised, which lets a network begin where it matters."""
    columns: tuple[Any, Any] = (0.0, 1.0)
    """The same of each column of the examples, where they are rows of a table."""

    def in_unit(self, values: np.ndarray) -> np.ndarray:
        """Standardised targets, or predictions of them, in the data's own unit."""
        mean, deviation = self.scale
        return values * deviation + mean
