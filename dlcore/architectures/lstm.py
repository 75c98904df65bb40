"""Long short-term memory (Hochreiter and Schmidhuber 1997), with the forget gate of Gers et al. 2000."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from dlcore.architectures.recurrent import RecurrentNetwork
from dlcore.layers import LSTM as Layer
from dlcore.layers import Recurrent


class LSTM(RecurrentNetwork):
    """Reads a series step by step; gates decide what it keeps, so it can remember for long."""

    title: ClassVar[str] = "LSTM"
    order: ClassVar[int] = 31
    layer: ClassVar[Callable[..., Recurrent]] = Layer
    explanation: ClassVar[str] = (
        "The forget gate says how much of the cell stays, the input gate how much of the candidate is added, "
        "the output gate how much of the cell is output."
    )

    kind: Literal["lstm"] = "lstm"
