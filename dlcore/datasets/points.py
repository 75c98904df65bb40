"""Points in the plane, in two or more classes: small enough to see everything a network does.

The shapes are those of TensorFlow Playground and scikit-learn. Coordinates lie within about ±3.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any, ClassVar, Literal

import numpy as np

from dlcore.datasets.base import (
    Dataset,
    Part,
    Predict,
    Progress,
    Split,
    balance,
    divide,
    split_code,
    test_field,
    validation_field,
)
from dlcore.fields import number
from dlcore.layers import Shape
from dlcore.previews import boundary


class Points(Dataset):
    """Made from a formula, so any number of them can be had."""

    modality: ClassVar[str] = "points"
    order: ClassVar[int] = 10
    licence: ClassVar[str] = "made by a formula; no licence needed"
    input_shape: ClassVar[Shape] = (2,)
    classes: ClassVar[tuple[str, ...]] = ("orange", "blue")
    suggested_epochs: ClassVar[int] = 60

    examples: int = number(1000, 100, 5000, "Points", "How many points there are.", step=100)
    noise: float = number(
        0.1, 0, 1, "Noise", "How far points stray from their shape, as a share of it.", step=0.05
    )
    validation_share: float = validation_field()
    test_share: float = test_field()

    @property
    def training_examples(self) -> int:
        held_back = (round(self.validation_share * self.examples), round(self.test_share * self.examples))
        return self.examples - sum(held_back)

    def load(self, seed: int, report: Progress | None = None) -> Split:
        rng = np.random.default_rng(seed)
        part = self.draw(self.examples, rng)
        shares = (self.validation_share, self.test_share)
        return Split(*divide(part.x, part.y, shares, rng))

    def draw(self, count: int, rng: np.random.Generator) -> Part:
        """Any number of points, as many of each class."""
        labels = np.arange(count) % len(self.classes)
        return Part(self.place(labels, rng).astype("float32"), labels.astype("int32"))

    def place(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Points of shape (n, 2), one for each label."""
        raise NotImplementedError

    def views(self, split: Split) -> list[dict[str, Any]]:
        x, y = split.train.x.round(3).tolist(), split.train.y.tolist()
        points = {"kind": "points", "x": x, "y": y, "classes": list(self.classes), "title": self.title}
        return [points, balance(split, self.classes)]

    def examples_view(self, part: Part) -> dict[str, Any]:
        return {"x": part.x[:500].round(3).tolist(), "y": part.y[:500].tolist()}

    def predictions_view(self, predict: Predict, part: Part) -> dict[str, Any]:
        return boundary(predict, part)

    def errors_view(self, split: Split, worst: np.ndarray, answers: dict[str, list[Any]]) -> dict[str, Any]:
        """The worst among the other test points."""
        return {
            "kind": "wrong points",
            "x": split.test[worst].x.round(3).tolist(),
            "answers": answers,
            "others": self.examples_view(split.test),
            "classes": list(self.classes),
        }

    def code(self, seed: int) -> str:
        """The body of the data set's own ``place``, so that there is only one formula to be right."""
        source = textwrap.dedent(inspect.getsource(type(self).place))
        body = textwrap.dedent(source[source.index("\n") + 1 :])
        body = body.replace("self.noise", str(self.noise))
        body = body.replace("len(self.classes)", str(len(self.classes)))
        body = re.sub(r"^return ", "x = ", body, flags=re.MULTILINE).rstrip()
        code = (
            f"{self.code_before()}"
            f"rng = np.random.default_rng({seed})\n"
            f"labels = np.arange({self.examples}) % {len(self.classes)}\n"
            f"{body}\n"
            'x, y = x.astype("float32"), labels'
        )
        return split_code(code, self.validation_share, self.test_share)

    def code_before(self) -> str:
        """Lines that define what ``place`` uses beside ``labels`` and ``rng``."""
        return ""


class Spiral(Points):
    name: Literal["spiral"] = "spiral"
    title: ClassVar[str] = "Spiral"
    description: ClassVar[str] = "Two arms wound around each other: no straight line parts them."

    def place(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        along = np.sqrt(rng.uniform(0.01, 1, len(labels)))  # even density along the arm
        angle = 1.75 * 2 * np.pi * along + labels * np.pi
        points = 3 * along[:, None] * np.stack([np.sin(angle), np.cos(angle)], axis=1)
        return points + 0.5 * self.noise * rng.normal(size=points.shape)


class Moons(Points):
    name: Literal["moons"] = "moons"
    title: ClassVar[str] = "Moons"
    description: ClassVar[str] = "Two half circles that reach into each other."

    def place(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        angle = rng.uniform(0, np.pi, len(labels)) + labels * np.pi
        centre = np.stack([labels - 0.5, 0.5 * labels - 0.25], axis=1)
        points = 1.8 * (centre + np.stack([np.cos(angle), np.sin(angle)], axis=1))
        return points + 1.5 * self.noise * rng.normal(size=points.shape)


class Circles(Points):
    name: Literal["circles"] = "circles"
    title: ClassVar[str] = "Circles"
    description: ClassVar[str] = "A disc inside a ring: distance from the middle decides."

    def place(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        inner = np.sqrt(rng.uniform(0, 1.2**2, len(labels)))
        outer = np.sqrt(rng.uniform(1.9**2, 2.9**2, len(labels)))
        angle = rng.uniform(0, 2 * np.pi, len(labels))
        radius = np.where(labels == 0, outer, inner)
        points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return points + 1.5 * self.noise * rng.normal(size=points.shape)


class Xor(Points):
    name: Literal["xor"] = "xor"
    title: ClassVar[str] = "XOR"
    description: ClassVar[str] = "Opposite corners belong together: one neuron alone cannot do it."

    def place(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        points = rng.uniform(0.25, 2.8, (len(labels), 2)) * rng.choice([-1, 1], (len(labels), 1))
        points[:, 1] *= np.where(labels == 1, 1, -1)  # blue: both signs alike
        return points + 1.5 * self.noise * rng.normal(size=points.shape)


class Gaussians(Points):
    name: Literal["gaussians"] = "gaussians"
    title: ClassVar[str] = "Gaussians"
    description: ClassVar[str] = "Three round clouds: where they overlap, nobody can be sure."
    classes: ClassVar[tuple[str, ...]] = ("orange", "blue", "green")

    def place(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        angle = 2 * np.pi * labels / len(self.classes) + np.pi / 2
        centres = 1.7 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return centres + (0.4 + 1.5 * self.noise) * rng.normal(size=centres.shape)


class Ring(Points):
    name: Literal["ring"] = "ring"
    title: ClassVar[str] = "Ring of clouds"
    description: ClassVar[str] = (
        "Eight small clouds on a circle: a network that invents points may forget some of them."
    )
    classes: ClassVar[tuple[str, ...]] = (
        *("orange", "blue", "green", "pink", "violet", "light blue", "brown", "red"),
    )

    def place(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        angle = 2 * np.pi * labels / len(self.classes)
        centres = 2.2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return centres + (0.05 + self.noise) * rng.normal(size=centres.shape)
