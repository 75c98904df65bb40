"""Variational autoencoder (Kingma and Welling 2013) with Higgins et al.'s β (2017).

An encoder turns an example into a mean and a variance for each of a few latent dimensions; a decoder turns
a latent vector back into an example. Both halve or double the image with strided convolutions.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import MOST_GUIDANCE, Generative, paced, width_field
from dlcore.architectures.mirrored import mirrored
from dlcore.fields import choice, number
from dlcore.layers import Dense, Flatten, Layer, Reshape, Shape, Spread
from dlcore.network import Network, counted
from dlcore.problem import Problem

if TYPE_CHECKING:
    import keras
    import numpy as np

    from dlcore.datasets.base import Dataset, Part
    from dlcore.recipe import Recipe


class VAE(Generative):
    """Squeezes examples into a few latent dimensions; new latent vectors give new examples."""

    curves: ClassVar[tuple[tuple[str, ...], ...]] = (("loss",), ("reconstruction", "kl"))

    sources: ClassVar[tuple[str, ...]] = ("generative.vae",)
    given: ClassVar[tuple[str, ...]] = ("encoder", "decoder")
    abilities: ClassVar[frozenset[str]] = frozenset({"sample", "interpolate", "encode"})
    room: ClassVar[tuple[str, str]] = ("latent", "Latent room")
    title: ClassVar[str] = "VAE"
    order: ClassVar[int] = 60
    kind: Literal["vae"] = "vae"
    form: Literal["convolutional", "dense"] = choice(
        "convolutional", "Layers", "Windows sliding over the picture, or every pixel to every neuron."
    )
    latent_dim: int = number(
        2, 1, 64, "Latent dimensions", "What an example is squeezed into. Two can be drawn as a plane."
    )
    beta: float = number(
        1.0,
        0,
        10,
        "β",
        "Weight of the KL term. Larger: a tidier latent space, blurrier examples. 0: an autoencoder.",
        step=0.1,
    )
    likelihood: Literal["normal", "laplace"] = choice(
        "normal",
        "Likelihood",
        "The distribution of a pixel around the reconstruction. Normal gives a mean, which is blurry; "
        "Laplace a median, which has sharper edges.",
    )
    width: int = width_field()
    conditional: bool = choice(
        False, "Class-conditional", "Encoder and decoder get the class as an input, so you can choose it."
    )

    def advice(self, recipe: Recipe) -> list[str]:
        if self.beta == 0:
            return [
                "With β = 0 nothing orders the latent space: it will reconstruct well, but what it "
                "makes of random latent vectors means nothing."
            ]
        if self.beta > 4:
            return [
                f"β = {self.beta:g} weighs the KL term far above the reconstruction: expect blurred, similar examples."
            ]
        return []

    def sampling(self) -> dict[str, Any]:
        return {"guidance": 1.0} if self.conditional else {}

    def sampling_bounds(self) -> dict[str, tuple[Any, ...]]:
        return {"guidance": MOST_GUIDANCE} if self.conditional else {}

    def parts(self, problem: Problem) -> dict[str, Network]:
        classes = len(problem.classes) if self.conditional else 0
        *sides, channels = problem.input_shape
        seen: Shape = (*sides, channels + classes)
        if self.form == "dense" or not sides:
            hidden: list[Layer] = [Dense(units=8 * self.width), Dense(units=8 * self.width)]
            encoder = [*([Flatten()] if sides else []), *hidden]
            size = prod(problem.input_shape)
            decoder = [*hidden, Spread(units=size, activation="sigmoid" if sides else "linear")]
            if sides:
                decoder.append(Reshape(target_shape=problem.input_shape))
        else:
            encoder, decoder = mirrored(problem.input_shape, self.width)
        encoder.append(Dense(units=2 * self.latent_dim, activation="linear"))
        numbers = counted([*encoder, *decoder], first=1)
        split = len(encoder)
        return {
            "encoder": _numbered(seen, encoder, numbers[:split]),
            "decoder": _numbered((self.latent_dim + classes,), decoder, numbers[split:]),
        }

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        from dlcore.generative.vae import VAE as Model

        halves = {name: part.build(seed, name=name) for name, part in self.parts(problem).items()}
        return Model(self, problem, seed, **halves)

    def preview(
        self, model: Any, recipe: Recipe, validation: Part, samples: np.ndarray, labels: np.ndarray | None
    ) -> dict[str, Any]:
        from dlcore.generative.preview import latent_plane

        return latent_plane(model, recipe, validation)

    def measure(self, model: Any, recipe: Recipe, test: Part) -> dict[str, float]:
        elbo = model.negative_elbo(test.x, test.y if recipe.conditional else None)
        return {"loss": round(float(elbo.mean()), 4)}

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        epochs = 60 if dataset.source == "embedded" else 15
        steps = 600 if dataset.planar else 1200
        return {"learning_rate": 0.002} | paced(dataset, 64, epochs, steps)


def _numbered(shape: Shape, layers: list[Layer], numbers: tuple[int, ...]) -> Network:
    """A chain whose layers are counted throughout both halves, as stored weights have it."""
    names = tuple(f"{layer.type.lower()}_{number}" for layer, number in zip(layers, numbers, strict=True))
    return Network(shape, tuple(layers), names=names, numbers=numbers)
