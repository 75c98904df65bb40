"""Denoising diffusion (Ho et al. 2020): learn to remove a little noise, then begin with noise alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import MOST_GUIDANCE, Generative, paced, width_field
from dlcore.fields import choice, number
from dlcore.layers import Conv2D, Conv2DTranspose, Dense, Layer, Shape
from dlcore.network import Network, Row
from dlcore.problem import Problem

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Dataset


class Diffusion(Generative):
    """Learns to remove noise from examples; from noise alone it then makes new ones, step by step."""

    curves: ClassVar[tuple[tuple[str, ...], ...]] = (("loss",),)

    sources: ClassVar[tuple[str, ...]] = (
        "generative.noise_schedule",
        "generative.unet",
        "generative.diffusion",
    )
    samples_measured: ClassVar[int] = 200
    abilities: ClassVar[frozenset[str]] = frozenset({"sample", "denoise"})
    room: ClassVar[tuple[str, str]] = ("diffusion", "Diffusion room")
    quick: ClassVar[dict[str, Any]] = {"steps": 20}
    draws_noise: ClassVar[bool] = True
    title: ClassVar[str] = "Diffusion"
    order: ClassVar[int] = 62
    kind: Literal["diffusion"] = "diffusion"
    steps: int = number(
        200, 50, 1000, "Noise steps", "From the example to pure noise, while it learns.", step=10
    )
    schedule: Literal["cosine", "linear"] = choice(
        "cosine", "Noise schedule", "How the noise grows. With cosine the signal lasts longer."
    )
    width: int = width_field()
    conditional: bool = choice(
        True, "Class-conditional", "It gets the class as an input (but not always), so you can choose it."
    )

    def sampling(self) -> dict[str, Any]:
        return {"steps": 50, "sampler": "ddim"} | ({"guidance": 1.0} if self.conditional else {})

    def sampling_bounds(self) -> dict[str, tuple[Any, ...]]:
        samplers = ("ddim", "ddpm")
        return {"steps": (1, self.steps), "eta": (0, 1), "guidance": MOST_GUIDANCE, "sampler": samplers}

    def parts(self, problem: Problem) -> dict[str, Network]:
        classes = len(problem.classes) if self.conditional else 0
        return {"U-Net": UNet(problem.input_shape, (), width=self.width, classes=classes)}

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        from dlcore.generative.diffusion import Diffusion as Model

        return Model(self, problem, seed, precision)

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        usual = {"learning_rate": 0.002, "schedule": "cosine"}
        if dataset.source == "embedded":
            epochs = 200 if dataset.planar else 100
            return usual | paced(dataset, 64, epochs, 2000)
        return usual | paced(dataset, 128, 8, 2000)


@dataclass(frozen=True)
class UNet(Network):
    """What :mod:`dlcore.generative.unet` builds, block by block; of points its dense counterpart.

    The layers are not a sequence, there are skip connections: so it has rows but no ``layers``.
    """

    width: int = 32
    classes: int = 0

    def rows(self) -> list[Row]:
        table = _Table(self.width, self.classes)
        return (
            table.points(self.input_shape) if len(self.input_shape) == 1 else table.images(self.input_shape)
        )


class _Table:
    """The rows so far."""

    def __init__(self, width: int, classes: int):
        self._rows: list[Row] = []
        self.width, self.embedding = width, 4 * width
        size = self.embedding
        self._dense("time_1", (size,), size)
        self._dense("time_2", (size,), size)
        if classes:
            self._add("class", "Embedding", (size,), (classes + 1) * size, size)

    def points(self, shape: Shape) -> list[Row]:
        size = (4 * self.width,)
        self._dense("first", shape, *size)
        for i in range(1, 4):
            dense = Dense(units=size[0], activation="linear")
            layers = 3  # one before the time is added, one of the time, one after
            self._add(
                f"dense_{i}",
                "Residual",
                size,
                layers * dense.parameters(size),
                layers * dense.flops(size) + 3 * size[0],
            )
        self._dense("noise", size, *shape)
        return self._rows

    def images(self, shape: Shape) -> list[Row]:
        height, wide, channels = shape
        halved = min(height, wide) > 16 and height % 2 == wide % 2 == 0
        x = self._layer("first", self._convolution(self.width, 2 if halved else 1), shape)
        widths, across = [self.width], []
        while True:
            x = self._block(f"down_{len(widths)}", x, widths[-1])
            across.append(x)
            height, wide, _ = x
            if len(widths) == 3 or height % 2 or wide % 2 or min(height, wide) <= 4:
                break
            widths.append(2 * self.width)
            x = self._layer(f"halve_{len(widths) - 1}", self._convolution(widths[-1], 2), x)
        x = self._block("middle", x, widths[-1])
        for i in reversed(range(len(widths))):
            x = self._block(f"up_{i + 1}", (*x[:2], x[2] + across[i][2]), widths[i])
            if i:
                x = self._layer(f"double_{i}", self._doubling(widths[i - 1]), x)
        self._add("last", "RMSNormalization", x, x[2], 4 * prod(x))
        if halved:
            x = self._layer("double", self._doubling(self.width // 2), x)
            x = (*x[:2], x[2] + channels)
        self._layer("noise", self._convolution(channels, 1), x)
        return self._rows

    def _convolution(self, filters: int, strides: int = 1, size: int = 3) -> Conv2D:
        return Conv2D(filters=filters, kernel_size=size, strides=strides, padding="same", activation="linear")

    def _doubling(self, filters: int) -> Conv2DTranspose:
        return Conv2DTranspose(filters=filters, kernel_size=4, activation="linear")

    def _block(self, name: str, shape: Shape, filters: int) -> Shape:
        """Normalise, activate, convolve; add the time; the same again; and the residual connection."""
        after = (*shape[:2], filters)
        layers: list[tuple[Layer, Shape]] = [
            (self._convolution(filters), shape),
            (self._convolution(filters), after),
            (Dense(units=filters, activation="linear"), (self.embedding,)),
        ]
        if shape[2] != filters:
            layers.append((self._convolution(filters, size=1), shape))
        self._add(
            name,
            "Residual",
            after,
            shape[2] + filters + sum(layer.parameters(before) for layer, before in layers),
            4 * prod(shape) + 6 * prod(after) + sum(layer.flops(before) for layer, before in layers),
        )
        return after

    def _dense(self, name: str, shape: Shape, units: int) -> None:
        self._layer(name, Dense(units=units, activation="linear"), shape)

    def _layer(self, name: str, layer: Layer, shape: Shape) -> Shape:
        after = layer.output_shape(shape)
        self._add(name, layer.type, after, layer.parameters(shape), layer.flops(shape))
        return after

    def _add(self, name: str, type: str, after: Shape, parameters: int, flops: int) -> None:
        self._rows.append(Row(name, type, after, parameters, flops))
