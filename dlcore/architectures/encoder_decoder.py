"""Transformer with encoder and decoder, as in "Attention is all you need" (Vaswani et al. 2017).

Normalised before each part of a block, which learns without a warm-up (Xiong et al. 2020).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import Architecture
from dlcore.fields import number
from dlcore.layers import (
    Add,
    Dropout,
    Embedding,
    Layer,
    LayerNormalization,
    MultiHeadAttention,
    Positions,
    StepDense,
    TiedOutput,
)
from dlcore.network import INPUT, Graph, Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    import keras


class EncoderDecoder(Architecture):
    """An encoder reads the source at once; a decoder writes, looking at the source and at what it has written."""

    task: ClassVar[str] = "translation"
    title: ClassVar[str] = "Transformer, encoder and decoder"
    order: ClassVar[int] = 41
    reads_tokens: ClassVar[bool] = True
    writes_tokens: ClassVar[bool] = True
    sources: ClassVar[tuple[str, ...]] = (
        "layers.own.positions",
        "language.pair_model",
        "language.encoder_decoder",
    )
    explanation: ClassVar[str] = (
        "Tokens of the source take from one another; those of the target from the ones before them and from the source. "
        "No recurrence: training sees all places at once."
    )

    kind: Literal["encoder_decoder"] = "encoder_decoder"
    width: int = number(
        64, 8, 256, "Width", "Numbers of each token's vector; a multiple of the heads.", step=8
    )
    blocks: int = number(2, 1, 6, "Blocks", "Of the encoder, and of the decoder.")
    heads: int = number(4, 1, 8, "Heads", "Ways of looking side by side; each has its share of the width.")
    inner: int = number(4, 1, 4, "Inner layer", "Width of the small network of a block, as a multiple.")
    dropout: float = number(0.1, 0, 0.8, "Dropout", "Share of values silenced in training.", step=0.05)

    def accepts(self, problem: Problem) -> str:
        return "" if problem.target_vocabulary else "a data set of pairs"

    def unfit(self, problem: Problem) -> list[tuple[str, str]]:
        if self.width % self.heads == 0:
            return []
        return [("heads", f"expected a divisor of the width ({self.width}), received {self.heads}")]

    def parts(self, problem: Problem) -> dict[str, Network]:
        (longest,), (length,) = problem.input_shape, problem.target_shape
        encoder, decoder = Graph(), Graph()
        x = encoder.chain(self._tokens(problem.vocabulary, longest), INPUT)
        for number_ in range(1, self.blocks + 1):
            x = self._attention(encoder, x, f"block{number_}_attention")
            x = self._inner(encoder, x, f"block{number_}")
        encoder.add(LayerNormalization(), x)
        x = decoder.chain(self._tokens(problem.target_vocabulary, length), INPUT)
        for number_ in range(1, self.blocks + 1):
            x = self._attention(decoder, x, f"block{number_}_attention")
            x = self._attention(decoder, x, f"block{number_}_source_attention")
            x = self._inner(decoder, x, f"block{number_}")
        decoder.add(LayerNormalization(), x)
        decoder.add(TiedOutput(units=problem.target_vocabulary), name="output")
        return {
            "encoder": encoder.network(problem.input_shape),
            "decoder": decoder.network(problem.target_shape),
        }

    def _tokens(self, vocabulary: int, length: int) -> list[Layer]:
        embedding = Embedding(input_dim=vocabulary, output_dim=self.width)
        return [embedding, Positions(length=length, learned=False), *self._dropped()]

    def _attention(self, graph: Graph, x: int, name: str) -> int:
        graph.add(LayerNormalization(), x)
        taken = graph.add(
            MultiHeadAttention(num_heads=self.heads, key_dim=self.width // self.heads), name=name
        )
        return graph.add(Add(), x, self._after(graph, taken))

    def _inner(self, graph: Graph, x: int, name: str) -> int:
        graph.add(LayerNormalization(), x)
        graph.add(StepDense(units=self.inner * self.width, activation="gelu"), name=f"{name}_inner")
        worked = graph.add(StepDense(units=self.width, activation="linear"), name=f"{name}_outer")
        return graph.add(Add(), x, self._after(graph, worked))

    def _after(self, graph: Graph, place: int) -> int:
        return graph.chain(self._dropped(), place) if self.dropout else place

    def _dropped(self) -> list[Layer]:
        return [Dropout(rate=self.dropout)] if self.dropout else []

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        from dlcore.language.encoder_decoder import EncoderDecoder as Model

        return Model(self, problem, seed, precision)

    @classmethod
    def suggested(cls, dataset: Any) -> dict[str, Any]:
        return {"epochs": 2 * dataset.suggested_epochs, "batch_size": 64, "schedule": "cosine"}
