"""Residual network (He et al. 2015, section 4.2): each block adds to its input instead of replacing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import ImageNetwork, batch_normalization_field
from dlcore.fields import choice, number
from dlcore.layers import (
    Activation,
    Add,
    BatchNormalization,
    GlobalAveragePooling2D,
    ManyConv2D,
    UnbiasedConv2D,
)
from dlcore.network import INPUT, Graph, Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    from dlcore.datasets.base import Dataset


class ResNet(ImageNetwork):
    """Blocks with a skip connection around them, so that even a deep stack learns."""

    title: ClassVar[str] = "ResNet"
    order: ClassVar[int] = 22
    kind: Literal["resnet"] = "resnet"
    stages: int = number(3, 1, 4, "Stages", "Each next one halves the picture and doubles the filters.")
    blocks: int = number(2, 1, 9, "Blocks a stage", "Each block has a skip connection around it.")
    width: int = number(16, 4, 64, "Width", "Filters of the first stage.", step=4)
    block: Literal["basic", "bottleneck"] = choice(
        "basic",
        "Block",
        "Basic: two 3×3 convolutions. Bottleneck: 1×1 down, 3×3, 1×1 up to four times the filters.",
    )
    skips: bool = choice(
        True,
        "Skip connections",
        "Add each block's input to its output. Without them: a plain network.",
        switch=True,
    )
    batch_normalization: bool = batch_normalization_field(True)

    def parts(self, problem: Problem) -> dict[str, Network]:
        graph = Graph()
        x = self._convolution(graph, INPUT, "stem", "", self.width, 3)
        x = self._relu(graph, x, "stem_relu")
        channels = self.width
        for stage in range(self.stages):
            filters = self.width * 2**stage
            for block in range(self.blocks):
                stride = 2 if stage and not block else 1
                x, channels = self._block(
                    graph, x, f"stage{stage + 1}_block{block + 1}", channels, filters, stride
                )
        graph.add(GlobalAveragePooling2D(), x, name="pool")
        graph.add(problem.output(), name="output")
        return {"network": graph.network(problem.input_shape, self.l1, self.l2)}

    def _block(
        self, graph: Graph, x: int, name: str, channels: int, filters: int, stride: int
    ) -> tuple[int, int]:
        """A residual block after ``x``; its place and its channels."""
        wide = 4 * filters if self.block == "bottleneck" else filters
        steps = [(filters, 1, stride), (filters, 3, 1), (wide, 1, 1)]  # filters, window, stride
        if self.block == "basic":
            steps = [(filters, 3, stride), (wide, 3, 1)]
        y = x
        for i, (number_of, window, step) in enumerate(steps, 1):
            y = self._convolution(graph, y, name, str(i), number_of, window, step)
            if i < len(steps):
                y = self._relu(graph, y, f"{name}_relu{i}")
        if self.skips:
            if channels != wide or stride != 1:  # the shapes differ: a 1×1 convolution brings them together
                x = self._convolution(graph, x, f"{name}_skip", "", wide, 1, stride)
            y = graph.add(Add(), x, y, name=f"{name}_add")
        return self._relu(graph, y, f"{name}_relu{len(steps)}"), wide

    def _convolution(
        self, graph: Graph, x: int, name: str, which: str, filters: int, window: int, stride: int = 1
    ) -> int:
        """A convolution without its activation, normalised where that is chosen."""
        kind = UnbiasedConv2D if self.batch_normalization else ManyConv2D
        layer = kind(filters=filters, kernel_size=window, strides=stride, padding="same", activation="linear")
        x = graph.add(layer, x, name=f"{name}_conv{which}")
        return graph.add(BatchNormalization(), x, name=f"{name}_bn{which}") if self.batch_normalization else x

    def _relu(self, graph: Graph, x: int, name: str) -> int:
        return graph.add(Activation(activation="relu"), x, name=name)

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        # Steps that shrink to nothing let the statistics of batch normalisation settle.
        return super().suggested(dataset) | {"schedule": "cosine"}
