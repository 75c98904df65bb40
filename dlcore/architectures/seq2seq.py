"""Sequence to sequence: an encoder reads, a decoder writes (Sutskever, Vinyals and Le 2014).

With attention (Bahdanau, Cho and Bengio 2015) the decoder looks back at the places of the source at every step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import Architecture
from dlcore.fields import choice, number
from dlcore.layers import GRU, LSTM, BahdanauAttention, Concatenate, Dropout, Embedding, Layer, StepOutput
from dlcore.network import INPUT, Graph, Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    import keras

    from dlcore.recipe import Recipe


class Seq2Seq(Architecture):
    """A recurrent encoder reads the source, a recurrent decoder writes the target token by token."""

    task: ClassVar[str] = "translation"
    reads_tokens: ClassVar[bool] = True
    writes_tokens: ClassVar[bool] = True
    title: ClassVar[str] = "Sequence to sequence"
    order: ClassVar[int] = 40
    sources: ClassVar[tuple[str, ...]] = ("language.pair_model", "language.seq2seq")
    explanation: ClassVar[str] = (
        "The encoder turns the source into vectors. The decoder writes one token a step, from the token before, "
        "its state and, with attention, the places it looks at."
    )

    kind: Literal["seq2seq"] = "seq2seq"
    cell: Literal["lstm", "gru"] = choice(
        "lstm", "Cell", "LSTM: three gates and a cell. GRU: two gates, quicker."
    )
    units: int = number(128, 4, 512, "Units", "Numbers that encoder and decoder remember.", step=4)
    embedding: int = number(64, 4, 512, "Embedding", "Numbers that stand for a token.", step=4)
    bidirectional: bool = choice(True, "Bidirectional encoder", "Read the source from its end as well.")
    attention: bool = choice(
        True,
        "Attention",
        "Look back at the source at every step (Bahdanau et al. 2015), not at its end alone.",
    )
    teacher_forcing: float = number(
        1,
        0,
        1,
        "Teacher forcing",
        "Share of steps in training that begin from the true token; the others from its own.",
        step=0.05,
    )
    dropout: float = number(
        0, 0, 0.8, "Dropout", "Share of embeddings and outputs silenced in training.", step=0.05
    )

    def accepts(self, problem: Problem) -> str:
        return "" if problem.target_vocabulary else "a data set of pairs"

    def parts(self, problem: Problem) -> dict[str, Network]:
        recurrent = LSTM if self.cell == "lstm" else GRU
        dropout: list[Layer] = [Dropout(rate=self.dropout)] if self.dropout else []

        def embedding(tokens: int) -> list[Layer]:
            return [Embedding(input_dim=tokens, output_dim=self.embedding), *dropout]

        encoder = recurrent(units=self.units, return_sequences=True, bidirectional=self.bidirectional)
        read = encoder.output_shape((*problem.input_shape, self.embedding))[-1]
        decoder = Graph()
        token = decoder.chain(embedding(problem.target_vocabulary), INPUT)
        write = recurrent(units=self.units, return_sequences=True)
        answer = [*dropout, StepOutput(units=problem.target_vocabulary)]
        if self.attention:
            context = decoder.add(BahdanauAttention(units=self.units, read=read), token, name="attention")
            decoder.add(Concatenate(), token, context)
            states = decoder.add(write, name="decoder")
            decoder.add(Concatenate(), states, context)
        else:
            decoder.add(write, name="decoder")
        decoder.chain(answer, len(decoder.layers) - 1)
        return {
            "encoder": Network(problem.input_shape, (*embedding(problem.vocabulary), encoder)),
            "decoder": decoder.network(problem.target_shape),
        }

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        from dlcore.language.seq2seq import Seq2Seq as Model

        return Model(self, problem, seed, precision)

    def advice(self, recipe: Recipe) -> list[str]:
        length = recipe.problem.input_shape[0]
        if not self.attention and length > 20:
            return [
                f"Without attention the state at the end of up to {length} tokens is all the decoder has: "
                "what came first is easily lost. Switch attention on."
            ]
        if self.teacher_forcing < 0.5:
            return [
                "With little teacher forcing it learns from its own early mistakes for long: begin with 1."
            ]
        return []

    @classmethod
    def suggested(cls, dataset: Any) -> dict[str, Any]:
        return {"epochs": dataset.suggested_epochs, "batch_size": 64, "learning_rate": 0.002}
