"""What every layer can say of itself without Keras: shapes, parameters, FLOPs and Keras' arguments.

Shapes leave the batch dimension out: ``(28, 28, 1)`` is an image, ``(24, 3)`` a series of 24 steps of three
values, ``(64,)`` a list of 64 numbers. FLOPs are those of one forward pass of one example; a
multiplication and an addition count as two.
"""

from __future__ import annotations

import importlib
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from dlcore.fields import Strict

if TYPE_CHECKING:
    import keras

Shape = tuple[int, ...]
Value = TypeVar("Value")
ActivationName = Literal["relu", "sigmoid", "tanh", "gelu", "selu", "swish", "linear"]
Padding = Literal["same", "valid"]

ACTIVATION_HELP = "The function after the sum. Without one, stacked layers are only one layer."


class LayerError(ValueError):
    """A layer that does not fit in its place; the message says why."""


def size(shape: Shape) -> str:
    """(8, 8, 32) as "8×8×32", (64,) as "64"."""
    return "×".join(str(n) for n in shape)


class Layer(Strict):
    """One layer: a Keras class name and its arguments."""

    keras_defaults: ClassVar[dict[str, Any]] = {
        "strides": 1,
        "padding": "valid",
        "return_sequences": False,
        "dropout": 0,
        "recurrent_dropout": 0,
    }
    """Arguments that need not be written, because Keras has the same values."""

    reads_tokens: ClassVar[bool] = False
    """Whether it takes whole numbers, which name something, rather than numbers that measure."""
    looks: ClassVar[bool] = False
    """Whether it is attention, whose weights can be looked at."""
    source: ClassVar[str] = ""
    """The module of :mod:`dlcore.layers.own` with its Keras class; empty where Keras has it."""

    type: str

    def output_shape(self, shape: Shape) -> Shape:
        """The shape after this layer. Raises LayerError if it cannot follow ``shape``."""
        return shape

    def join(self, *shapes: Shape) -> Shape:
        """The same for a layer that may take the values of several others: most take those of one."""
        (shape,) = shapes
        return self.output_shape(shape)

    def taken(self, values: list[Value]) -> list[Any]:
        """The arguments of its call: the value it takes, or a list of several."""
        return [values if len(values) > 1 else values[0]]

    def parameters(self, shape: Shape) -> int:
        """Weights and biases, the non-trainable statistics of batch normalisation included."""
        return 0

    def flops(self, shape: Shape) -> int:
        return 0

    def values(self, shape: Shape) -> int:
        """Numbers that it answers with on its way, where they are more than those of its output; else 0."""
        return 0

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the Keras class of the same name."""
        return self.model_dump(exclude={"type"})

    def code(self, arguments: str) -> str:
        """The layer as Keras code."""
        return f"{'' if self.source else 'keras.layers.'}{self.type}({arguments})"

    @property
    def keras_class(self) -> Any:
        """The Keras class: Keras' own, or one of :mod:`dlcore.layers.own`."""
        import keras

        if not self.source:
            return getattr(keras.layers, self.type)
        return getattr(importlib.import_module(f"dlcore.layers.own.{self.source}"), self.type)

    def build(self, name: str, seed: int, dtype: str, regularizer: keras.Regularizer | None) -> keras.Layer:
        """The Keras layer; what is random in it depends on ``seed`` alone."""
        layer: keras.Layer = self.keras_class(**self.arguments(), name=name, dtype=dtype)
        return layer

    def _image(self, shape: Shape) -> tuple[int, int, int]:
        if len(shape) != 3:
            raise LayerError(
                f"{self.type} needs an image (height×width×channels), but the layer before "
                f"gives {size(shape)} number{'s' if prod(shape) > 1 else ''}; "
                "it must come before Flatten, on image data"
            )
        return shape[0], shape[1], shape[2]


class Weighted(Layer):
    """A layer with a kernel: it is drawn at random before the training, and may be regularised."""

    def build(self, name: str, seed: int, dtype: str, regularizer: keras.Regularizer | None) -> keras.Layer:
        import keras

        layer: keras.Layer = self.keras_class(
            **self.arguments(),
            name=name,
            dtype=dtype,
            kernel_initializer=keras.initializers.GlorotUniform(seed=seed),
            kernel_regularizer=regularizer,
        )
        return layer
