"""What there is to look at of a generative model after an epoch: always the same latent numbers, decoded."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.datasets.base import Part
from dlcore.generative.draws import classes_in_turn, draw_latents, to_pixels
from dlcore.previews import GRID
from dlcore.recipe import Recipe

IMAGES = 16
POINTS = 300
ARROWS = 60
LATENTS = 500
STEPS = 20
"""Of a diffusion model while it trains: enough to see what comes, few enough not to wait for."""


def generative_preview(model: Any, recipe: Recipe, validation: Part) -> dict[str, Any]:
    """Samples as JSON: images with values 0-255, or points.

    Of a VAE also where the first validation examples lie on its first two latent numbers; of a GAN of
    points also the discriminator's surface, and the arrows along which samples would look more real.
    """
    points = recipe.dataset.modality == "points"
    count = POINTS if points else IMAGES
    latents = draw_latents(model, count, recipe.training.seed)
    labels = classes_in_turn(recipe, count)
    kind = recipe.architecture.kind
    made = model.sample(latents, labels, **({"steps": STEPS} if kind == "diffusion" else {}))
    if points:
        found = {"kind": "cloud", "samples": made.round(3).tolist()}
    else:
        found = {"kind": "samples", "pictures": to_pixels(made).tolist()}
    if kind == "vae":
        chosen = slice(0, LATENTS)
        told = validation.y[chosen] if recipe.conditional else None
        mean, _ = model.encode(validation[chosen].x, told)
        found["latent"] = mean[:, :2].round(3).tolist()
    if kind == "gan" and points:
        found |= _surface(model, recipe, validation)
        pushed = model.push(made[:ARROWS], None if labels is None else labels[:ARROWS])
        found["arrows"] = np.hstack([made[:ARROWS], pushed]).round(4).tolist()
        found |= _seen_through(model, recipe, validation, made, labels)
    return found


def _seen_through(
    model: Any, recipe: Recipe, validation: Part, made: np.ndarray, labels: np.ndarray | None
) -> dict[str, float]:
    """The shares of generated and of real points that the discriminator now classifies correctly."""
    x, y = validation[:POINTS].x, validation.y[:POINTS]
    fake, real = model.discriminate(made, labels), model.discriminate(x, y if recipe.conditional else None)
    architecture: Any = recipe.architecture
    border = (1 - architecture.label_smoothing) / 2
    if architecture.loss == "wasserstein":
        border = (fake.mean() + real.mean()) / 2
    return {
        "fake_accuracy": round(float((fake < border).mean()), 4),
        "real_accuracy": round(float((real > border).mean()), 4),
    }


def _surface(model: Any, recipe: Recipe, validation: Part) -> dict[str, Any]:
    """How real every place of the plane looks to the discriminator, in percent of the way from its least
    to its most sure; with the standard loss that is a probability as it stands.

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
    """Real examples to hold beside the samples, and the classes of those that a VAE's plane shows."""
    labels = validation.y[:LATENTS].tolist()
    if recipe.dataset.modality == "points":
        return {"x": validation[:LATENTS].x.round(3).tolist(), "y": labels}
    return {"x": to_pixels(validation[:IMAGES].x).tolist(), "y": labels}
