"""Evaluators of generated images: shipped classifiers of the real ones, and what they make of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore.generative.quality import Classified, report, report_points
from dlcore.models import ModelInfo, shipped
from dlcore.parts import scaled

if TYPE_CHECKING:
    import keras

EVALUATORS = {"mnist": "digits-cnn", "fashion_mnist": "fashion-cnn", "digits": "digits8-cnn"}
"""The shipped classifier that evaluates images generated after a data set."""
REFERENCE = 4000
"""Test images, at most, that the others are compared with: more change the numbers little."""


def evaluator_of(dataset: str) -> ModelInfo | None:
    """The classifier of images like those of a data set, or None where none is shipped."""
    wanted = EVALUATORS.get(dataset)
    return next((info for info in shipped() if info.name == wanted), None)


def classified(model: keras.Model, images: np.ndarray, batch_size: int = 512) -> Classified:
    """Class probabilities and features of images (n, height, width, channels), in one pass.

    The features are what the last hidden layer gives out, which is all that the answer is made from.
    Images are float32 in [0, 1], or uint8.
    """
    probabilities, features = [], []
    for start in range(0, len(images), batch_size):
        hidden: Any = scaled(images[start : start + batch_size])
        for layer in model.layers[:-1]:
            hidden = layer(hidden, training=False)
        probabilities.append(np.asarray(model.layers[-1](hidden), "float32"))
        features.append(np.asarray(hidden, "float32"))
    return Classified(np.concatenate(probabilities), np.concatenate(features))


def features(model: keras.Model, images: np.ndarray) -> np.ndarray:
    """The features alone, of shape (n, width)."""
    return classified(model, images).features


def evaluate(model: keras.Model, samples: np.ndarray, test: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """The quality of generated images; see `dlcore.generative.quality.report` for what is in it.

    ``test`` are the data set's test images: as many of them as there are samples, at most half, count
    as "real"; the rest are the reference. ``seed`` decides which, and what the noise is.
    """
    real, reference, rng = _halves(test, len(samples), seed)
    noise = rng.random((len(real), *test.shape[1:]), dtype="float32")
    known = classified(model, reference[:REFERENCE]).features
    return report(classified(model, samples), classified(model, real), classified(model, noise), known)


def evaluate_points(samples: np.ndarray, test: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """The same for points (n, 2), which need no evaluator; noise is spread evenly over the grid.

    Give thousands of test points: with fewer, the grid's cells are too empty to tell much.
    """
    real, reference, rng = _halves(test, len(samples), seed)
    noise = rng.uniform(-3, 3, real.shape)
    return report_points(samples, real, noise, reference)


def _halves(test: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.random.Generator]:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(test))
    count = min(count, len(test) // 2)
    return test[order[:count]], test[order[count:]], rng
