"""What every data set tells about itself, and the three parts it is split into."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from dlcore.architectures.base import Problem
from dlcore.fields import Strict, number
from dlcore.layers import Shape

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all while a data set is downloaded."""


class DatasetError(RuntimeError):
    """Data that cannot be had; the message says what failed and what works instead."""


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


class Dataset(Strict):
    """A data set with its options. What describes it is known without loading anything.

    Most of it holds for the whole class; ``input_shape`` and ``classes`` may also depend on the options,
    so ask an instance for those.
    """

    modality: ClassVar[Literal["points", "image"]]
    source: ClassVar[Literal["embedded", "download", "upload"]] = "embedded"
    task: ClassVar[Literal["classification"]] = "classification"
    title: ClassVar[str]
    description: ClassVar[str]
    licence: ClassVar[str]
    input_shape: ClassVar[Shape]
    classes: ClassVar[tuple[str, ...]]
    own: ClassVar[str] = ""
    """Of a visitor's own data: what others see of it when a run is shared. Until then its owner sees the
    run, and the teacher."""
    handwriting: ClassVar[bool] = False
    """White strokes on black: a photo of ink is turned into that before it is classified."""
    suggested_epochs: ClassVar[int]
    """Enough for the usual network, and short enough to wait for."""

    name: str = ""

    @property
    def problem(self) -> Problem:
        return Problem(self.input_shape, self.classes)

    @property
    def missing(self) -> str:
        """What the visitor still has to do before there is any data; empty where nothing is."""
        return ""

    @property
    def training_examples(self) -> int:
        """How many examples the training part has, known without loading."""
        raise NotImplementedError

    def load(self, seed: int, report: Progress | None = None) -> Split:
        """Load or make the data; the same seed gives the same split.

        Raises DatasetError when it cannot be had, say without a network.
        """
        raise NotImplementedError


def validation_field(usual: float = 0.15) -> Any:
    """The field of a validation share."""
    about = "Held back to watch the training."
    return number(usual, 0.05, 0.4, "Validation share", about, step=0.05)


def test_field() -> Any:
    """The field of a test share."""
    return number(0.15, 0.05, 0.4, "Test share", "Held back for the final mark.", step=0.05)


def divide(
    x: np.ndarray, y: np.ndarray, shares: tuple[float, float], rng: np.random.Generator
) -> tuple[Part, Part, Part]:
    """Shuffle, then cut into training, validation and test parts.

    ``shares`` are those of validation and test. Every class keeps its proportion in every part.
    """
    order = rng.permutation(len(x))
    # Sorted by each example's relative place within its own class, any stretch holds the classes in
    # the proportion of the whole.
    place = np.empty(len(x))
    for label in np.unique(y):
        members = order[y[order] == label]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    order = order[np.argsort(place[order], kind="stable")]  # equal places stay in random order
    validation, test = (round(share * len(x)) for share in shares)
    cuts = np.split(order, [len(x) - validation - test, len(x) - test])
    parts = [Part(x[chosen], y[chosen]) for chosen in map(rng.permutation, cuts)]
    return parts[0], parts[1], parts[2]
