"""Data as arrays: examples with what is to be learned of them, and the three parts they are split into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcore.language.vocabulary import Vocabulary

Data = Any
"""An array whose first axis counts examples, or a dictionary of such."""


def mapped(change: Callable[[Any], Any], data: Data) -> Data:
    """``change`` of an array, or of each in a dictionary."""
    if isinstance(data, dict):
        return {name: change(array) for name, array in data.items()}
    return change(data)


def count(data: Data) -> int:
    """The number of examples."""
    return len(next(iter(data.values())) if isinstance(data, dict) else data)


def scaled(x: Data) -> Data:
    """As a network takes it: float32, of which uint8 is divided by 255; tokens (other integers) stay int32."""

    def one(array: np.ndarray) -> np.ndarray:
        if array.dtype == np.uint8:
            return array.astype("float32") / np.float32(255)
        integer = np.issubdtype(array.dtype, np.integer)
        return array.astype("int32" if integer else "float32", copy=False)

    return mapped(one, x)


@dataclass(frozen=True)
class Part:
    """Examples, and labels ``y`` of shape (n,), int32.

    ``kept`` has them in little memory: float32 as they are, images as uint8 in 0-255, or tokens as int32. ``x``
    makes of it what a network takes, of shape (n, *input_shape), each time, so take a part first:
    ``part[:40].x``. Where an example is of several arrays, ``kept`` and ``x`` are dictionaries of them.
    """

    kept: Data
    y: np.ndarray
    texts: Data = None
    """Where examples are texts: these, before they became tokens, as arrays of str."""

    def __len__(self) -> int:
        return count(self.kept)

    def __getitem__(self, chosen: Any) -> Part:
        """The examples of a slice or of an array of places."""

        def of(array: Any) -> Any:
            return array[chosen]

        return Part(
            mapped(of, self.kept), self.y[chosen], None if self.texts is None else mapped(of, self.texts)
        )

    @property
    def x(self) -> Data:
        return scaled(self.kept)

    @property
    def nbytes(self) -> int:
        arrays = [*self.kept.values()] if isinstance(self.kept, dict) else [self.kept]
        texts = [*self.texts.values()] if isinstance(self.texts, dict) else [self.texts]
        characters = sum(sum(map(len, array)) for array in texts if array is not None)
        return self.y.nbytes + characters + sum(array.nbytes for array in arrays)


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
    vocabularies: dict[str, Vocabulary] = field(default_factory=dict)
    """Where examples are tokens: what they mean, as ``text`` or, of pairs, ``source`` and ``target``. Kept with the
    trained network."""

    def in_unit(self, values: np.ndarray) -> np.ndarray:
        """Standardised targets, or predictions of them, in the data's own unit."""
        mean, deviation = self.scale
        return values * deviation + mean
