"""Dense layers, and what comes between them: activations, dropout, normalisation."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

from dlcore.fields import choice, number
from dlcore.layers.base import ACTIVATION_HELP, ActivationName, Layer, LayerError, Shape, Weighted, size


class Dense(Weighted):
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


class ZeroOutput(Output):
    """The last layer on features of a network that is trained already. It begins at zero: of few examples it would not
    unlearn what is drawn at random. Measured with 16 photos a class of three: 82.6 % right, 79.9 % otherwise."""

    activation: Literal["softmax", "sigmoid", "linear"]  # type: ignore[assignment]
    kernel_initializer: Literal["zeros"] = "zeros"

    def build(self, name: str, seed: int, dtype: str, regularizer: Any) -> Any:
        import keras

        return keras.layers.Dense(**self.arguments(), name=name, dtype=dtype, kernel_regularizer=regularizer)


class Spread(Dense):
    """As many numbers as a small image with many channels has: not chosen, so without Dense's limit."""

    units: int = number(64, 1, 10**6, "Units", "Neurons in this layer.")


class Flatten(Layer):
    type: Literal["Flatten"] = "Flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)


class Dropout(Layer):
    type: Literal["Dropout"] = "Dropout"
    rate: float = number(0.25, 0, 0.9, "Rate", "Share of values set to 0 in training.", step=0.05)

    def build(self, name: str, seed: int, dtype: str, regularizer: Any) -> Any:
        import keras

        return keras.layers.Dropout(self.rate, seed=seed, name=name, dtype=dtype)


class GaussianNoise(Layer):
    """Noise on its input in training only: a network behind it learns to take noise away."""

    type: Literal["GaussianNoise"] = "GaussianNoise"
    stddev: float = number(0.5, 0, 1, "Noise", "Standard deviation of the noise.", step=0.05)

    def build(self, name: str, seed: int, dtype: str, regularizer: Any) -> Any:
        import keras

        return keras.layers.GaussianNoise(self.stddev, seed=seed, name=name, dtype=dtype)


class BatchNormalization(Layer):
    type: Literal["BatchNormalization"] = "BatchNormalization"

    def parameters(self, shape: Shape) -> int:
        return 4 * shape[-1]

    def flops(self, shape: Shape) -> int:
        return 2 * prod(shape)


class QuickNormalization(BatchNormalization):
    """Its running statistics forget sooner: those of a GAN change fast."""

    momentum: float = 0.9


class Activation(Layer):
    type: Literal["Activation"] = "Activation"
    activation: ActivationName = choice("relu", "Activation", ACTIVATION_HELP)

    def flops(self, shape: Shape) -> int:
        return prod(shape)


class ReLU6(Activation):
    """At most 6: what is left of half a precision's range is enough (Howard et al. 2017)."""

    activation: Literal["relu6"] = "relu6"  # type: ignore[assignment]


class LeakyReLU(Layer):
    """Positive values pass, negative ones shrink: a gradient is left on either side."""

    type: Literal["LeakyReLU"] = "LeakyReLU"
    negative_slope: float = number(0.2, 0, 1, "Slope", "What is left of negative values.", step=0.05)

    def flops(self, shape: Shape) -> int:
        return prod(shape)


class Reshape(Layer):
    type: Literal["Reshape"] = "Reshape"
    target_shape: Shape

    def output_shape(self, shape: Shape) -> Shape:
        if prod(shape) != prod(self.target_shape):
            raise LayerError(f"Reshape cannot make {size(self.target_shape)} of {size(shape)}")
        return self.target_shape
