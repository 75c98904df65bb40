"""A network of one's own: any list of layers, in Keras' names."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from dlcore.architectures.base import Predictor
from dlcore.layers import AnyLayer, Dense, Flatten, Layer
from dlcore.problem import Problem


class Custom(Predictor):
    """Layers added, removed, reordered and edited one by one."""

    title: ClassVar[str] = "Your own layers"
    stacked: ClassVar[bool] = True
    order: ClassVar[int] = 40
    kind: Literal["custom"] = "custom"
    layers: list[AnyLayer] = Field(
        default=[Flatten(), Dense(units=32)],
        max_length=40,
        title="Layers",
        description="From the input to the last hidden layer; the output layer follows by itself.",
    )

    def place(self, index: int) -> str:
        return f".layers.{index}" if index < len(self.layers) else ".layers (output layer)"

    def hidden_layers(self, problem: Problem) -> list[Layer]:
        return list(self.layers)
