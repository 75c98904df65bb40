"""VGG (Simonyan and Zisserman 2014): nothing but small windows, in deeper and deeper blocks."""

from __future__ import annotations

from typing import ClassVar, Literal

from dlcore.architectures.base import ImageNetwork, activated, batch_normalization_field, dropout_field
from dlcore.fields import number
from dlcore.layers import Conv2D, Dense, Flatten, Layer, MaxPooling2D
from dlcore.problem import Problem


class VGG(ImageNetwork):
    """Blocks of 3×3 convolutions; each block halves the image and doubles the filters."""

    title: ClassVar[str] = "VGG"
    order: ClassVar[int] = 21
    kind: Literal["vgg"] = "vgg"
    blocks: int = number(2, 1, 5, "Blocks", "Each ends by halving the picture.")
    convolutions: int = number(
        2,
        1,
        4,
        "Convolutions a block",
        "Two 3×3 windows in a row see as much as one of 5×5, with fewer weights.",
    )
    width: int = number(
        32, 4, 128, "Width", "Filters of the first block; each next one has twice as many.", step=4
    )
    dense: int = number(128, 16, 1024, "Dense units", "Neurons of the hidden layer that decides.", step=16)
    dropout: float = dropout_field(0.3, "Share of values silenced at random before the output.")
    batch_normalization: bool = batch_normalization_field()

    def hidden_layers(self, problem: Problem) -> list[Layer]:
        layers: list[Layer] = []
        for block in range(self.blocks):
            filters = self.width * min(2**block, 8)  # the paper stops at eight times the first
            for _ in range(self.convolutions):
                layers += activated(
                    Conv2D(filters=filters, padding="same"),
                    "relu",
                    batch_normalization=self.batch_normalization,
                    dropout=0,
                )
            layers.append(MaxPooling2D())
        dense = activated(Dense(units=self.dense), "relu", batch_normalization=False, dropout=self.dropout)
        return [*layers, Flatten(), *dense]
