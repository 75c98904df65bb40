"""The metrics of a generative model on the test split: how good what it makes is, in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.architectures.base import Generative
from dlcore.datasets import Split
from dlcore.generative.draws import classes_in_turn, draw_latents, sampled
from dlcore.generative.evaluator import evaluate, evaluate_points, evaluator_of
from dlcore.generative.neighbours import nearest, typical
from dlcore.models import load
from dlcore.recipe import Recipe
from dlcore.runs.store import open_store

NEIGHBOURS = 100
"""Examples compared with all training images."""


def measured(
    model: Any,
    recipe: Recipe,
    split: Split,
    count: int | None = None,
    seed: int = 0,
    truncation: float = 1.0,
    label: int | None = None,
    **how: Any,
) -> dict[str, Any]:
    """Metrics of ``count`` examples that the model makes.

    Returns ``metrics``, one number a name:

    - images that a shipped classifier knows: ``confident``, the share it is at least 90 % sure of,
      ``rarest``, the share of the rarest class, and ``frechet``, a distance to test images;
    - all images: ``novelty``, the median distance to the nearest training image, where 1 is that of
      real test images and 0 is a copy;
    - points: ``jensen_shannon``, the divergence from test points on a grid, in bits;
    - a VAE: ``loss``, the bound on −log p(x) of test examples, in nats.

    ``quality`` has the same and more for "samples", for "real" test examples and for "noise".
    """
    architecture: Generative = recipe.architecture
    count = count or architecture.samples_measured
    latents = draw_latents(model, count, seed, truncation)
    if architecture.draws_noise:
        how = {"seed": seed} | how
    samples = sampled(model, latents, classes_in_turn(recipe, count, label), **how)
    metrics: dict[str, float] = {}
    quality: dict[str, Any] = {}
    if recipe.dataset.planar:
        quality = evaluate_points(samples, _test_points(recipe, split), seed)
        metrics["jensen_shannon"] = quality["samples"]["jensen_shannon"]
    else:
        evaluator = evaluator_of(recipe.dataset.name)
        if evaluator is not None:
            quality = evaluate(load(open_store(), evaluator), samples, split.test.kept, seed)
            quality["judge"] = evaluator.name
            metrics |= {name: quality["samples"][name] for name in ("confident", "rarest", "frechet")}
        distance = np.median(nearest(samples[:NEIGHBOURS], split.train.kept)[1])
        usual = typical(split.test.kept, split.train.kept, NEIGHBOURS)
        metrics["novelty"] = round(float(distance) / usual, 4)
    metrics |= architecture.measure(model, recipe, split.test)
    return {"metrics": metrics, "quality": quality}


def _test_points(recipe: Recipe, split: Split) -> np.ndarray:
    """As many test points as a formula gives, because a grid of few points tells little."""
    if "examples" in type(recipe.dataset).model_fields:
        many: Any = recipe.dataset.model_copy(update={"examples": 5000})
        whole = many.load(recipe.training.seed + 1)
        return np.concatenate([whole.train.x, whole.validation.x, whole.test.x])
    return np.concatenate([split.validation.x, split.test.x])
