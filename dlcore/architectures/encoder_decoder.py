"""Transformer with encoder and decoder, as in "Attention is all you need" (Vaswani et al. 2017).

Normalised before each part of a block, which learns without a warm-up (Xiong et al. 2020).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.attention import Attending
from dlcore.fields import number
from dlcore.layers import Embedding, Layer, LayerNormalization, MultiHeadAttention, Positions, TiedOutput
from dlcore.network import INPUT, Graph, Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    import keras


class EncoderDecoder(Attending):
    """An encoder reads the source at once; a decoder writes, looking at the source and at what it has written."""

    task: ClassVar[str] = "translation"
    title: ClassVar[str] = "Transformer, encoder and decoder"
    order: ClassVar[int] = 41
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
    blocks: int = number(2, 1, 6, "Blocks", "Of the encoder, and of the decoder.")
    dropout: float = number(0.1, 0, 0.8, "Dropout", "Share of values silenced in training.", step=0.05)

    def accepts(self, problem: Problem) -> str:
        return "" if problem.target_vocabulary else "a data set of pairs"

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
        return [embedding, Positions(length=length, learned=False), *self.dropped()]

    def _attention(self, graph: Graph, x: int, name: str) -> int:
        graph.add(LayerNormalization(), x)
        taken = graph.add(
            MultiHeadAttention(num_heads=self.heads, key_dim=self.width // self.heads), name=name
        )
        return self.added(graph, x, taken)

    def _inner(self, graph: Graph, x: int, name: str) -> int:
        graph.add(LayerNormalization(), x)
        return self.worked(graph, x, name)

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        from dlcore.language.encoder_decoder import EncoderDecoder as Model

        return Model(self, problem, seed, precision)

    @classmethod
    def suggested(cls, dataset: Any) -> dict[str, Any]:
        return {"epochs": 2 * dataset.suggested_epochs, "batch_size": 64, "schedule": "cosine"}
