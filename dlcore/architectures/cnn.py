"""Convolutional network: blocks of convolutions and pooling, then dense layers (LeCun et al. 1998).

The defaults are the network most courses begin with: Conv 32, pool, Conv 64, pool, Dense 64.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from dlcore.architectures.base import ImageNetwork, activated, batch_normalization_field, dropout_field
from dlcore.architectures.mlp import Hidden
from dlcore.fields import Strict, choice, number, rows
from dlcore.layers import (
    ACTIVATION_HELP,
    ActivationName,
    AveragePooling2D,
    Conv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    Layer,
    MaxPooling2D,
    Padding,
)
from dlcore.problem import Problem


class Block(Strict):
    """Convolutions of one width, then pooling."""

    filters: int = number(32, 1, 256, "Filters", "Patterns each convolution looks for.")
    kernel_size: int = number(3, 1, 7, "Kernel", "Side of the window, in pixels.")
    activation: ActivationName = choice("relu", "Activation", ACTIVATION_HELP)
    convolutions: int = number(1, 1, 3, "Convolutions", "How many in a row before pooling.")


class CNN(ImageNetwork):
    """Small windows slide over the image; pooling halves it; dense layers decide."""

    title: ClassVar[str] = "Convolutions"
    order: ClassVar[int] = 20
    kind: Literal["cnn"] = "cnn"
    blocks: list[Block] = rows(
        [Block(), Block(filters=64)], 1, 5, "Convolution blocks", "Each ends by halving the picture."
    )
    pooling: Literal["max", "average", "none"] = choice(
        "max", "Pooling", "How four neighbouring pixels become one."
    )
    padding: Padding = choice("same", "Padding", "'same' keeps the size, 'valid' loses the rim.")
    head: Literal["flatten", "global average"] = choice(
        "flatten", "Then", "Flatten keeps every pixel; global average one number per filter."
    )
    dense: list[Hidden] = rows(
        [Hidden(units=64)], 0, 4, "Dense layers", "Layers that decide from the found patterns."
    )
    dropout: float = dropout_field()
    batch_normalization: bool = batch_normalization_field()

    def hidden_layers(self, problem: Problem) -> list[Layer]:
        layers: list[Layer] = []
        for block in self.blocks:
            convolution = Conv2D(
                filters=block.filters,
                kernel_size=block.kernel_size,
                padding=self.padding,
                activation=block.activation,
            )
            for _ in range(block.convolutions):
                layers += activated(
                    convolution, block.activation, batch_normalization=self.batch_normalization, dropout=0
                )
            if self.pooling != "none":
                layers.append(MaxPooling2D() if self.pooling == "max" else AveragePooling2D())
            if self.dropout:
                # Half as much as in the dense layers: neighbouring pixels tell the same anyway.
                layers.append(Dropout(rate=round(self.dropout / 2, 3)))
        layers.append(Flatten() if self.head == "flatten" else GlobalAveragePooling2D())
        for hidden in self.dense:
            layers += hidden.layers(batch_normalization=self.batch_normalization, dropout=self.dropout)
        return layers
