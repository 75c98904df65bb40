"""How likely a VAE finds examples: a bound on −log p(x), and which are unlike the training data; jobs for pages."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from dlcore.generative.requests import generative_model, inputs, test_part
from dlcore.models import ModelInfo


def anomaly(model: str, images: Any) -> dict[str, list[float]]:
    """How unlike the training data images are, to a VAE.

    ``scores`` are −ELBO in nats; ``quantiles`` say which share of test images score lower. A
    class-conditional model takes, for each image, the most likely class.
    """
    info, network = generative_model(model, "encode")
    scores = _score(info, network, inputs(info, images))
    ordered = _test_scores(info.name, info.version)
    quantiles = np.searchsorted(ordered, scores) / len(ordered)
    return {"scores": scores.tolist(), "quantiles": quantiles.tolist()}


@lru_cache(maxsize=32)
def _test_scores(model: str, version: str) -> np.ndarray:
    """The scores of test examples, in order: a second's work that does not change with the request."""
    info, network = generative_model(model, "encode")
    return np.sort(_score(info, network, test_part(info)[0].x[:500]))


def _score(info: ModelInfo, network: Any, x: np.ndarray) -> np.ndarray:
    if not info.recipe.conditional:
        return np.asarray(network.negative_elbo(x))
    return np.asarray(negative_elbos(info, network, x).min(axis=0))


def negative_elbos(info: ModelInfo, network: Any, x: np.ndarray) -> np.ndarray:
    """−ELBO of each example as each class, (classes, n)."""
    classes = range(len(info.recipe.dataset.classes))
    return np.array([network.negative_elbo(x, np.full(len(x), label, "int32")) for label in classes])
