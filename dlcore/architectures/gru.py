"""Gated recurrent unit (Cho et al. 2014): an LSTM with two gates and without a cell of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from dlcore.architectures.recurrent import RecurrentNetwork
from dlcore.layers import GRU as Layer
from dlcore.layers import Recurrent


class GRU(RecurrentNetwork):
    """Reads a series step by step; two gates decide what it keeps, with fewer weights than an LSTM."""

    title: ClassVar[str] = "GRU"
    order: ClassVar[int] = 32
    layer: ClassVar[Callable[..., Recurrent]] = Layer
    explanation: ClassVar[str] = (
        "The update gate says how much of the memory stays; a candidate fills the rest. The reset gate says "
        "how much of the memory the candidate sees."
    )

    kind: Literal["gru"] = "gru"
