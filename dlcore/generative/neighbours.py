"""Is a generated image a copy? The training image that is nearest to it, and how near.

Distances are Euclidean over all pixels, with pixels in [0, 1]. NumPy only.
"""

from __future__ import annotations

import numpy as np

CHUNK = 8192
"""Training images looked at at a time: 26 MB of 28×28 pixels."""


def nearest(images: np.ndarray, training: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest training image of each image: its index (n,) and its distance (n,).

    Both are arrays (n, height, width, channels), float32 in [0, 1] or uint8.
    """
    ours = _flat(images)
    best = np.zeros(len(ours), "int64")
    least = np.full(len(ours), np.inf)
    for start in range(0, len(training), CHUNK):
        theirs = _flat(training[start : start + CHUNK])
        # |a - b|² = |a|² - 2 ab + |b|², of which |a|² is the same for all: one product of matrices.
        score = np.einsum("ij,ij->i", theirs, theirs) - 2 * ours @ theirs.T
        index = score.argmin(axis=1)
        smallest = score[np.arange(len(ours)), index]
        nearer = smallest < least
        best[nearer], least[nearer] = start + index[nearer], smallest[nearer]
    # The short form loses digits where two images are nearly the same: the distance is taken anew.
    distance = np.sqrt(((ours - _flat(training[best])) ** 2).sum(axis=1))
    return best, distance


def typical(test: np.ndarray, training: np.ndarray, count: int = 200, seed: int = 0) -> float:
    """The median distance of ``count`` real test images to their nearest training image.

    A generated image that is much nearer than this has been remembered rather than invented.
    """
    chosen = np.random.default_rng(seed).permutation(len(test))[:count]
    return float(np.median(nearest(test[chosen], training)[1]))


def _flat(images: np.ndarray) -> np.ndarray:
    flat: np.ndarray = images.reshape(len(images), -1).astype("float32", copy=False)
    return flat / 255 if images.dtype == np.uint8 else flat
