"""A network: layers in a row, from the shape of one example to the answer.

The description (shapes, parameters, FLOPs) needs no Keras; only :meth:`Network.build` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from dlcore.layers import Layer, LayerError, Shape

if TYPE_CHECKING:
    import keras

BYTES = 4  # float32


@dataclass(frozen=True)
class Row:
    """One layer of the table that `describe` prints."""

    name: str
    type: str
    output_shape: Shape
    parameters: int
    flops: int


class NetworkError(ValueError):
    """The layer at ``index`` cannot stand there."""

    def __init__(self, index: int, message: str):
        super().__init__(message)
        self.index = index


@dataclass(frozen=True)
class Network:
    """Layers in a row. ``l1`` and ``l2`` weigh the size of every kernel into the loss."""

    input_shape: Shape
    layers: tuple[Layer, ...]
    l1: float = 0.0
    l2: float = 0.0

    def rows(self) -> list[Row]:
        """Name, type, output shape, parameters and FLOPs of every layer.

        Raises NetworkError with the index of the first layer that cannot follow its predecessor.
        """
        shape, found, seen = self.input_shape, [], dict[str, int]()
        for index, layer in enumerate(self.layers):
            try:
                after = layer.output_shape(shape)
            except LayerError as error:
                raise NetworkError(index, str(error)) from error
            seen[layer.type] = seen.get(layer.type, 0) + 1
            name = f"{layer.type.lower()}_{seen[layer.type]}"
            found.append(Row(name, layer.type, after, layer.parameters(shape), layer.flops(shape)))
            shape = after
        return found

    def describe(self) -> dict[str, Any]:
        """Totals and layers. ``memory`` is bytes: weights, and the activations of one example."""
        rows = self.rows()
        parameters = sum(row.parameters for row in rows)
        activations = prod(self.input_shape) + sum(prod(row.output_shape) for row in rows)
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

    def build(self, seed: int, precision: str = "float32") -> keras.Model:
        """The Keras model, with weights that depend on ``seed`` and on nothing else.

        Every layer gets a seed of its own because the global one is shared with whatever else the
        process does (a prediction in another thread would change what a training draws). ``precision``
        is a Keras dtype policy, given to every layer for the same reason; the answer stays float32.
        """
        import keras

        stack: list[Any] = [keras.Input(self.input_shape, name="input")]
        for index, (layer, row) in enumerate(zip(self.layers, self.rows(), strict=True)):
            last = index == len(self.layers) - 1
            dtype = "float32" if last else precision
            arguments = layer.arguments() | {"name": row.name, "dtype": dtype}
            kind = getattr(keras.layers, layer.type)
            if layer.type in ("Dense", "Conv2D"):
                arguments["kernel_initializer"] = keras.initializers.GlorotUniform(seed=1000 * seed + index)
                if self.l1 or self.l2:
                    arguments["kernel_regularizer"] = keras.regularizers.L1L2(self.l1, self.l2)
            if layer.type == "Dropout":
                arguments["seed"] = 1000 * seed + index
            stack.append(kind(**arguments))
        return keras.Sequential(stack)
