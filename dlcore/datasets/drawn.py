"""A distribution drawn by hand: points that a visitor has put into the plane, and the space around them."""

from __future__ import annotations

import textwrap
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field

from dlcore.datasets.points import Points
from dlcore.fields import derived, number

MAX_POINTS = 300
"""In one colour: a link can hold them."""

Coordinate = Annotated[float, Field(ge=-3, le=3), AfterValidator(lambda value: round(value, 2))]
Stroke = Annotated[tuple[tuple[Coordinate, Coordinate], ...], Field(max_length=MAX_POINTS)]


def _arc(centre: tuple[float, float], radius: float, start: float, end: float, count: int) -> Stroke:
    """Evenly spaced points on a part of a circle; angles in turns, counter-clockwise from the right."""
    angle = 2 * np.pi * np.linspace(start, end, count)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius + np.array(centre)
    return tuple((x, y) for x, y in (points.round(2) + 0.0).tolist())  # no -0.0


FACE = _arc((0, 0), 2.4, 0, 47 / 48, 48)
SMILE = (*_arc((0, -0.1), 1.4, 0.58, 0.92, 18), (-0.8, 0.8), (0.8, 0.8), (-0.8, 0.95), (0.8, 0.95))


class Drawn(Points):
    """Every drawn point is as likely as any other of its colour; ``noise`` is how far one strays from it."""

    name: Literal["drawn"] = "drawn"
    title: ClassVar[str] = "Drawn by you"
    order: ClassVar[int] = 11
    editor: ClassVar[str] = "plane"
    to_do: ClassVar[tuple[str, str]] = (
        "Draw some points into the plane first.",
        "Draw in a second colour too",
    )
    description: ClassVar[str] = "Your own distribution, drawn with the mouse in one or two colours."
    licence: ClassVar[str] = "drawn by you"
    own: ClassVar[str] = "the points you have drawn"

    orange: Stroke = FACE
    blue: Stroke = SMILE
    noise: float = number(
        0.1, 0, 1, "Spread", "Standard deviation of the points around what was drawn.", step=0.02
    )

    @property
    def missing(self) -> str:
        return "" if self.strokes else "expected at least one drawn point, received none"

    @property
    def colours(self) -> dict[str, Stroke]:
        """What was drawn in each colour; those without a point are left out."""
        drawn = {"orange": self.orange, "blue": self.blue}
        return {name: points for name, points in drawn.items() if points}

    @derived
    def classes(self) -> tuple[str, ...]:
        return tuple(self.colours)

    @property
    def strokes(self) -> tuple[Stroke, ...]:
        return tuple(self.colours.values())

    def code(self, seed: int) -> str:
        return super().code(seed).replace("self.strokes", "strokes")

    def code_before(self) -> str:
        points = textwrap.fill(str([list(stroke) for stroke in self.strokes]), 96)
        return f"# drawn points (x, y), one list for each colour\nstrokes = {points}\n"

    def place(self, labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        points = np.empty((len(labels), 2))
        for label, stroke in enumerate(self.strokes):
            points[labels == label] = rng.choice(np.array(stroke), (labels == label).sum())
        return points + self.noise * rng.normal(size=points.shape)
