"""Attention of a decoder to what an encoder has read; the computation is in :mod:`dlcore.language.seq2seq`."""

from __future__ import annotations

from typing import Literal

from dlcore.fields import number
from dlcore.layers.base import Layer, Shape


class BahdanauAttention(Layer):
    """At every step each place of the source gets a score from a small network; their mean, so weighed, is read
    (Bahdanau et al. 2015)."""

    type: Literal["Attention"] = "Attention"
    units: int = number(128, 1, 512, "Units", "Of the decoder, and of the network that scores.")
    read: int = number(256, 1, 1024, "Width", "Numbers that the encoder gives for each place of the source.")

    def output_shape(self, shape: Shape) -> Shape:
        return (shape[0], self.read)

    def parameters(self, shape: Shape) -> int:
        return self.read * self.units + (self.units + 1) * self.units + self.units

    def flops(self, shape: Shape) -> int:
        return 2 * shape[0] * self.parameters(shape)
