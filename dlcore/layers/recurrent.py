"""Layers that read a series step by step and remember, and those that bring all steps together."""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar, Literal

import numpy as np

from dlcore.fields import choice, number
from dlcore.layers.base import Layer, LayerError, Shape, size
from dlcore.layers.dense import Dense
from dlcore.layers.gates import Steps, gru, lstm


class Recurrent(Layer):
    """What SimpleRNN, LSTM and GRU share. ``gates`` is how many sums of that kind each step has."""

    gates: ClassVar[int]
    biases: ClassVar[int] = 1
    activation: ClassVar[str] = "tanh"
    shown: ClassVar[tuple[str, ...]] = ()
    """Of :meth:`steps`, what there is to look at; empty: it has no gates."""

    units: int = number(32, 1, 512, "Units", "Numbers that it remembers from step to step.")
    return_sequences: bool = choice(
        False, "Every step", "Give what it remembers at every step, not at the end alone."
    )
    bidirectional: bool = choice(False, "Bidirectional", "Read the series from its end as well.")
    dropout: float = number(0, 0, 0.8, "Dropout", "Share of inputs silenced in training.", step=0.05)
    recurrent_dropout: float = number(
        0, 0, 0.8, "Recurrent dropout", "Share of what it remembers silenced in training.", step=0.05
    )

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 2:
            raise LayerError(
                f"{self.type} needs a series (steps×variables), but the layer before gives {size(shape)}; "
                "every recurrent layer but the last must give every step"
            )
        units = self.units * (2 if self.bidirectional else 1)
        return (shape[0], units) if self.return_sequences else (units,)

    def parameters(self, shape: Shape) -> int:
        one = self.gates * (shape[-1] + self.units + self.biases) * self.units
        return 2 * one if self.bidirectional else one

    def flops(self, shape: Shape) -> int:
        return 2 * shape[0] * self.parameters(shape)

    def steps(self, x: np.ndarray, *weights: np.ndarray) -> Steps:
        """What Keras' layer with these weights does at every step of one series."""
        raise NotImplementedError

    def arguments(self) -> dict[str, Any]:
        return self.model_dump(exclude={"type", "bidirectional"})

    def build(self, name: str, seed: int, dtype: str, regularizer: Any) -> Any:
        import keras

        initializers = keras.initializers
        layer = getattr(keras.layers, self.type)(
            **self.arguments(),
            name="forward" if self.bidirectional else name,
            dtype=dtype,
            seed=seed,
            kernel_initializer=initializers.GlorotUniform(seed=seed),
            recurrent_initializer=initializers.Orthogonal(seed=seed),
            kernel_regularizer=regularizer,
        )
        if not self.bidirectional:
            return layer
        backward = type(layer).from_config(
            layer.get_config()
            | {
                "name": "backward",
                "go_backwards": True,
                "seed": seed + 500,
                "kernel_initializer": initializers.GlorotUniform(seed=seed + 500),
                "recurrent_initializer": initializers.Orthogonal(seed=seed + 500),
            }
        )
        return keras.layers.Bidirectional(layer, backward_layer=backward, name=name, dtype=dtype)

    def code(self, arguments: str) -> str:
        inner = super().code(arguments)
        return f"keras.layers.Bidirectional({inner})" if self.bidirectional else inner


class SimpleRNN(Recurrent):
    """What it remembers is a sum of input and memory, bent by tanh (Elman 1990)."""

    gates: ClassVar[int] = 1
    type: Literal["SimpleRNN"] = "SimpleRNN"


class LSTM(Recurrent):
    """Three gates decide what is forgotten, written and output (Hochreiter and Schmidhuber 1997)."""

    gates: ClassVar[int] = 4
    shown: ClassVar[tuple[str, ...]] = ("forget gate", "input gate", "output gate", "cell state")
    type: Literal["LSTM"] = "LSTM"

    def steps(self, x: np.ndarray, *weights: np.ndarray) -> Steps:
        return lstm(x, *weights)


class GRU(Recurrent):
    """Two gates decide what is reset and what is updated (Cho et al. 2014)."""

    gates: ClassVar[int] = 3
    biases: ClassVar[int] = 2  # one for the input, one for what it remembers, as in cuDNN
    shown: ClassVar[tuple[str, ...]] = ("update gate", "reset gate", "hidden state")
    type: Literal["GRU"] = "GRU"

    def steps(self, x: np.ndarray, *weights: np.ndarray) -> Steps:
        return gru(x, *weights)


class StepDense(Dense):
    """The same Dense layer at every step of a series."""

    def output_shape(self, shape: Shape) -> Shape:
        return (*shape[:-1], self.units)

    def flops(self, shape: Shape) -> int:
        return prod(shape[:-1]) * super().flops(shape)


class StepOutput(StepDense):
    """Shares of all tokens of a vocabulary at every step."""

    units: int = number(16, 1, 100_000, "Vocabulary", "Tokens that may be written.")
    activation: Literal["softmax"] = "softmax"  # type: ignore[assignment]


class TiedOutput(StepOutput):
    """The same, by the embedding's own vectors: no weights more (Press and Wolf 2017)."""

    def parameters(self, shape: Shape) -> int:
        return 0

    def flops(self, shape: Shape) -> int:
        return 2 * prod(shape) * self.units


class StepSoftmax(Layer):
    """Shares over the steps that add up to 1."""

    type: Literal["Softmax"] = "Softmax"
    axis: Literal[1] = 1

    def flops(self, shape: Shape) -> int:
        return 3 * prod(shape)


class GlobalAveragePooling1D(Layer):
    """The mean over the steps of a series."""

    type: Literal["GlobalAveragePooling1D"] = "GlobalAveragePooling1D"

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[-1],)

    def flops(self, shape: Shape) -> int:
        return prod(shape)
