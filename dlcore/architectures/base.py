"""What every architecture shares: the problem it is given and the fields that regularise it."""

from __future__ import annotations

from dataclasses import dataclass

from dlcore.fields import Strict, number
from dlcore.layers import (
    Activation,
    ActivationName,
    BatchNormalization,
    Dense,
    Dropout,
    Layer,
    Output,
    Shape,
)
from dlcore.network import Network


@dataclass(frozen=True)
class Problem:
    """What a network has to solve: the shape of one example and the names of the classes."""

    input_shape: Shape
    classes: tuple[str, ...]

    @property
    def binary(self) -> bool:
        return len(self.classes) == 2

    def output(self) -> Dense:
        """Two classes: one sigmoid unit, the probability of the second. More: a softmax."""
        if self.binary:
            return Output(units=1, activation="sigmoid")
        return Output(units=len(self.classes), activation="softmax")


class Architecture(Strict):
    """A family of networks: its fields are the sliders, its layers follow from them."""

    kind: str
    l1: float = number(0, 0, 0.1, "L1", "Pulls small weights to exactly 0.", step=0.0005)
    l2: float = number(0, 0, 0.1, "L2", "Keeps all weights small.", step=0.0005)

    def hidden_layers(self, problem: Problem) -> list[Layer]:
        """The layers between input and output."""
        raise NotImplementedError

    def network(self, problem: Problem) -> Network:
        """The whole network. Does not check it: :meth:`Network.rows` does."""
        layers = (*self.hidden_layers(problem), problem.output())
        return Network(problem.input_shape, layers, self.l1, self.l2)


def activated(
    layer: Layer, activation: ActivationName, *, batch_normalization: bool, dropout: float
) -> list[Layer]:
    """A Dense or Conv2D layer with what usually follows it.

    Batch normalisation stands between the sum and the activation (Ioffe and Szegedy 2015), so the
    layer itself stays linear then.
    """
    if batch_normalization:
        linear = layer.model_copy(update={"activation": "linear"})
        found = [linear, BatchNormalization(), Activation(activation=activation)]
    else:
        found = [layer]
    return [*found, Dropout(rate=dropout)] if dropout else found
