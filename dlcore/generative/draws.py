"""Latent vectors and classes for a generative model: the same seed gives the same."""

from __future__ import annotations

from typing import Any

import numpy as np

BATCH = 250


def draw_latents(model: Any, count: int, seed: int, truncation: float = 1.0, first: int = 0) -> np.ndarray:
    """Latents of examples ``first`` to ``first + count``, float32 of shape (count, *latent_shape).

    Each has its own generator, so what the i-th is does not depend on how many are drawn. ``truncation``
    shrinks them towards 0, where examples are the most typical and the least diverse.
    """
    drawn = [
        np.random.default_rng([seed, i]).normal(size=model.latent_shape) for i in range(first, first + count)
    ]
    return (truncation * np.stack(drawn)).astype("float32")


def classes_in_turn(recipe: Any, count: int, label: int | None = None) -> np.ndarray | None:
    """The class of each example, int32 (count,): ``label``, or all in turn.

    None where the model is unconditional.
    """
    if not recipe.conditional:
        return None
    if label is None:
        return (np.arange(count) % len(recipe.dataset.classes)).astype("int32")
    return np.full(count, label, "int32")


def sampled(model: Any, latents: np.ndarray, labels: np.ndarray | None = None, **how: Any) -> np.ndarray:
    """``model.sample`` in batches that fit into memory."""
    batches = [
        model.sample(latents[i : i + BATCH], None if labels is None else labels[i : i + BATCH], **how)
        for i in range(0, len(latents), BATCH)
    ]
    return np.concatenate(batches)


def to_pixels(images: np.ndarray) -> np.ndarray:
    """Images in [0, 1] as uint8; points stay float32."""
    if images.ndim == 2:
        return images.astype("float32")
    return (255 * np.clip(images, 0, 1)).round().astype("uint8")
