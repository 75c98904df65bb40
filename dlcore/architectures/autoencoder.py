"""Autoencoder (Hinton and Salakhutdinov 2006); with noise on its input a denoising one (Vincent et al. 2008).

An encoder squeezes an example through a bottleneck, a decoder makes the example of it again. The target is
the input itself, so no labels are needed.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import Predictor, paced, width_field
from dlcore.architectures.mirrored import mirrored
from dlcore.fields import choice, number
from dlcore.layers import Dense, Flatten, GaussianNoise, Layer, Reshape, Spread
from dlcore.network import Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    from dlcore.datasets.base import Dataset
    from dlcore.recipe import Recipe


class Autoencoder(Predictor):
    """Squeezes an example through a bottleneck and makes it again; what it cannot make again is unusual."""

    task: ClassVar[str] = "reconstruction"
    title: ClassVar[str] = "Autoencoder"
    order: ClassVar[int] = 50
    explanation: ClassVar[str] = (
        "The encoder keeps what fits through the bottleneck; the decoder makes the example of it. "
        "With noise on its input it learns to take noise away."
    )

    code_layer: ClassVar[str] = "bottleneck"
    """The name of the layer whose values are the code of an example."""

    kind: Literal["autoencoder"] = "autoencoder"
    form: Literal["dense", "convolutional"] = choice(
        "dense", "Layers", "Every pixel to every neuron, or windows sliding over the picture."
    )
    bottleneck: int = number(32, 1, 256, "Bottleneck", "Numbers that an example is squeezed into.")
    noise: float = number(
        0,
        0,
        1,
        "Noise",
        "Standard deviation of noise added to the input in training; the target stays clean.",
        step=0.05,
    )
    left_out: int = number(
        -1, -1, 199, "Left-out class", "A class that is kept out of the training: the anomaly to find."
    )
    width: int = width_field()

    @classmethod
    def choices(cls, problem: Problem) -> dict[str, dict[Any, str]]:
        classes = problem.classes if len(problem.classes) > 1 else ()
        return {"left_out": {-1: "none", **dict(enumerate(classes))}}

    def unfit(self, problem: Problem) -> list[tuple[str, str]]:
        classes = len(problem.classes)
        if self.left_out < 0 or (classes > 1 and self.left_out < classes):
            return []
        known = f"from 0 to {classes - 1}, or -1 for none" if classes > 1 else "-1, as there are no others"
        return [("left_out", f"expected the number of a class, {known}; received {self.left_out}")]

    def parts(self, problem: Problem) -> dict[str, Network]:
        shape = problem.input_shape
        images = len(shape) == 3
        if self.form == "convolutional" and images:
            encoder, decoder = mirrored(shape, self.width)
        else:
            wide, narrow = Dense(units=8 * self.width), Dense(units=4 * self.width)
            encoder = [*([Flatten()] if len(shape) > 1 else []), wide, narrow]
            decoder = [narrow, wide, Spread(units=prod(shape), activation="sigmoid" if images else "linear")]
            decoder += [Reshape(target_shape=shape)] if len(shape) > 1 else []
        noise: list[Layer] = [GaussianNoise(stddev=self.noise)] if self.noise else []
        layers = (*noise, *encoder, Dense(units=self.bottleneck, activation="linear"), *decoder)
        names = [""] * len(layers)
        names[len(noise) + len(encoder)] = self.code_layer
        return {"network": Network(shape, layers, self.l1, self.l2, names=tuple(names))}

    def advice(self, recipe: Recipe) -> list[str]:
        size = prod(recipe.dataset.input_shape)
        if self.bottleneck < size or self.noise:
            return []
        return [
            f"The bottleneck of {self.bottleneck} is no narrower than the {size} values of an example: the network "
            "can copy and need not learn anything. Make it smaller, or add noise."
        ]

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        return paced(dataset, 64, 15, 1200)
