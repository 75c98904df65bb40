"""Losses of the generator and the discriminator, and the penalty on the discriminator's gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Tensor = Any


def standard_losses(real: Tensor, fake: Tensor, smoothing: float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
    """Losses of scores (n,): the discriminator's on real and on fake examples, and the generator's.

    The discriminator says the probability of "real", sigmoid(score), and is trained by cross-entropy. With
    ``smoothing`` s a real example counts as 1 - s, so it need not become quite certain (Salimans et al.
    2016). The generator maximises log sigmoid(score) of its fakes, which unlike minimising
    log(1 - sigmoid(score)) still has a gradient when every fake is recognised ("non-saturating").
    """
    softplus = tf.nn.softplus  # -log sigmoid(s) = softplus(-s); -log(1 - sigmoid(s)) = softplus(s)
    on_real = (1 - smoothing) * softplus(-real) + smoothing * softplus(real)
    return tf.reduce_mean(on_real), tf.reduce_mean(softplus(fake)), tf.reduce_mean(softplus(-fake))


def wasserstein_losses(real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The same for Wasserstein's loss (Arjovsky et al. 2017): scores are heights, not probabilities.

    As long as the score rises by at most 1 a step, mean(real) - mean(fake) is at most the distance that
    fakes must be moved to become like the real ones.
    """
    return -tf.reduce_mean(real), tf.reduce_mean(fake), -tf.reduce_mean(fake)


def gradient_penalty(score: Callable[[Tensor], Tensor], x: Tensor, slope: float) -> Tensor:
    """Mean over x (n, ...) of (|gradient of the score at x| - slope)².

    Gulrajani et al. 2017 (WGAN-GP) ask for slope 1 on the lines between real and fake examples; Mescheder
    et al. 2018 (R1) for slope 0 at the real ones, which lets the standard game come to rest.
    """
    with tf.GradientTape() as tape:
        tape.watch(x)
        height = score(x)
    squared = tf.square(tape.gradient(height, x))
    squared = tf.reduce_sum(tf.reshape(squared, [tf.shape(x)[0], -1]), axis=1)
    if slope == 0:
        return tf.reduce_mean(squared)
    # The root has no derivative at 0.
    return tf.reduce_mean(tf.square(tf.sqrt(squared + 1e-12) - slope))
