"""Recurrent network (Elman 1990): what it remembers goes into the next step together with the next value."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from dlcore.architectures.recurrent import RecurrentNetwork
from dlcore.layers import Recurrent, SimpleRNN


class RNN(RecurrentNetwork):
    """Reads a series step by step; it forgets what is long ago."""

    title: ClassVar[str] = "RNN"
    order: ClassVar[int] = 30
    layer: ClassVar[Callable[..., Recurrent]] = SimpleRNN
    explanation: ClassVar[str] = (
        "At each step the memory becomes tanh of a sum of the new value and the old memory. "
        "Gradients fade on the way back, so it learns short connections."
    )

    kind: Literal["rnn"] = "rnn"
