"""A network of one's own: any list of layers, in Keras' names."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from dlcore.architectures.base import Classifier, Problem
from dlcore.layers import AnyLayer, Dense, Flatten, Layer


class Custom(Classifier):
    """Layers added, removed, reordered and edited one by one."""

    title: ClassVar[str] = "Your own layers"
    order: ClassVar[int] = 40
    kind: Literal["custom"] = "custom"
    layers: list[AnyLayer] = Field(
        default=[Flatten(), Dense(units=32)],
        max_length=40,
        title="Layers",
        description="From the input to the last hidden layer; the output layer follows by itself.",
    )

    def hidden_layers(self, problem: Problem) -> list[Layer]:
        return list(self.layers)
