"""MobileNetV2 (Sandler et al. 2018): convolutions split in two, so that a telephone can look at photos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import ImageNetwork
from dlcore.fields import number
from dlcore.layers import (
    Add,
    BatchNormalization,
    DepthwiseConv2D,
    GlobalAveragePooling2D,
    ReLU6,
    Rescaling,
    UnbiasedConv2D,
)
from dlcore.network import INPUT, Graph, Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    from dlcore.datasets.base import Dataset

STAGES = ((16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1))
"""Table 2 of the paper: channels at width 32, blocks, and by how much the first block shrinks the image."""
SMALLEST = 7
"""Pixels: an image whose side is this small is not shrunk any more, as that of 224 pixels is at last."""


class MobileNet(ImageNetwork):
    """Inverted residual blocks: widen with 1×1, look with one 3×3 window a channel, narrow with 1×1, add."""

    title: ClassVar[str] = "MobileNet"
    order: ClassVar[int] = 24
    kind: Literal["mobilenet"] = "mobilenet"
    width: int = number(8, 4, 64, "Width", "Filters of the first layer; 32 is the paper's.", step=4)
    expansion: int = number(6, 1, 8, "Expansion", "How many times wider a block is inside than outside.")

    def parts(self, problem: Problem) -> dict[str, Network]:
        graph = Graph()
        side, channels = problem.input_shape[0], _even(self.width)
        stride = 2 if side > SMALLEST else 1
        x = graph.add(Rescaling(), INPUT, name="rescaling")
        x = self._convolution(graph, x, "Conv1", "bn_Conv1", channels, 3, stride)
        x, side = self._relu(graph, x, "Conv1_relu"), -(-side // stride)
        block = 0
        for filters, blocks, stride in STAGES:
            filters = _even(filters * self.width / 32)
            for first in (True, *[False] * (blocks - 1)):
                step = stride if first and side > SMALLEST else 1
                x = self._block(graph, x, block, channels, filters, step)
                channels, side, block = filters, -(-side // step), block + 1
        x = self._convolution(graph, x, "Conv_1", "Conv_1_bn", 40 * self.width, 1)
        self._relu(graph, x, "out_relu")
        graph.add(GlobalAveragePooling2D(), name="pool")
        graph.add(problem.output(), name="predictions")
        return {"network": graph.network(problem.input_shape, self.l1, self.l2)}

    def _block(self, graph: Graph, x: int, number: int, channels: int, filters: int, stride: int) -> int:
        """An inverted residual block after ``x``, its layers called as Keras calls them."""
        name, y = f"block_{number}" if number else "expanded_conv", x
        if number:
            wide = self.expansion * channels
            y = self._convolution(graph, y, f"{name}_expand", f"{name}_expand_BN", wide, 1)
            y = self._relu(graph, y, f"{name}_expand_relu")
        y = graph.add(DepthwiseConv2D(strides=stride), y, name=f"{name}_depthwise")
        y = graph.add(BatchNormalization(), y, name=f"{name}_depthwise_BN")
        y = self._relu(graph, y, f"{name}_depthwise_relu")
        # Without an activation: in few channels it would lose too much.
        y = self._convolution(graph, y, f"{name}_project", f"{name}_project_BN", filters, 1)
        if channels == filters and stride == 1:
            y = graph.add(Add(), x, y, name=f"{name}_add")
        return y

    def _convolution(
        self, graph: Graph, x: int, name: str, norm: str, filters: int, window: int, stride: int = 1
    ) -> int:
        layer = UnbiasedConv2D(
            filters=filters, kernel_size=window, strides=stride, padding="same", activation="linear"
        )
        return graph.add(BatchNormalization(), graph.add(layer, x, name=name), name=norm)

    def _relu(self, graph: Graph, x: int, name: str) -> int:
        return graph.add(ReLU6(), x, name=name)

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        return super().suggested(dataset) | {"schedule": "cosine"}


def _even(filters: float) -> int:
    """The nearest multiple of 8, at least 8, and no less than nine tenths of what was asked for."""
    rounded = max(8, int(filters + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * filters else rounded
