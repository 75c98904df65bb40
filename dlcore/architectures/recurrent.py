"""What the recurrent families share: layers that read a series step by step, one after another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from dlcore.architectures.base import Predictor, dropout_field
from dlcore.fields import choice, number
from dlcore.layers import (
    AttentionPooling,
    GlobalAveragePooling1D,
    Multiply,
    Recurrent,
    StepDense,
    StepSoftmax,
)
from dlcore.network import INPUT, Graph, Network
from dlcore.problem import Problem


class RecurrentNetwork(Predictor):
    """Reads a series step by step; what it remembers at the end is the answer's ground."""

    layer: ClassVar[Callable[..., Recurrent]]
    reads_tokens: ClassVar[bool] = True

    embedding: int = number(
        32, 2, 256, "Embedding", "Numbers of the vector that stands for a token, learned.", step=2
    )
    layers: int = number(
        1, 1, 4, "Recurrent layers", "Each reads what the one before remembers at every step."
    )
    units: int = number(32, 4, 256, "Units", "Numbers that each layer remembers from step to step.", step=4)
    halving: bool = choice(
        False, "Halve the units", "Each layer has half the units of the one before, such as 64, 32."
    )
    bidirectional: bool = choice(False, "Bidirectional", "Read from the end as well.")
    dropout: float = dropout_field(0, "Share of each step's inputs silenced in training.")
    recurrent_dropout: float = number(
        0, 0, 0.8, "Recurrent dropout", "Share of what it remembers silenced in training.", step=0.05
    )
    attention: bool = choice(
        False,
        "Attention pooling",
        "Weigh all steps instead of taking the last (Bahdanau et al. 2014, simplified).",
    )

    def accepts(self, problem: Problem) -> str:
        fits = problem.vocabulary or len(problem.input_shape) == 2
        return "" if fits else "a data set of series or texts"

    def idle(self, problem: Problem) -> tuple[str, ...]:
        return () if problem.vocabulary else ("embedding",)

    def presets(self, problem: Problem) -> dict[str, dict[str, Any]]:
        if not problem.vocabulary:
            return {}
        name = type(self).title
        two = {"embedding": 64, "layers": 2, "units": 64, "halving": True}
        return {f"Embedding → {name} 64 → {name} 32 → Dense": two}

    def parts(self, problem: Problem) -> dict[str, Network]:
        stack: list[Any] = problem.embedding(self.embedding) + [
            self.layer(
                units=max(1, self.units >> i) if self.halving else self.units,
                return_sequences=self.attention or i + 1 < self.layers,
                bidirectional=self.bidirectional,
                dropout=self.dropout,
                recurrent_dropout=self.recurrent_dropout,
            )
            for i in range(self.layers)
        ]
        if self.attention and problem.vocabulary:
            stack.append(AttentionPooling())
        if not self.attention or problem.vocabulary:
            return {"network": Network(problem.input_shape, (*stack, problem.output()), self.l1, self.l2)}
        graph = Graph()
        steps = graph.chain(stack, INPUT)
        scores = graph.add(StepDense(units=1, activation="tanh"), steps, name="attention_score")
        weights = graph.add(StepSoftmax(), scores, name="attention_weights")
        graph.add(Multiply(), steps, weights)
        graph.add(GlobalAveragePooling1D())
        graph.add(problem.output(), name="output")
        return {"network": graph.network(problem.input_shape, self.l1, self.l2)}
