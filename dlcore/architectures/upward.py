"""Layers that make pictures larger again, described without Keras; the generators are made of them."""

from __future__ import annotations

from math import prod
from typing import Literal

from dlcore.fields import choice, number
from dlcore.layers import ACTIVATION_HELP, ActivationName, Dense, Layer, LayerError, Shape, size


class Spread(Dense):
    """As many numbers as a small picture with many channels has: not chosen, so without Dense's limit."""

    units: int = number(64, 1, 10**6, "Units", "Neurons in this layer.")


class Reshape(Layer):
    type: Literal["Reshape"] = "Reshape"
    target_shape: Shape

    def output_shape(self, shape: Shape) -> Shape:
        if prod(shape) != prod(self.target_shape):
            raise LayerError(f"Reshape cannot make {size(self.target_shape)} of {size(shape)}")
        return self.target_shape


class Conv2DTranspose(Layer):
    """A convolution run backwards: each value is painted over a window, windows a stride apart."""

    type: Literal["Conv2DTranspose"] = "Conv2DTranspose"
    filters: int = number(32, 1, 1024, "Filters", "Pictures this layer paints.")
    kernel_size: int = number(3, 1, 11, "Kernel size", "Side of the window, in pixels.")
    strides: int = number(2, 1, 4, "Stride", "How many times larger the picture becomes.")
    padding: Literal["same"] = "same"
    activation: ActivationName = choice("relu", "Activation", ACTIVATION_HELP)

    def output_shape(self, shape: Shape) -> Shape:
        height, width, _ = self._picture(shape)
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
        height, width, channels = self._picture(shape)
        return (height * self.size, width * self.size, channels)


class LeakyReLU(Layer):
    """Positive values pass, negative ones shrink: a gradient is left on either side."""

    type: Literal["LeakyReLU"] = "LeakyReLU"
    negative_slope: float = number(0.2, 0, 1, "Slope", "What is left of negative values.", step=0.05)

    def flops(self, shape: Shape) -> int:
        return prod(shape)
