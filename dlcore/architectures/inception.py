"""Inception (GoogLeNet, Szegedy et al. 2014): windows of several sizes side by side.

With batch normalisation, as in its second version (Ioffe and Szegedy 2015).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import ImageNetwork, activated, batch_normalization_field, dropout_field
from dlcore.fields import choice, number
from dlcore.layers import (
    Concatenate,
    Conv2D,
    Dropout,
    GlobalAveragePooling2D,
    MaxPooling2D,
    OverlappingMaxPooling2D,
)
from dlcore.network import INPUT, Graph, Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    from dlcore.datasets.base import Dataset


class Inception(ImageNetwork):
    """Modules that look at the image through 1×1, 3×3 and 5×5 windows at once."""

    title: ClassVar[str] = "Inception"
    order: ClassVar[int] = 23
    kind: Literal["inception"] = "inception"
    modules: int = number(2, 1, 8, "Modules", "The picture is halved before every second one.")
    width: int = number(16, 4, 64, "Width", "Filters of the 1×1 branch; the others follow.", step=4)
    reduction: bool = choice(
        True,
        "1×1 reduction",
        "Few channels before the large windows: far fewer weights, nearly the same answer.",
    )
    batch_normalization: bool = batch_normalization_field(True)
    dropout: float = dropout_field(0.2, "Share of values silenced at random before the output.")

    def parts(self, problem: Problem) -> dict[str, Network]:
        graph = Graph()
        x = self._convolution(graph, INPUT, 2 * self.width, 3, "stem")
        for module in range(1, self.modules + 1):
            if module % 2 == 0:
                x = graph.add(MaxPooling2D(padding="same"), x)
            x = self._module(graph, x, f"module{module}")
        x = graph.add(GlobalAveragePooling2D(), x)
        if self.dropout:
            x = graph.add(Dropout(rate=self.dropout), x)
        graph.add(problem.output(), x, name="output")
        return {"network": graph.network(problem.input_shape, self.l1, self.l2)}

    def _module(self, graph: Graph, x: int, name: str) -> int:
        """Four branches; the numbers of filters are in the proportion of the paper's first module."""
        width, branches = self.width, []
        branches.append(self._convolution(graph, x, width, 1, f"{name}_1x1"))
        for window, few, filters in ((3, 3 * width // 2, 2 * width), (5, width // 4, width // 2)):
            before = (
                self._convolution(graph, x, few, 1, f"{name}_{window}x{window}_reduce")
                if self.reduction
                else x
            )
            branches.append(self._convolution(graph, before, filters, window, f"{name}_{window}x{window}"))
        pooled = graph.add(OverlappingMaxPooling2D(), x, name=f"{name}_pool")
        if self.reduction:
            pooled = self._convolution(graph, pooled, width // 2, 1, f"{name}_pool_reduce")
        return graph.add(Concatenate(), *branches, pooled, name=f"{name}_join")

    def _convolution(self, graph: Graph, x: int, filters: int, window: int, name: str) -> int:
        layer = Conv2D(filters=filters, kernel_size=window, padding="same")
        layers = activated(layer, "relu", batch_normalization=self.batch_normalization, dropout=0)
        return graph.chain(layers, x, name=name)

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        # Steps that shrink to nothing let the statistics of batch normalisation settle.
        return super().suggested(dataset) | {"schedule": "cosine"}
