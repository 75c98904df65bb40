"""Generative adversarial network (Goodfellow et al. 2014; for images DCGAN, Radford et al. 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from dlcore.architectures.base import Generative, paced, width_field
from dlcore.architectures.gan_networks import convolutional, dense, named
from dlcore.fields import choice, number
from dlcore.layers import Dense, Spectral, Weighted
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
    sources: ClassVar[tuple[str, ...]] = ("generative.gan_losses", "generative.gan")
    given: ClassVar[tuple[str, ...]] = ("generator", "discriminator")
    abilities: ClassVar[frozenset[str]] = frozenset({"sample", "interpolate", "discriminate"})
    room: ClassVar[tuple[str, str]] = ("gan", "GAN room")
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
        *sides, _ = problem.input_shape
        make = convolutional if sides else dense
        generator, discriminator = make(problem.input_shape, self.width)
        discriminator["score"] = Dense(units=1 + classes, activation="linear")
        if self.spectral_normalization:
            discriminator = {
                name: Spectral.of(layer) if isinstance(layer, Weighted) else layer
                for name, layer in discriminator.items()
            }
        return {
            "generator": named((self.latent_dim + classes,), generator),
            "discriminator": named(problem.input_shape, discriminator),
        }

    def build(self, problem: Problem, seed: int, precision: str = "float32") -> keras.Model:
        import keras

        from dlcore.generative.gan import GAN as Model
        from dlcore.generative.gan import start_power_iterations

        parts = self.parts(problem)
        inner = precision if len(problem.input_shape) > 1 else "float32"
        with keras.name_scope("gan"):
            generator = parts["generator"].build(2 * seed, inner, "generator")
            discriminator = parts["discriminator"].build(2 * seed + 1, inner, "discriminator")
        start_power_iterations(discriminator, 2 * seed + 1)
        return Model(self, problem, seed, generator, discriminator)

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
