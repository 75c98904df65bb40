"""What families of attention blocks share: heads side by side, and a small network after each (Vaswani et al. 2017)."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from dlcore.architectures.base import Architecture
from dlcore.fields import number
from dlcore.layers import Add, Dropout, StepDense
from dlcore.network import Graph
from dlcore.problem import Problem


class Attending(Architecture):
    """Blocks that are normalised before each part, which learns without a warm-up (Xiong et al. 2020)."""

    reads_tokens: ClassVar[bool] = True

    width: int = number(
        64, 8, 256, "Width", "Numbers of each token's vector; a multiple of the heads.", step=8
    )
    blocks: int = number(2, 1, 6, "Blocks", "Each block looks once more, at what the one before has found.")
    heads: int = number(4, 1, 8, "Heads", "Ways of looking side by side; each has its share of the width.")
    inner: int = number(4, 1, 4, "Inner layer", "Width of the small network of a block, as a multiple.")
    if TYPE_CHECKING:  # each family has it where it stands in recipes
        dropout: float

    def unfit(self, problem: Problem) -> list[tuple[str, str]]:
        if self.width % self.heads == 0:
            return []
        return [("heads", f"expected a divisor of the width ({self.width}), received {self.heads}")]

    def worked(self, graph: Graph, x: int, name: str) -> int:
        """The small network of a block, added to the block's values at ``x``; it takes in the last layer's."""
        graph.add(StepDense(units=self.inner * self.width, activation="gelu"), name=f"{name}_inner")
        worked = graph.add(StepDense(units=self.width, activation="linear"), name=f"{name}_outer")
        return self.added(graph, x, worked)

    def added(self, graph: Graph, x: int, place: int) -> int:
        """What the layer at ``place`` has found, with dropout where there is some, added to the values at ``x``."""
        return graph.add(Add(), x, graph.chain(self.dropped(), place))

    def dropped(self) -> list[Dropout]:
        return [Dropout(rate=self.dropout)] if self.dropout else []
