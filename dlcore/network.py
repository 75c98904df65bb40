"""A network: a graph of layers, from the shape of one example to the answer. Most are a chain.

The description (shapes, parameters, FLOPs) needs no Keras; only :meth:`Network.build` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from math import prod
from typing import TYPE_CHECKING, Any

from dlcore.layers import Layer, LayerError, Shape, Weighted

if TYPE_CHECKING:
    import keras

BYTES = 4  # float32
INPUT = -1
"""The place of the network's input among its layers."""


@dataclass(frozen=True)
class Row:
    """One layer of the table that `describe` prints."""

    name: str
    type: str
    output_shape: Shape
    parameters: int
    flops: int
    values: int = 0
    """Numbers that it answers with on its way; 0: those of its shape."""


class NetworkError(ValueError):
    """The layer at ``index`` does not fit there."""

    def __init__(self, index: int, message: str):
        super().__init__(message)
        self.index = index


@dataclass(frozen=True)
class Network:
    """Layers, each after those it takes its values from. ``l1`` and ``l2`` weigh every kernel into the loss.

    A chain needs no more than its layers. Where there are branches, ``inputs`` has for each layer the places
    of the layers before it (:data:`INPUT` for the example itself), and ``names`` what they are called;
    :class:`Graph` writes both.
    """

    input_shape: Shape
    layers: tuple[Layer, ...]
    l1: float = 0.0
    l2: float = 0.0
    inputs: tuple[tuple[int, ...], ...] = ()
    names: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    """Of each layer what its seed has of its own; empty: its place."""

    @property
    def chain(self) -> bool:
        """Whether every layer follows the one before it."""
        return not self.inputs

    @property
    def dtype(self) -> str:
        """Of an example: tokens are whole numbers."""
        tokens = any(layer.reads_tokens for i, layer in enumerate(self.layers) if INPUT in self.inputs_of(i))
        return "int32" if tokens else "float32"

    def inputs_of(self, index: int) -> tuple[int, ...]:
        """The places of the layers that layer ``index`` takes its values from."""
        return self.inputs[index] if self.inputs else (index - 1,)

    def rows(self) -> list[Row]:
        """Name, type, output shape, parameters and FLOPs of every layer.

        Raises NetworkError with the index of the first layer that cannot follow its predecessor.
        """
        shapes: dict[int, Shape] = {INPUT: self.input_shape}
        rows, seen = [], dict[str, int]()
        for index, layer in enumerate(self.layers):
            before = [shapes[i] for i in self.inputs_of(index)]
            try:
                shapes[index] = layer.join(*before)
            except LayerError as error:
                raise NetworkError(index, str(error)) from error
            seen[layer.type] = seen.get(layer.type, 0) + 1
            name = (self.names and self.names[index]) or f"{layer.type.lower()}_{seen[layer.type]}"
            counts = (count(before[0]) for count in (layer.parameters, layer.flops, layer.values))
            rows.append(Row(name, layer.type, shapes[index], *counts))
        return rows

    def describe(self) -> dict[str, Any]:
        """Totals and layers. ``memory`` is bytes: weights, and the activations of one example."""
        rows = self.rows()
        parameters = sum(row.parameters for row in rows)
        activations = prod(self.input_shape) + sum(row.values or prod(row.output_shape) for row in rows)
        return {
            "parameters": parameters,
            "flops": sum(row.flops for row in rows),
            "memory": {"weights": BYTES * parameters, "activations": BYTES * activations},
            "input_shape": list(self.input_shape),
            "layers": [
                {
                    "name": row.name,
                    "type": row.type,
                    "output_shape": list(row.output_shape),
                    "parameters": row.parameters,
                    "flops": row.flops,
                }
                for row in rows
            ],
        }

    def build(self, seed: int, precision: str = "float32", name: str | None = None) -> keras.Model:
        """The Keras model, with weights that depend on ``seed`` and on nothing else.

        Every layer gets a seed of its own because the global one is shared with whatever else the
        process does (a prediction in another thread would change what a training draws). ``precision``
        is a Keras dtype policy, given to every layer for the same reason; the answer stays float32.
        """
        import keras

        regularizer = keras.regularizers.L1L2(self.l1, self.l2) if self.l1 or self.l2 else None
        last, numbers = len(self.layers) - 1, self.numbers or range(len(self.layers))
        built = [
            layer.build(row.name, 1000 * seed + number, "float32" if i == last else precision, regularizer)
            for i, (layer, row, number) in enumerate(zip(self.layers, self.rows(), numbers, strict=True))
        ]
        example = keras.Input(self.input_shape, name="input", dtype=self.dtype)
        if self.chain:
            return keras.Sequential([example, *built], name=name)
        values = {INPUT: example}
        for index, layer in enumerate(built):
            before = [values[i] for i in self.inputs_of(index)]
            values[index] = layer(*self.layers[index].taken(before))
        return keras.Model(example, values[last], name=name)


def counted(layers: Iterable[Layer], first: int = 0) -> tuple[int, ...]:
    """For each layer how many with a kernel come before it, counted from ``first``."""
    return tuple(accumulate((isinstance(layer, Weighted) for layer in layers), initial=first))[:-1]


class Graph:
    """Layers as they are put down, where a network has branches: each call gives the place of its layer.

    Example::

        graph = Graph()
        x = graph.add(Dense(units=8))            # after the layer before it
        y = graph.add(Dense(units=8), x)         # after x
        graph.add(Add(), x, y)                   # a skip connection
    """

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.inputs: list[tuple[int, ...]] = []
        self.names: list[str] = []

    def add(self, layer: Layer, *after: int, name: str = "") -> int:
        """Put a layer down after others, or after the one put down last, and return its place."""
        self.inputs.append(after or (len(self.layers) - 1,))
        self.layers.append(layer)
        self.names.append(name)
        return len(self.layers) - 1

    def chain(self, layers: Iterable[Layer], *after: int, name: str = "") -> int:
        """Put layers down in a row; ``name`` is that of the first."""
        place = after
        for i, layer in enumerate(layers):
            place = (self.add(layer, *place, name=name if i == 0 else ""),)
        return place[0]

    def network(self, input_shape: Shape, l1: float = 0.0, l2: float = 0.0) -> Network:
        return Network(input_shape, tuple(self.layers), l1, l2, tuple(self.inputs), tuple(self.names))
