"""The layers a network is made of, as plain data, and what follows from them without Keras.

A network is a list of these. The same list is drawn, counted, checked, printed as code and built:
output shapes, parameters and FLOPs are computed here so that a page answers while a slider moves, and
a test holds every one of them against Keras' own.

Shapes leave the batch dimension out: ``(28, 28, 1)`` is a picture, ``(64,)`` a list of 64 numbers.
FLOPs are those of one forward pass of one example; a multiplication and an addition count as two.
"""

from __future__ import annotations

from math import prod
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from dlcore.fields import Strict, choice, number

Shape = tuple[int, ...]
ActivationName = Literal["relu", "sigmoid", "tanh", "gelu", "selu", "swish", "linear"]
Padding = Literal["same", "valid"]

ACTIVATION_HELP = "The function after the sum. Without one, stacked layers are only one layer."


class LayerError(ValueError):
    """A layer that cannot stand where it stands; the message says why."""


def size(shape: Shape) -> str:
    """(8, 8, 32) as "8×8×32", (64,) as "64"."""
    return "×".join(str(n) for n in shape)


class Layer(Strict):
    """One layer: a Keras class name and its arguments."""

    type: str

    def output_shape(self, shape: Shape) -> Shape:
        """The shape after this layer. Raises LayerError if it cannot follow ``shape``."""
        return shape

    def parameters(self, shape: Shape) -> int:
        """Weights and biases, the non-trainable statistics of batch normalisation included."""
        return 0

    def flops(self, shape: Shape) -> int:
        return 0

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the Keras class of the same name."""
        return self.model_dump(exclude={"type"})

    def _picture(self, shape: Shape) -> tuple[int, int, int]:
        if len(shape) != 3:
            raise LayerError(
                f"{self.type} needs a picture (height×width×channels), but the layer before "
                f"gives {size(shape)} number{'s' if prod(shape) > 1 else ''}; "
                "it must stand before Flatten, on picture data"
            )
        return shape[0], shape[1], shape[2]


class Dense(Layer):
    type: Literal["Dense"] = "Dense"
    units: int = number(64, 1, 4096, "Units", "Neurons in this layer.")
    activation: ActivationName = choice("relu", "Activation", ACTIVATION_HELP)

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise LayerError(
                f"{self.type} needs a flat list of numbers, but the layer before gives "
                f"{size(shape)}; put Flatten or GlobalAveragePooling2D before it"
            )
        return (self.units,)

    def parameters(self, shape: Shape) -> int:
        return (shape[-1] + 1) * self.units

    def flops(self, shape: Shape) -> int:
        return 2 * shape[-1] * self.units + self.units


class Output(Dense):
    """The last layer, which follows from the task: not chosen by the user."""

    type: Literal["Dense"] = "Dense"
    activation: Literal["softmax", "sigmoid"]  # type: ignore[assignment]


class Conv2D(Layer):
    type: Literal["Conv2D"] = "Conv2D"
    filters: int = number(32, 1, 1024, "Filters", "Patterns this layer looks for.")
    kernel_size: int = number(3, 1, 11, "Kernel size", "Side of the window, in pixels.")
    strides: int = number(1, 1, 4, "Stride", "Pixels the window moves at a time.")
    padding: Padding = choice("valid", "Padding", "'same' keeps the size, 'valid' loses the rim.")
    activation: ActivationName = choice("relu", "Activation", ACTIVATION_HELP)

    def output_shape(self, shape: Shape) -> Shape:
        height, width, _ = self._picture(shape)
        return (*_slide(self, height, width, self.kernel_size, self.strides), self.filters)

    def parameters(self, shape: Shape) -> int:
        return (self.kernel_size**2 * shape[-1] + 1) * self.filters

    def flops(self, shape: Shape) -> int:
        places = prod(self.output_shape(shape))
        return places * (2 * self.kernel_size**2 * shape[-1] + 1)


class _Pooling2D(Layer):
    pool_size: int = number(2, 1, 8, "Pool size", "Side of the square that becomes one pixel.")
    padding: Padding = choice("valid", "Padding", "'same' keeps the rim, 'valid' drops it.")

    @property
    def strides(self) -> int:
        return self.pool_size

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = self._picture(shape)
        return (*_slide(self, height, width, self.pool_size, self.strides), channels)

    def flops(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * self.pool_size**2


class MaxPooling2D(_Pooling2D):
    type: Literal["MaxPooling2D"] = "MaxPooling2D"


class AveragePooling2D(_Pooling2D):
    type: Literal["AveragePooling2D"] = "AveragePooling2D"


class GlobalAveragePooling2D(Layer):
    type: Literal["GlobalAveragePooling2D"] = "GlobalAveragePooling2D"

    def output_shape(self, shape: Shape) -> Shape:
        return (self._picture(shape)[-1],)

    def flops(self, shape: Shape) -> int:
        return prod(shape)


class Flatten(Layer):
    type: Literal["Flatten"] = "Flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)


class Dropout(Layer):
    type: Literal["Dropout"] = "Dropout"
    rate: float = number(0.25, 0, 0.9, "Rate", "Share of values set to 0 in training.", step=0.05)


class BatchNormalization(Layer):
    type: Literal["BatchNormalization"] = "BatchNormalization"

    def parameters(self, shape: Shape) -> int:
        return 4 * shape[-1]

    def flops(self, shape: Shape) -> int:
        return 2 * prod(shape)


class Activation(Layer):
    type: Literal["Activation"] = "Activation"
    activation: ActivationName = choice("relu", "Activation", ACTIVATION_HELP)

    def flops(self, shape: Shape) -> int:
        return prod(shape)


AnyLayer = Annotated[
    Dense
    | Conv2D
    | MaxPooling2D
    | AveragePooling2D
    | GlobalAveragePooling2D
    | Flatten
    | Dropout
    | BatchNormalization
    | Activation,
    Field(discriminator="type"),
]
LAYER_TYPES: dict[str, type[Layer]] = {
    cls.model_fields["type"].default: cls for cls in get_args(get_args(AnyLayer)[0])
}


def _slide(layer: Any, height: int, width: int, window: int, stride: int) -> tuple[int, int]:
    """Places a square window can stand in: ceil(n / stride) when padded, else only where it fits."""
    if layer.padding == "same":
        return -(-height // stride), -(-width // stride)
    if window > min(height, width):
        raise LayerError(
            f"{layer.type} looks through a {window}×{window} window, but only {height}×{width} "
            "pixels are left; use a smaller window, padding 'same' or less pooling before it"
        )
    return (height - window) // stride + 1, (width - window) // stride + 1
