"""Generative adversarial network (Goodfellow et al. 2014; for images DCGAN, Radford et al. 2015)."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import Generative, paced, width_field
from dlcore.fields import choice, number
from dlcore.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    Layer,
    LeakyReLU,
    Reshape,
    Spread,
)
from dlcore.network import Network
from dlcore.problem import Problem

if TYPE_CHECKING:
    import keras
    import numpy as np

    from dlcore.datasets.base import Dataset, Part
    from dlcore.recipe import Recipe, Training


class GAN(Generative):
    """A generator makes examples, a discriminator tells them from real ones: each makes the other better."""

    curves: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("generator_loss", "discriminator_loss"),
        ("real_accuracy", "fake_accuracy"),
    )

    has_best_epoch: ClassVar[bool] = False  # its loss says which network is ahead, not how good it is
    sources: ClassVar[tuple[str, ...]] = (
        "generative.gan_networks",
        "generative.gan_losses",
        "generative.gan",
    )
    title: ClassVar[str] = "GAN"
    order: ClassVar[int] = 61
    kind: Literal["gan"] = "gan"
    latent_dim: int = number(
        32,
        1,
        128,
        "Latent dimensions",
        "Length of the random vector that the generator turns into an example.",
    )
    width: int = width_field()
    conditional: bool = choice(
        False, "Class-conditional", "Both networks get the class as an input, so you can choose it."
    )
    loss: Literal["standard", "wasserstein"] = choice(
        "standard",
        "Loss",
        "Standard: is it real, yes or no? Wasserstein: how real is it? Steadier, needs a penalty.",
    )
    discriminator_steps: int = number(
        1, 1, 5, "Discriminator steps", "Its steps for each step of the generator."
    )
    discriminator_rate: float = number(
        3.0,
        0.1,
        10,
        "Discriminator's rate",
        "Its learning rate as a multiple of the generator's.",
        step=0.1,
        log=True,
    )
    label_smoothing: float = number(
        0.0, 0, 0.3, "Label smoothing", "Real examples count as a bit less than 1.", step=0.05
    )
    gradient_penalty: float = number(
        0.1,
        0,
        20,
        "Gradient penalty",
        "Limits the slope of the discriminator. Wasserstein needs it: 10 is usual for pictures.",
        step=0.01,
    )
    spectral_normalization: bool = choice(
        False, "Spectral normalisation", "Bounds the slope of the discriminator, layer by layer."
    )

    def advice(self, recipe: Recipe) -> list[str]:
        advice, wasserstein = [], self.loss == "wasserstein"
        if wasserstein and not (self.gradient_penalty or self.spectral_normalization):
            advice.append(
                "Wasserstein's loss needs a gradient penalty (10 is usual) or spectral normalisation; "
                "without, the discriminator's scores grow without end."
            )
        if wasserstein and self.label_smoothing:
            advice.append("Label smoothing does nothing with Wasserstein's loss.")
        return advice

    def cure(self, learning_rate: float) -> str:
        if self.loss == "wasserstein" and not self.gradient_penalty:
            return (
                "nothing holds the discriminator's scores back. Set the gradient penalty to 10, or lower "
                f"the learning rate (it was {learning_rate:g})"
            )
        rate = learning_rate * self.discriminator_rate
        return (
            f"the steps are too long. Lower the learning rate of the generator (it was {learning_rate:g}) "
            f"or the discriminator's (it was {rate:g})"
        )

    def draws_validation(self, problem: Problem) -> bool:
        # A discriminator of points is at 0 or 100 % of the few for validation, in turns.
        return len(problem.input_shape) > 1

    def rules(self, training: Training) -> list[tuple[str, str]]:
        # Its losses say who is ahead, not how good the samples are.
        watching = {"early_stopping": True, "schedule": "reduce on plateau"}
        return [
            (
                field,
                f"expected another value, because a GAN's validation loss says only which network is ahead; "
                f"received {value}",
            )
            for field, value in watching.items()
            if getattr(training, field) == value
        ]

    def parts(self, problem: Problem) -> dict[str, Network]:
        classes = len(problem.classes) if self.conditional else 0
        *sides, channels = problem.input_shape
        score = Dense(units=1 + classes, activation="linear")
        generator, discriminator = self._convolutions(sides, channels) if sides else self._dense(channels)
        return {
            "generator": Network((self.latent_dim + classes,), tuple(generator)),
            "discriminator": Network(problem.input_shape, (*discriminator, score)),
        }

    def _dense(self, coordinates: int) -> tuple[list[Layer], list[Layer]]:
        hidden: list[Layer] = [Dense(units=4 * self.width, activation="linear"), LeakyReLU()] * 3
        return [*hidden, Dense(units=coordinates, activation="linear")], hidden

    def _convolutions(self, sides: list[int], channels: int) -> tuple[list[Layer], list[Layer]]:
        """Halve while the sides are even and more than 4, then mix; and all of it backward."""
        widths: list[int] = []
        while all(side % 2 == 0 and side > 4 for side in sides):
            widths.append(min(2 ** len(widths), 4) * self.width)
            sides = [side // 2 for side in sides]
        small = (*sides, 4 * self.width)
        normalised: list[Layer] = [BatchNormalization(), Activation(activation="relu")]
        generator: list[Layer] = [
            Spread(units=prod(small), activation="linear"),
            Reshape(target_shape=small),
            *normalised,
        ]
        discriminator: list[Layer] = []
        for i, width in enumerate(widths, 1):
            generator += [
                Conv2DTranspose(
                    filters=max(4 * self.width // 2**i, self.width), kernel_size=4, activation="linear"
                ),
                *normalised,
            ]
            discriminator += [
                Conv2D(filters=width, kernel_size=4, strides=2, padding="same", activation="linear"),
                LeakyReLU(),
            ]
        generator.append(Conv2D(filters=channels, padding="same", activation="tanh"))
        mixed = min(2 ** len(widths), 4) * self.width
        mix = Conv2D(filters=mixed, padding="same", activation="linear")
        return generator, [*discriminator, mix, LeakyReLU(), Flatten()]

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        from dlcore.generative.gan import GAN as Model

        return Model(self, problem, seed, precision)

    def preview(
        self, model: Any, recipe: Recipe, validation: Part, samples: np.ndarray, labels: np.ndarray | None
    ) -> dict[str, Any]:
        from dlcore.generative.preview import discriminator_of_points

        return (
            discriminator_of_points(model, recipe, validation, samples, labels)
            if recipe.dataset.planar
            else {}
        )

    @classmethod
    def suggested(cls, dataset: Dataset) -> dict[str, Any]:
        usual = {"learning_rate": 0.001, "schedule": "cosine"}
        if dataset.planar:
            return usual | {"learning_rate": 0.002, "batch_size": 256, "epochs": 500}
        if dataset.source == "embedded":
            return usual | paced(dataset, 64, 120, 2000)
        return usual | paced(dataset, 128, 10, 2000)

    @classmethod
    def suggested_data(cls, dataset: type[Dataset]) -> dict[str, Any]:
        # Of few points the discriminator memorises each.
        return {"examples": 5000} if dataset.input_shape == (2,) else {}
