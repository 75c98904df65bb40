"""What there is to look at of a generative model after an epoch: the same latent vectors, decoded."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.architectures.base import Generative
from dlcore.datasets.base import Part
from dlcore.generative.draws import classes_in_turn, draw_latents, to_pixels
from dlcore.previews import GRID
from dlcore.recipe import Recipe

IMAGES = 16
POINTS = 300
ARROWS = 60
LATENTS = 500


def generative_preview(model: Any, recipe: Recipe, validation: Part) -> dict[str, Any]:
    """Samples as JSON: images with values 0-255, or points.

    What the architecture has to show beside them comes with them.
    """
    points = recipe.dataset.planar
    count = POINTS if points else IMAGES
    latents = draw_latents(model, count, recipe.training.seed)
    labels = classes_in_turn(recipe, count)
    architecture: Generative = recipe.architecture
    samples = model.sample(latents, labels, **architecture.quick)
    if points:
        view = {"kind": "cloud", "samples": samples.round(3).tolist()}
    else:
        view = {"kind": "samples", "pictures": to_pixels(samples).tolist()}
    return view | architecture.preview(model, recipe, validation, samples, labels)


def latent_plane(model: Any, recipe: Recipe, validation: Part) -> dict[str, Any]:
    """Where the first validation examples are on the first two latent dimensions."""
    first = validation[:LATENTS]
    mean, _ = model.encode(first.x, first.y if recipe.conditional else None)
    return {"latent": mean[:, :2].round(3).tolist()}


def discriminator_of_points(
    model: Any, recipe: Recipe, validation: Part, samples: np.ndarray, labels: np.ndarray | None
) -> dict[str, Any]:
    """The discriminator's surface, its accuracies, and arrows along which samples would look more real."""
    pushed = model.push(samples[:ARROWS], None if labels is None else labels[:ARROWS])
    return {
        **_surface(model, recipe, validation),
        "arrows": np.hstack([samples[:ARROWS], pushed]).round(4).tolist(),
        **_accuracies(model, recipe, validation, samples, labels),
    }


def _accuracies(
    model: Any, recipe: Recipe, validation: Part, samples: np.ndarray, labels: np.ndarray | None
) -> dict[str, float]:
    """The shares of generated and of real points that the discriminator now classifies correctly."""
    x, y = validation[:POINTS].x, validation.y[:POINTS]
    fake, real = model.discriminate(samples, labels), model.discriminate(x, y if recipe.conditional else None)
    architecture: Any = recipe.architecture
    border = (1 - architecture.label_smoothing) / 2
    if architecture.loss == "wasserstein":
        border = (fake.mean() + real.mean()) / 2
    return {
        "fake_accuracy": round(float((fake < border).mean()), 4),
        "real_accuracy": round(float((real > border).mean()), 4),
    }


def _surface(model: Any, recipe: Recipe, validation: Part) -> dict[str, Any]:
    """How real every place of the plane looks to the discriminator, in percent between its least
    and its greatest score; with the standard loss that is a probability.

    ``grid[row][column]`` belongs to y = axis[row], x = axis[column].
    """
    reach = float(np.abs(validation.x).max()) * 1.2
    axis = np.linspace(-reach, reach, GRID, dtype="float32")
    places = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    classes = range(len(recipe.dataset.classes)) if recipe.conditional else [None]
    real = np.mean(
        [
            model.discriminate(places, None if label is None else np.full(len(places), label, "int32"))
            for label in classes
        ],
        axis=0,
    )
    architecture: Any = recipe.architecture
    if architecture.loss == "wasserstein":
        real = (real - real.min()) / max(float(np.ptp(real)), 1e-9)
    percent = (100 * real).round().astype(int)
    return {"axis": axis.round(3).tolist(), "grid": percent.reshape(GRID, GRID).tolist()}


def generative_examples(recipe: Recipe, validation: Part) -> dict[str, Any]:
    """Real examples to show beside the samples, and the classes of those that a VAE's plane shows."""
    labels = validation.y[:LATENTS].tolist()
    if recipe.dataset.planar:
        return {"x": validation[:LATENTS].x.round(3).tolist(), "y": labels}
    return {"x": to_pixels(validation[:IMAGES].x).tolist(), "y": labels}
