"""GPT (Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training"; 2019): says what comes next.

A stack of decoder blocks: in each, attention mixes what came before, then an MLP works on every token by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import Architecture
from dlcore.fields import choice, number
from dlcore.network import Network, Row
from dlcore.problem import Problem

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Dataset
    from dlcore.recipe import Recipe


class GPT(Architecture):
    """At every token of a text it says which one comes next; drawing one after another, it writes."""

    title: ClassVar[str] = "GPT"
    order: ClassVar[int] = 45
    reads_tokens: ClassVar[bool] = True
    continues: ClassVar[bool] = True
    sources: ClassVar[tuple[str, ...]] = (
        "language.common",
        "language.attention",
        "language.gpt2",
        "language.gpt",
    )
    explanation: ClassVar[str] = (
        "Attention lets every token look at those before it, never at those after. The matrix that reads a token "
        "also scores it as the next one."
    )

    kind: Literal["gpt"] = "gpt"
    blocks: int = number(
        3, 1, 12, "Decoder blocks", "Each mixes tokens with attention, then works on each by itself."
    )
    heads: Literal[1, 2, 4, 8] = choice(4, "Heads", "Attention patterns side by side in a block.")
    width: int = number(128, 16, 512, "Width", "Numbers that stand for a token in every block.", step=16)
    dropout: float = number(
        0, 0, 0.8, "Dropout", "Share of what each block adds silenced in training.", step=0.05
    )

    def unfit(self, problem: Problem) -> list[tuple[str, str]]:
        if self.width % self.heads:
            return [("heads", f"expected a divisor of the width ({self.width}), received {self.heads}")]
        return []

    def parts(self, problem: Problem) -> dict[str, Network]:
        decoder = Decoder(
            problem.input_shape, (), blocks=self.blocks, width=self.width, vocabulary=problem.vocabulary
        )
        return {"decoder": decoder}

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        from dlcore.language.gpt import GPT as Model

        return Model(self, problem, seed)

    def advice(self, recipe: Recipe) -> list[str]:
        dataset = recipe.dataset
        weights, tokens = recipe.describe()["parameters"], dataset.training_examples * dataset.input_shape[0]
        if weights > 20 * tokens and not self.dropout:
            return [
                f"It has {weights:,} weights for a text of about {tokens:,} tokens: it will know the text by heart. "
                "Take a smaller width or fewer blocks, or some dropout."
            ]
        return []

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        usual = {"optimizer": "adamw", "learning_rate": 0.002, "schedule": "cosine", "batch_size": 16}
        return usual | {"epochs": dataset.suggested_epochs}


@dataclass(frozen=True)
class Decoder(Network):
    """What :mod:`dlcore.language.gpt2` builds, block by block; its last matrix is the first one again."""

    blocks: int = 1
    width: int = 1
    vocabulary: int = 1

    def rows(self) -> list[Row]:
        (tokens,), width = self.input_shape, self.width
        stream, scored = (tokens, width), (tokens, self.vocabulary)
        dense = 12 * width**2
        attention = 4 * tokens * width  # of one token: queries with keys, and weights with values
        block = Row("block", "Decoder block", stream, dense + 13 * width, tokens * (2 * dense + attention))
        return [
            Row("embedding", "Embedding", stream, self.vocabulary * width, 0),
            Row("positions", "Positions", stream, tokens * width, tokens * width),
            *(replace(block, name=f"block_{i + 1}") for i in range(self.blocks)),
            Row("norm", "LayerNormalization", stream, 2 * width, 8 * tokens * width),
            Row("next_token", "Tied output", scored, 0, 2 * tokens * width * self.vocabulary),
        ]
