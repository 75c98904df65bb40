"""New examples of a generative model, how good they are, and the real ones nearest to them; jobs for pages."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from dlcore import inference
from dlcore.generative.draws import classes_in_turn, draw_latents, sampled, to_pixels
from dlcore.generative.measure import measured
from dlcore.generative.neighbours import nearest as nearest_of
from dlcore.generative.neighbours import typical
from dlcore.generative.requests import (
    MOST,
    check_range,
    checked_latents,
    class_number,
    generative_model,
    inputs,
    sampling_options,
    split_of,
    test_part,
)


def sample(
    model: str,
    count: int = 16,
    seed: int = 0,
    label: int | str | None = None,
    truncation: float = 1.0,
    latents: Any = None,
    **options: Any,
) -> dict[str, Any]:
    """New examples.

    Args:
        model: A shipped generative model or a run.
        count: Number of examples; the i-th does not depend on it.
        seed: The same seed gives the same examples.
        label: Class (number or name) of all of them; None: all classes in turn.
        truncation: Scales the latent vectors: below 1 more typical, less diverse.
        latents: Latent vectors (n, *latent_shape) to use instead of drawn ones.
        options: For diffusion ``steps``, ``sampler`` and ``eta``; for diffusion and a class-conditional
            VAE ``guidance``.

    Returns:
        ``samples``, their ``labels`` (or None), their ``latents`` and ``seconds``.
    """
    info, network = generative_model(model)
    check_range("truncation", truncation, 0, 2)
    options = sampling_options(info, options, seed)
    if latents is None:
        check_range("count", count, 1, MOST)
        check_range("seed", seed, 0, 2**31 - 1)
        latents = draw_latents(network, count, seed, truncation)
    else:
        latents = checked_latents(network, latents)
    labels = classes_in_turn(info.recipe, len(latents), class_number(info, label))
    started = time.perf_counter()
    samples = sampled(network, latents, labels, **options)
    return {
        "samples": to_pixels(samples),
        "labels": None if labels is None else labels.tolist(),
        "latents": latents,
        "seconds": round(time.perf_counter() - started, 3),
    }


def test_examples(model: str, count: int = 12) -> dict[str, Any]:
    """The first test examples: ``examples`` (n, …), their classes by name as ``labels``, and ``data``, a
    line that says which test examples these are."""
    info, _ = generative_model(model)
    test, source = test_part(info)
    check_range("count", count, 1, MOST)
    classes = info.recipe.dataset.classes
    return {
        "examples": to_pixels(test[:count].x),
        "labels": [classes[label] for label in test.y[:count]],
        "data": source,
    }


def nearest(model: str, images: Any) -> dict[str, Any]:
    """For each image the ``nearest`` training image, its ``label`` and its ``distance``.

    ``typical`` is the same distance for real test images: a generated one that is much nearer is a
    copy. Distances are Euclidean over pixels in [0, 1].
    """
    info, _ = generative_model(model)
    if not info.recipe.dataset.images:
        raise ValueError(f"model: expected one of pictures, received {info.name}, one of points")
    split = split_of(info)
    index, distance = nearest_of(inputs(info, images), split.train.kept)
    classes = info.recipe.dataset.classes
    return {
        "nearest": to_pixels(split.train[index].x),
        "label": [classes[label] for label in split.train.y[index]],
        "distance": distance.tolist(),
        "typical": _typical(info.recipe.dataset, info.recipe.training.seed),
    }


@lru_cache(maxsize=8)
def _typical(dataset: Any, seed: int) -> float:
    split = inference.cached_data(dataset, seed)
    return typical(split.test.kept, split.train.kept)


def quality(
    model: str,
    count: int = 1000,
    seed: int = 0,
    truncation: float = 1.0,
    label: int | str | None = None,
    **options: Any,
) -> dict[str, Any]:
    """The quality metrics of ``count`` new examples; see :func:`dlcore.generative.measure.measured`."""
    info, network = generative_model(model)
    check_range("count", count, 50, 10 * MOST)
    check_range("truncation", truncation, 0, 2)
    chosen = class_number(info, label)
    options = sampling_options(info, options, seed)
    return measured(network, info.recipe, split_of(info), count, seed, truncation, chosen, **options)
