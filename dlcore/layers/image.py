"""Layers that look at images through windows, and those that make images larger again."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar, Literal

from dlcore.fields import choice, number
from dlcore.layers.base import ACTIVATION_HELP, ActivationName, Layer, LayerError, Padding, Shape, Weighted


class Conv2D(Weighted):
    type: Literal["Conv2D"] = "Conv2D"
    filters: int = number(32, 1, 1024, "Filters", "Patterns this layer looks for.")
    kernel_size: int = number(3, 1, 11, "Kernel size", "Side of the window, in pixels.")
    strides: int = number(1, 1, 4, "Stride", "Pixels the window moves at a time.")
    padding: Padding = choice("valid", "Padding", "'same' keeps the size, 'valid' loses the rim.")
    activation: ActivationName = choice("relu", "Activation", ACTIVATION_HELP)

    def output_shape(self, shape: Shape) -> Shape:
        height, width, _ = self._image(shape)
        return (*_slide(self, height, width, self.kernel_size, self.strides), self.filters)

    def parameters(self, shape: Shape) -> int:
        return (self.kernel_size**2 * shape[-1] + 1) * self.filters

    def flops(self, shape: Shape) -> int:
        places = prod(self.output_shape(shape))
        return places * (2 * self.kernel_size**2 * shape[-1] + 1)


class ManyConv2D(Conv2D):
    """As many filters as a family's width asks for: not chosen, so without Conv2D's limit."""

    filters: int = number(32, 1, 10**6, "Filters", "Patterns this layer looks for.")


class UnbiasedConv2D(Conv2D):
    """Without a bias, because batch normalisation follows, which has one; as ResNet and its followers have it."""

    filters: int = number(32, 1, 10**6, "Filters", "Patterns this layer looks for.")
    use_bias: Literal[False] = False

    def parameters(self, shape: Shape) -> int:
        return self.kernel_size**2 * shape[-1] * self.filters

    def flops(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * 2 * self.kernel_size**2 * shape[-1]


class DepthwiseConv2D(Layer):
    """One window for each channel, which looks at that channel alone; without a bias (Sandler et al. 2018)."""

    type: Literal["DepthwiseConv2D"] = "DepthwiseConv2D"
    kernel_size: int = number(3, 1, 11, "Kernel size", "Side of the window, in pixels.")
    strides: int = number(1, 1, 4, "Stride", "Pixels the window moves at a time.")
    padding: Padding = choice("same", "Padding", "'same' keeps the size, 'valid' loses the rim.")
    use_bias: Literal[False] = False

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = self._image(shape)
        return (*_slide(self, height, width, self.kernel_size, self.strides), channels)

    def parameters(self, shape: Shape) -> int:
        return self.kernel_size**2 * shape[-1]

    def flops(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * 2 * self.kernel_size**2

    def build(self, name: str, seed: int, dtype: str, regularizer: Any) -> Any:
        import keras

        return keras.layers.DepthwiseConv2D(
            **self.arguments(),
            name=name,
            dtype=dtype,
            depthwise_initializer=keras.initializers.GlorotUniform(seed=seed),
            depthwise_regularizer=regularizer,
        )


class Rescaling(Layer):
    """Each value times ``scale`` plus ``offset``: from [0, 1] to the range a network was trained on."""

    type: Literal["Rescaling"] = "Rescaling"
    scale: float = 2.0
    offset: float = -1.0

    def flops(self, shape: Shape) -> int:
        return 2 * prod(shape)


class Resizing(Layer):
    """An image of another size: enlarged between its pixels, reduced by averaging them."""

    type: Literal["Resizing"] = "Resizing"
    height: int
    width: int
    antialias: Literal[True] = True

    def output_shape(self, shape: Shape) -> Shape:
        return (self.height, self.width, self._image(shape)[2])

    def flops(self, shape: Shape) -> int:
        return 8 * prod(self.output_shape(shape))


class Pooling2D(Layer):
    pool_size: int = number(2, 1, 8, "Pool size", "Side of the square that becomes one pixel.")
    padding: Padding = choice("valid", "Padding", "'same' keeps the rim, 'valid' drops it.")

    @property
    def strides(self) -> int:
        return self.pool_size

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = self._image(shape)
        return (*_slide(self, height, width, self.pool_size, self.strides), channels)

    def flops(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * self.pool_size**2


class MaxPooling2D(Pooling2D):
    type: Literal["MaxPooling2D"] = "MaxPooling2D"


class AveragePooling2D(Pooling2D):
    type: Literal["AveragePooling2D"] = "AveragePooling2D"


class OverlappingMaxPooling2D(Layer):
    """The strongest value of windows that overlap: the image may keep its size."""

    keras_defaults: ClassVar[dict[str, Any]] = {"padding": "valid"}

    type: Literal["MaxPooling2D"] = "MaxPooling2D"
    pool_size: int = 3
    strides: int = 1
    padding: Padding = "same"

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = self._image(shape)
        return (*_slide(self, height, width, self.pool_size, self.strides), channels)

    def flops(self, shape: Shape) -> int:
        return prod(self.output_shape(shape)) * self.pool_size**2


class GlobalAveragePooling2D(Layer):
    type: Literal["GlobalAveragePooling2D"] = "GlobalAveragePooling2D"

    def output_shape(self, shape: Shape) -> Shape:
        return (self._image(shape)[-1],)

    def flops(self, shape: Shape) -> int:
        return prod(shape)


class Conv2DTranspose(Weighted):
    """A convolution run backwards: each value is painted over a window, windows a stride apart."""

    type: Literal["Conv2DTranspose"] = "Conv2DTranspose"
    filters: int = number(32, 1, 1024, "Filters", "Pictures this layer paints.")
    kernel_size: int = number(3, 1, 11, "Kernel size", "Side of the window, in pixels.")
    strides: int = number(2, 1, 4, "Stride", "How many times larger the picture becomes.")
    padding: Literal["same"] = "same"
    activation: ActivationName = choice("relu", "Activation", ACTIVATION_HELP)

    def output_shape(self, shape: Shape) -> Shape:
        height, width, _ = self._image(shape)
        return (height * self.strides, width * self.strides, self.filters)

    def parameters(self, shape: Shape) -> int:
        return (self.kernel_size**2 * shape[-1] + 1) * self.filters

    def flops(self, shape: Shape) -> int:
        painted = prod(shape[:2]) * 2 * self.kernel_size**2 * shape[-1] * self.filters
        return painted + prod(self.output_shape(shape))


class UpSampling2D(Layer):
    """Every pixel becomes a square of equal ones."""

    type: Literal["UpSampling2D"] = "UpSampling2D"
    size: int = number(2, 1, 4, "Size", "How many times larger the picture becomes.")

    def output_shape(self, shape: Shape) -> Shape:
        height, width, channels = self._image(shape)
        return (height * self.size, width * self.size, channels)


def _slide(layer: Any, height: int, width: int, window: int, stride: int) -> tuple[int, int]:
    """Places of a square window: ceil(n / stride) when padded, else only where it fits."""
    if layer.padding == "same":
        return -(-height // stride), -(-width // stride)
    if window > min(height, width):
        raise LayerError(
            f"{layer.type} looks through a {window}×{window} window, but only {height}×{width} "
            "pixels are left; use a smaller window, padding 'same' or less pooling before it"
        )
    return (height - window) // stride + 1, (width - window) // stride + 1
