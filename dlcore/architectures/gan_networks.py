"""The two networks of a GAN: for images DCGAN's (Radford et al. 2015), for points two small dense ones.

There is no batch normalisation in a discriminator: a real example's score must not depend on the others of its
batch, and a gradient penalty needs that. In a generator it keeps all latent vectors from giving the same image.
"""

from __future__ import annotations

from math import prod
from typing import Any

from dlcore.layers import (
    Activation,
    Conv2D,
    Conv2DTranspose,
    Dense,
    Flatten,
    Layer,
    LeakyReLU,
    QuickNormalization,
    Reshape,
    Shape,
    Spread,
)
from dlcore.network import Network, counted

Layers = dict[str, Layer]
"""By name, one after another."""


def dense(shape: Shape, width: int) -> tuple[Layers, Layers]:
    """Generator, and discriminator but for its scores, of points of that shape."""
    hidden: Layers = {}
    for i in (1, 2, 3):
        hidden[f"dense_{i}"] = Dense(units=4 * width, activation="linear")
        hidden[f"leaky_relu_{i}"] = LeakyReLU()
    return hidden | {"example": Dense(units=shape[0], activation="linear")}, {**hidden}


def convolutional(shape: Shape, width: int) -> tuple[Layers, Layers]:
    """The same of images: halve while the sides are even and more than 4, then mix; and all of it backward."""
    *sides, channels = shape
    discriminator: Layers = {}
    halvings = 0
    while all(side % 2 == 0 and side > 4 for side in sides):
        filters = min(2**halvings, 4) * width
        halvings += 1
        discriminator[f"halve_{halvings}"] = _convolution(filters, kernel_size=4, strides=2)
        discriminator[f"leaky_relu_{halvings}"] = LeakyReLU()
        sides = [side // 2 for side in sides]
    discriminator["mix"] = _convolution(min(2**halvings, 4) * width)
    discriminator[f"leaky_relu_{halvings + 1}"] = LeakyReLU()
    discriminator["flatten"] = Flatten()

    small = (*sides, 4 * width)
    generator: Layers = {
        "dense": Spread(units=prod(small), activation="linear"),
        "reshape": Reshape(target_shape=small),
    }
    for i in range(halvings + 1):
        if i:  # a window of 4 is a multiple of the stride: no checkerboard (Odena et al. 2016)
            filters = max(4 * width // 2**i, width)
            generator[f"double_{i}"] = Conv2DTranspose(filters=filters, kernel_size=4, activation="linear")
        generator[f"normalization_{i}"] = QuickNormalization()
        generator[f"relu_{i}"] = Activation(activation="relu")
    generator["example"] = Conv2D(filters=channels, padding="same", activation="tanh")
    return generator, discriminator


def named(shape: Shape, layers: Layers) -> Network:
    """A chain of layers; those with a kernel are counted."""
    chain = tuple(layers.values())
    return Network(shape, chain, names=tuple(layers), numbers=counted(chain))


def _convolution(filters: int, **options: Any) -> Conv2D:
    return Conv2D(filters=filters, padding="same", activation="linear", **options)
