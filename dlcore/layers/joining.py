"""Layers that take the values of several others: where branches of a network meet again."""

from __future__ import annotations

from math import prod
from typing import Literal

from dlcore.layers.base import Layer, LayerError, Shape, size


class Add(Layer):
    """The sum of equal shapes: a skip connection ends here (He et al. 2015)."""

    type: Literal["Add"] = "Add"

    def join(self, *shapes: Shape) -> Shape:
        if len(set(shapes)) > 1:
            raise LayerError(f"Add needs equal shapes, received {' and '.join(map(size, shapes))}")
        return shapes[0]

    def flops(self, shape: Shape) -> int:
        return prod(shape)


class Concatenate(Layer):
    """Lays the channels of several branches side by side (Szegedy et al. 2014)."""

    type: Literal["Concatenate"] = "Concatenate"

    def join(self, *shapes: Shape) -> Shape:
        if len({shape[:-1] for shape in shapes}) > 1:
            raise LayerError(
                f"Concatenate needs shapes that differ in the last place alone, "
                f"received {' and '.join(map(size, shapes))}"
            )
        return (*shapes[0][:-1], sum(shape[-1] for shape in shapes))


class Multiply(Layer):
    """The product, value by value; one value a step weighs all values of that step."""

    type: Literal["Multiply"] = "Multiply"

    def join(self, *shapes: Shape) -> Shape:
        if len({shape[:-1] for shape in shapes}) > 1:
            raise LayerError(f"Multiply needs as many steps, received {' and '.join(map(size, shapes))}")
        return max(shapes)

    def flops(self, shape: Shape) -> int:
        return prod(shape)
