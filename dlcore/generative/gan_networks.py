"""The two networks of a GAN.

For images they are convolutional (DCGAN, Radford et al. 2015), for points in the plane two small dense networks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers


def initializers(seed: int) -> Callable[[], keras.initializers.Initializer]:
    """Makes Glorot's uniform initialiser, with another seed at every call: nothing else decides weights."""
    seeds = itertools.count(1000 * seed)
    return lambda: keras.initializers.GlorotUniform(seed=next(seeds))


def halvings(height: int, width: int) -> int:
    """How often both sides can be halved until one is odd or at most 4: 28 twice (7), 32 thrice (4)."""
    count = 0
    while height % 2 == width % 2 == 0 and min(height, width) > 4:
        height, width, count = height // 2, width // 2, count + 1
    return count


def make_generator(
    latent_size: int, shape: tuple[int, ...], width: int, seed: int, dtype: str = "float32"
) -> keras.Sequential:
    """From latent vectors (n, latent_size) to examples (n, *shape): pixels within ±1, or points.

    Images begin small and with many channels; every transposed convolution doubles their sides.
    """
    start = initializers(seed)
    stack: list[Any] = [keras.Input((latent_size,))]
    if len(shape) == 1:
        for i in range(3):
            dense = layers.Dense(4 * width, kernel_initializer=start(), name=f"dense_{i + 1}")
            stack += [dense, layers.LeakyReLU(0.2, name=f"leaky_relu_{i + 1}")]
        stack.append(layers.Dense(shape[0], kernel_initializer=start(), name="example"))
        return keras.Sequential(stack, name="generator")

    height, wide, channels = shape
    doublings = halvings(height, wide)
    small = (height // 2**doublings, wide // 2**doublings, 4 * width)

    def activated(index: int) -> list[Any]:
        # Batch normalisation keeps the generator from painting the same image for all latents.
        return [
            layers.BatchNormalization(momentum=0.9, dtype=dtype, name=f"normalization_{index}"),
            layers.Activation("relu", dtype=dtype, name=f"relu_{index}"),
        ]

    stack += [
        layers.Dense(small[0] * small[1] * small[2], kernel_initializer=start(), dtype=dtype, name="dense"),
        layers.Reshape(small, dtype=dtype, name="reshape"),
        *activated(0),
    ]
    for i in range(1, doublings + 1):
        stack += [
            # A window of 4 is a multiple of the stride: no checkerboard (Odena et al. 2016).
            layers.Conv2DTranspose(
                max(4 * width // 2**i, width),
                4,
                strides=2,
                padding="same",
                kernel_initializer=start(),
                dtype=dtype,
                name=f"double_{i}",
            ),
            *activated(i),
        ]
    stack.append(
        layers.Conv2D(
            channels,
            3,
            padding="same",
            activation="tanh",
            kernel_initializer=start(),
            dtype="float32",
            name="example",
        )
    )
    return keras.Sequential(stack, name="generator")


def make_discriminator(
    shape: tuple[int, ...],
    scores: int,
    width: int,
    seed: int,
    *,
    spectral_normalization: bool = False,
    dtype: str = "float32",
) -> keras.Sequential:
    """From examples (n, *shape), pixels within ±1 or points, to ``scores`` numbers each, logits.

    There is no batch normalisation in it: a real example's score must not depend on the others of its
    batch, and a gradient penalty needs that. ``spectral_normalization`` divides every kernel by its
    largest singular value, so that no layer can stretch a difference (Miyato et al. 2018).
    """
    start = initializers(seed)

    def limited(layer: keras.Layer) -> keras.Layer:
        if not spectral_normalization:
            return layer
        return layers.SpectralNormalization(layer, dtype=layer.dtype_policy, name=layer.name)

    stack: list[Any] = [keras.Input(shape)]
    if len(shape) == 1:
        for i in range(3):
            dense = layers.Dense(4 * width, kernel_initializer=start(), name=f"dense_{i + 1}")
            stack += [limited(dense), layers.LeakyReLU(0.2, name=f"leaky_relu_{i + 1}")]
    else:
        count = halvings(*shape[:2])
        for i in range(count + 1):
            halving = layers.Conv2D(
                min(2**i, 4) * width,
                4 if i < count else 3,
                strides=2 if i < count else 1,
                padding="same",
                kernel_initializer=start(),
                dtype=dtype,
                name=f"halve_{i + 1}" if i < count else "mix",
            )
            stack += [limited(halving), layers.LeakyReLU(0.2, dtype=dtype, name=f"leaky_relu_{i + 1}")]
        stack.append(layers.Flatten(dtype=dtype, name="flatten"))
    stack.append(limited(layers.Dense(scores, kernel_initializer=start(), dtype="float32", name="score")))
    model = keras.Sequential(stack, name="discriminator")
    # Keras draws the start of its power iteration from the global generator: drawn here again.
    rng = np.random.default_rng(seed)
    for weight in model.non_trainable_weights:
        if weight.path.endswith("vector_u"):
            weight.assign(rng.normal(0, 0.02, weight.shape))
    return model
