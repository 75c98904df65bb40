"""How good generated examples are, in numbers: what an evaluator makes of them, and how far they are off.

The evaluator is a classifier of the real images (see `dlcore.generative.evaluator`). Points need none: they are
counted on a grid. Every number comes with the same number for real test examples, which is the best that
can be reached, and for noise, the worst. NumPy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

CONFIDENT = 0.9
CELLS, REACH = 16, 4.0
"""The grid that points are counted on: 16×16 cells of side 0.5 over [-4, 4]²."""


@dataclass(frozen=True)
class Classified:
    """What a classifier makes of n images: ``probabilities`` (n, classes), ``features`` (n, width)."""

    probabilities: np.ndarray
    features: np.ndarray

    def __len__(self) -> int:
        return len(self.features)


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """The Fréchet distance between two sets of features (n, width), as Heusel et al. 2017 use it.

    Both sets are taken for Gaussian clouds: |m_a - m_b|² + tr(A + B - 2 (A B)^½), with means m and
    covariances A and B. It is 0 for equal clouds and has no upper end. It depends on the network that
    gives the features and, for small sets, on their size: compare only what was measured alike.
    """
    if len(a) < 2 or len(b) < 2:
        raise ValueError(f"expected at least 2 examples each, received {len(a)} and {len(b)}")
    a, b = a.astype("float64"), b.astype("float64")
    shift = a.mean(axis=0) - b.mean(axis=0)
    root_a, root_b = _root(a), _root(b)
    # With A = R_aᵀ R_a and B likewise, tr (A B)^½ is the sum of the singular values of R_a R_bᵀ. No
    # square root of a matrix is taken, so a singular covariance does no harm.
    common = np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum()
    spread = (root_a**2).sum() + (root_b**2).sum() - 2 * common
    return float(shift @ shift + max(spread, 0.0))


def _root(x: np.ndarray) -> np.ndarray:
    """A matrix R with Rᵀ R = the covariance of the rows of x."""
    return np.asarray(np.linalg.qr((x - x.mean(axis=0)) / np.sqrt(len(x) - 1), mode="r"))


def confident(probabilities: np.ndarray, at_least: float = CONFIDENT) -> float:
    """The share of examples to which the evaluator gives one class with at least this probability."""
    return float((probabilities.max(axis=1) >= at_least).mean())


def coverage(probabilities: np.ndarray) -> np.ndarray:
    """The share of each class among the examples, each counted as the class that the evaluator predicts."""
    counts = np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])
    return counts / len(probabilities)


def jensen_shannon(a: np.ndarray, b: np.ndarray, cells: int = CELLS, reach: float = REACH) -> float:
    """The Jensen-Shannon divergence (Lin 1991) of two clouds of points (n, 2), in bits.

    0 for the same distribution, 1 for clouds that share no cell. The points are counted on a grid of
    ``cells``×``cells`` over [-reach, reach]²; what lies outside counts for the cell next to it. Two
    samples of one distribution do not reach 0: with n points each in K cells expect about 0.36 K / n.
    """
    p, q = _histogram(a, cells, reach), _histogram(b, cells, reach)
    middle = (p + q) / 2
    return (_divergence(p, middle) + _divergence(q, middle)) / 2


def _histogram(points: np.ndarray, cells: int, reach: float) -> np.ndarray:
    places = np.floor((points.astype("float64") + reach) / (2 * reach) * cells)
    column, row = np.clip(places, 0, cells - 1).astype(int).T
    return np.bincount(row * cells + column, minlength=cells**2) / len(points)


def _divergence(p: np.ndarray, q: np.ndarray) -> float:
    """Kullback and Leibler's, in bits; q is positive wherever p is."""
    there = p > 0
    return float((p[there] * np.log2(p[there] / q[there])).sum())


def report(
    samples: Classified, real: Classified, noise: Classified, reference: np.ndarray
) -> dict[str, dict[str, Any]]:
    """The metrics of generated images beside those of real ones and of noise.

    Args:
        samples: What was generated.
        real: Test images, none of them in ``reference``.
        noise: Images of random pixels.
        reference: Features of further test images; the Fréchet distances are those to them.

    Returns for "samples", "real" and "noise": ``count``, ``frechet``, ``confident`` (share),
    ``coverage`` (share of each class) and ``rarest`` (the smallest of those). The Fréchet distances are
    taken from equally many images, because they depend on how many there are.
    """
    alike = min(len(samples), len(real), len(noise))
    metrics = {}
    for name, examples in (("samples", samples), ("real", real), ("noise", noise)):
        shares = coverage(examples.probabilities)
        metrics[name] = {
            "count": len(examples),
            "frechet": round(frechet(examples.features[:alike], reference), 3),
            "confident": round(confident(examples.probabilities), 4),
            "coverage": shares.round(4).tolist(),
            "rarest": round(float(shares.min()), 4),
        }
    return metrics


def report_points(
    samples: np.ndarray, real: np.ndarray, noise: np.ndarray, reference: np.ndarray
) -> dict[str, dict[str, Any]]:
    """``count`` and ``jensen_shannon`` of points (n, 2), as :func:`report` does it for images."""
    alike = min(len(samples), len(real), len(noise))
    return {
        name: {"count": len(points), "jensen_shannon": round(jensen_shannon(points[:alike], reference), 4)}
        for name, points in (("samples", samples), ("real", real), ("noise", noise))
    }
