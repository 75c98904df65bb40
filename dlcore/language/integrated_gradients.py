"""Integrated gradients on word vectors.

Sundararajan et al. 2017, "Axiomatic Attribution for Deep Networks": walk along a straight line from the word
vectors of a text without content to those of the text itself, and add up how much each vector moves the
output on the way. What all of them add up to is the difference of the two outputs ("completeness").
"""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf


class Gradients:
    """Integrated gradients on the word vectors of one network, compiled once for every length."""

    def __init__(self, model: Any):
        self.model = model
        row, numbers = tf.TensorSpec((None,), "int32"), tf.TensorSpec((None,), "float32")
        self._add_up = tf.function(
            self._walk,
            input_signature=[row, row, row, numbers, numbers, tf.TensorSpec((), "int32")],
            autograph=False,
        )

    def _walk(self, tokens: Any, baseline: Any, mask: Any, points: Any, weights: Any, target: Any) -> Any:
        """What each token (n,) contributes on the part of the way that has these points."""
        start = self.model.words(baseline)
        change = self.model.words(tokens) - start
        path = start + points[:, None, None] * change
        with tf.GradientTape() as tape:
            tape.watch(path)
            masks = tf.repeat(mask[None], tf.shape(points)[0], axis=0)
            output = tf.reduce_sum(log_odds(self.model.run(path, masks)[0], target))
        slopes = tape.gradient(output, path)
        return tf.reduce_sum(weights[:, None, None] * slopes * change, (0, 2))

    def contributions(
        self, tokens: np.ndarray, baseline: np.ndarray, mask: np.ndarray, target: int, steps: int, batch: int
    ) -> np.ndarray:
        """For each token (n,) its part of the output's change, by Gauss-Legendre quadrature."""
        nodes, weights = np.polynomial.legendre.leggauss(steps)
        points, weights = (nodes / 2 + 0.5).astype("float32"), (weights / 2).astype("float32")
        total = np.zeros(len(tokens))
        for i in range(0, steps, batch):
            part = slice(i, i + batch)
            total += self._add_up(
                tokens, baseline, mask, points[part], weights[part], np.int32(target)
            ).numpy()
        return total


def log_odds(logits: Any, target: Any) -> Any:
    """ln(p / (1 - p)) of a class, from logits (rows, classes); one number a row."""
    chosen = tf.one_hot(target, tf.shape(logits)[1])
    others = tf.reduce_logsumexp(logits - 1e9 * chosen, axis=1)
    return tf.reduce_sum(logits * chosen, axis=1) - others
