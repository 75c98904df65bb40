"""Judges of generated pictures: shipped classifiers that know the real ones, and what they see in a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore.models import ModelInfo, shipped
from dlcore.parts import scaled
from dlcore.quality import Judged, report, report_points

if TYPE_CHECKING:
    import keras

JUDGES = {"mnist": "digits-cnn", "fashion_mnist": "fashion-cnn", "digits": "digits8-cnn"}
"""Which shipped classifier judges pictures made after which data set."""
REFERENCE = 4000
"""Test pictures, at most, that the others are compared with: more change the numbers little."""


def judge_of(dataset: str) -> ModelInfo | None:
    """The classifier for pictures like those of a data set, or None where none is shipped."""
    wanted = JUDGES.get(dataset)
    return next((info for info in shipped() if info.name == wanted), None)


def judged(model: keras.Model, pictures: np.ndarray, batch_size: int = 512) -> Judged:
    """Class probabilities and features of pictures (n, height, width, channels), in one pass.

    The features are what the last hidden layer gives out, which is all that the answer is made from.
    Pictures are float32 in [0, 1], or uint8.
    """
    chances, features = [], []
    for start in range(0, len(pictures), batch_size):
        hidden: Any = scaled(pictures[start : start + batch_size])
        for layer in model.layers[:-1]:
            hidden = layer(hidden, training=False)
        chances.append(np.asarray(model.layers[-1](hidden), "float32"))
        features.append(np.asarray(hidden, "float32"))
    return Judged(np.concatenate(chances), np.concatenate(features))


def features(model: keras.Model, pictures: np.ndarray) -> np.ndarray:
    """The features alone, of shape (n, width)."""
    return judged(model, pictures).features


def verdict(model: keras.Model, samples: np.ndarray, test: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """The quality of generated pictures; see `dlcore.quality.report` for what is in it.

    ``test`` are the data set's test pictures: as many of them as there are samples, at most half, are
    marked as "real"; the rest are the reference. ``seed`` decides which, and what the noise is.
    """
    real, reference, rng = _halves(test, len(samples), seed)
    noise = rng.random((len(real), *test.shape[1:]), dtype="float32")
    known = judged(model, reference[:REFERENCE]).features
    return report(judged(model, samples), judged(model, real), judged(model, noise), known)


def verdict_on_points(samples: np.ndarray, test: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """The same for points (n, 2), which need no judge; noise is spread evenly over the grid.

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
