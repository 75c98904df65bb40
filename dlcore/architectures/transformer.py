"""Transformer encoder (Vaswani et al. 2017): every token looks at all others, in several ways at once.

Normalised before each half of a block, which learns without a warm-up (Xiong et al. 2020).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.attention import Attending
from dlcore.architectures.base import Predictor, dropout_field
from dlcore.fields import choice, number
from dlcore.layers import GlobalAveragePooling1D, LayerNormalization, MultiHeadAttention, Positions
from dlcore.network import INPUT, Graph, Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    from dlcore.datasets.base import Dataset


class Transformer(Attending, Predictor):
    """Reads a text at once: attention decides which tokens matter to which."""

    title: ClassVar[str] = "Transformer"
    order: ClassVar[int] = 35
    explanation: ClassVar[str] = (
        "In each block tokens take from one another what attention finds, and a small network works on each token alone. "
        "Their mean gives the answer."
    )

    kind: Literal["transformer"] = "transformer"
    inner: int = number(2, 1, 4, "Inner layer", "Width of the small network of a block, as a multiple.")
    positions: Literal["learned", "sinusoidal"] = choice(
        "sinusoidal", "Positions", "How a token says its place: a learned vector, or sines of it."
    )
    dropout: float = dropout_field(0.1)

    def accepts(self, problem: Problem) -> str:
        return "" if problem.vocabulary else "a data set of texts"

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        """Half as many epochs again as a recurrent network: it has to find out what an order is."""
        return {"epochs": dataset.suggested_epochs * 3 // 2}

    def parts(self, problem: Problem) -> dict[str, Network]:
        graph = Graph()
        (length,) = problem.input_shape
        places = Positions(length=length, learned=self.positions == "learned")
        x = graph.chain([*problem.embedding(self.width), places, *self.dropped()], INPUT)
        for place in range(1, self.blocks + 1):
            x = self._block(graph, x, place)
        graph.add(LayerNormalization(), x)
        graph.add(GlobalAveragePooling1D())
        graph.add(problem.output(), name="output")
        return {"network": graph.network(problem.input_shape, self.l1, self.l2)}

    def _block(self, graph: Graph, x: int, number: int) -> int:
        """Attention, then a network of two layers; each is added to what goes in."""
        attention = MultiHeadAttention(
            num_heads=self.heads, key_dim=self.width // self.heads, dropout=self.dropout
        )
        graph.add(LayerNormalization(), x, name=f"block{number}_attention_norm")
        found = graph.add(attention, name=f"block{number}_attention")
        x = self.added(graph, x, found)
        graph.add(LayerNormalization(), x, name=f"block{number}_norm")
        return self.worked(graph, x, f"block{number}")
