"""From logits to the next token: temperature, top-k, top-p, repetition penalty.

Plain NumPy on what a network has computed once, so a page can redraw the probabilities while a slider
moves without asking the network again.
"""

from __future__ import annotations

import numpy as np

from dlcore.fields import Strict, number


class Sampling(Strict):
    """How the next token is drawn from the network's probabilities."""

    temperature: float = number(
        0.8,
        0,
        2,
        "Temperature",
        "Low: the likely words. High: surprising ones. 0: always the first.",
        step=0.05,
    )
    top_k: int = number(
        0, 0, 100, "Top-k", "Draw among the k most probable tokens only; 0: among all.", step=1
    )
    top_p: float = number(
        0.95,
        0.05,
        1,
        "Top-p",
        "Draw among the most probable tokens that hold this share together.",
        step=0.05,
    )
    repetition_penalty: float = number(
        1.0, 1, 2, "Repetition penalty", "Above 1: what was said already becomes less probable.", step=0.05
    )


def distribution(logits: np.ndarray, how: Sampling, seen: np.ndarray | None = None) -> np.ndarray:
    """The probabilities the next token is drawn with.

    Applied in the order of Hugging Face's ``generate``: repetition penalty (Keskar et al. 2019),
    temperature, top-k (Fan et al. 2018), top-p (Holtzman et al. 2019).

    Args:
        logits: (tokens of the vocabulary,).
        seen: Tokens so far, for the repetition penalty.

    Returns:
        float64 of the same shape with sum 1; a token that cannot be drawn has exactly 0. With
        temperature 0 the most probable token has 1.
    """
    scores = np.array(logits, "float64")
    if how.repetition_penalty != 1 and seen is not None and len(seen):
        said = np.unique(seen)
        penalty = how.repetition_penalty
        scores[said] = np.where(scores[said] > 0, scores[said] / penalty, scores[said] * penalty)
    if how.temperature == 0:
        probabilities = np.zeros_like(scores)
        probabilities[scores.argmax()] = 1
        return probabilities
    scores /= how.temperature
    if 0 < how.top_k < len(scores):
        scores[scores < np.partition(scores, -how.top_k)[-how.top_k]] = -np.inf
    probabilities = np.exp(scores - scores.max())
    probabilities /= probabilities.sum()
    if how.top_p < 1:
        # All tokens below this share hold less than 1 - top_p together, so only the others are sorted.
        likely = probabilities[probabilities >= (1 - how.top_p) / len(probabilities)]
        likely.sort()
        out = int((1 - likely.sum() + np.cumsum(likely) <= 1 - how.top_p).sum())
        out = min(out, len(likely) - 1)  # rounding may take even the last
        tied = np.flatnonzero(probabilities == likely[out])
        probabilities[probabilities < likely[out]] = 0
        probabilities[tied[: out - np.searchsorted(likely, likely[out])]] = 0  # of equals the first go
        probabilities /= probabilities.sum()
    return probabilities


def draw(probabilities: np.ndarray, seed: int, sample: int, position: int) -> int:
    """One token. The same seed, sample and position draw the same, however the work was cut up."""
    rng = np.random.default_rng([seed, sample, position])
    edges = probabilities.cumsum()
    return int(np.searchsorted(edges, rng.random() * edges[-1], side="right"))


def best(probabilities: np.ndarray, count: int) -> list[int]:
    """The most probable tokens, in order; never one with probability 0."""
    possible = np.flatnonzero(probabilities)  # thousands of equal zeros are slow to part
    count = min(count, len(possible))
    if not count:
        return []
    top = possible[np.argpartition(probabilities[possible], -count)[-count:]]
    return [int(i) for i in top[np.argsort(-probabilities[top], kind="stable")]]
