"""The networks of diffusion: given a noisy example and the time, what is the noise in it?

For images a U-Net (Ronneberger et al. 2015) as Ho et al. 2020 use it: down to smaller images with more
channels, up again, and beside every level a way across that keeps what was fine. For points a small dense
network. Time, and class if there are classes, are embedded and added to their channels.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers, ops

Tensor = Any
Start = Callable[[], keras.initializers.Initializer]


def initializers(seed: int) -> Start:
    """Makes Glorot's uniform initialiser, with another seed at every call: nothing else decides weights."""
    seeds = itertools.count(1000 * seed)
    return lambda: keras.initializers.GlorotUniform(seed=next(seeds))


def levels(height: int, width: int) -> tuple[bool, int]:
    """Whether the network begins by halving the image, and at how many sizes it then works.

    Most of the work lies at the largest size, so images above 16 pixels are halved first.
    8: at 8 and 4. 28: halved, at 14 and 7. 32: halved, at 16, 8 and 4.
    """
    halved = min(height, width) > 16 and height % 2 == width % 2 == 0
    if halved:
        height, width = height // 2, width // 2
    count = 1
    while count < 3 and height % 2 == width % 2 == 0 and min(height, width) > 4:
        height, width, count = height // 2, width // 2, count + 1
    return halved, count


class TimeEmbedding(layers.Layer):
    """Times (n,) between 0 and 1 as waves (n, size), from slow to fast (Vaswani et al. 2017).

    Close times look alike in the slow waves and differ in the fast ones.
    """

    def __init__(self, size: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.frequencies = np.geomspace(1, 1000, size // 2).astype("float32")

    def call(self, time: Tensor) -> Tensor:
        angles = ops.cast(time, "float32")[:, None] * self.frequencies
        return ops.concatenate([ops.sin(angles), ops.cos(angles)], axis=-1)


def conditions(size: int, classes: int, start: Start) -> tuple[Tensor, Tensor, Tensor]:
    """The inputs time (n,) and label (n,), and their embedding for all blocks, (n, size).

    Label number ``classes`` means "of any class".
    """
    time = keras.Input((), name="time")
    label = keras.Input((), dtype="int32", name="label")
    h = TimeEmbedding(size, dtype="float32", name="waves")(time)
    h = layers.Dense(size, activation="swish", kernel_initializer=start(), name="time_1")(h)
    h = layers.Dense(size, kernel_initializer=start(), name="time_2")(h)
    if classes:
        embedding = layers.Embedding(classes + 1, size, embeddings_initializer=start(), name="class")
        h = layers.Add(name="time_and_class")([h, embedding(label)])
    return time, label, layers.Activation("swish", name="told")(h)


def make_unet(
    shape: tuple[int, ...], width: int, classes: int, seed: int, dtype: str = "float32"
) -> keras.Model:
    """From noisy images (n, height, width, channels), times (n,) and labels (n,) to the noise in them."""
    start = initializers(seed)
    halved, count = levels(*shape[:2])
    widths = [width * min(2**i, 2) for i in range(count)]

    def convolution(filters: int, size: int, name: str, strides: int = 1) -> layers.Conv2D:
        return layers.Conv2D(
            filters, size, strides, "same", kernel_initializer=start(), dtype=dtype, name=name
        )

    def doubling(filters: int, name: str) -> layers.Conv2DTranspose:
        return layers.Conv2DTranspose(
            filters, 4, 2, "same", kernel_initializer=start(), dtype=dtype, name=name
        )

    def ready(x: Tensor, name: str) -> Tensor:
        """Normalised and activated: what comes before a convolution."""
        x = layers.RMSNormalization(dtype=dtype, name=f"{name}_norm")(x)
        return layers.Activation("swish", dtype=dtype, name=f"{name}_swish")(x)

    def block(x: Tensor, filters: int, name: str) -> Tensor:
        """Two convolutions with a residual connection (He et al. 2015); between them the time is added."""
        h = convolution(filters, 3, f"{name}_conv_1")(ready(x, f"{name}_1"))
        projected = layers.Dense(filters, kernel_initializer=start(), dtype=dtype, name=f"{name}_told")
        here = layers.Reshape((1, 1, filters), dtype=dtype, name=f"{name}_here")(projected(embedded))
        h = layers.Add(dtype=dtype, name=f"{name}_hear")([h, here])
        h = convolution(filters, 3, f"{name}_conv_2")(ready(h, f"{name}_2"))
        if x.shape[-1] != filters:
            x = convolution(filters, 1, f"{name}_way")(x)
        return layers.Add(dtype=dtype, name=f"{name}_add")([x, h])

    image = keras.Input(shape, name="picture")
    time, label, embedded = conditions(4 * width, classes, start)
    x = convolution(width, 3, "first", strides=2 if halved else 1)(image)
    across = []
    for i, filters in enumerate(widths):
        x = block(x, filters, f"down_{i + 1}")
        across.append(x)
        if i + 1 < count:
            x = convolution(widths[i + 1], 3, f"halve_{i + 1}", strides=2)(x)
    x = block(x, widths[-1], "middle")
    for i in reversed(range(count)):
        x = layers.Concatenate(dtype=dtype, name=f"across_{i + 1}")([x, across[i]])
        x = block(x, widths[i], f"up_{i + 1}")
        if i:
            x = doubling(widths[i - 1], f"double_{i}")(x)
    x = ready(x, "last")
    if halved:
        x = doubling(width // 2, "double")(x)
        x = layers.Activation("swish", dtype=dtype, name="double_swish")(x)
        x = layers.Concatenate(dtype=dtype, name="across")([x, image])
    # Zeros at first: the network begins with "no noise" and not with some of its own.
    noise = layers.Conv2D(
        shape[-1], 3, padding="same", kernel_initializer="zeros", dtype="float32", name="noise"
    )(x)
    return keras.Model([image, time, label], noise, name="unet")


def make_mlp(size: int, width: int, classes: int, seed: int) -> keras.Model:
    """The same for points (n, size): three dense blocks with residual connections."""
    start = initializers(seed)

    def dense(units: int, name: str, activation: str | None = None) -> layers.Dense:
        return layers.Dense(units, activation, kernel_initializer=start(), name=name)

    point = keras.Input((size,), name="point")
    time, label, embedded = conditions(4 * width, classes, start)
    x = dense(4 * width, "first")(point)
    for i in range(1, 4):
        h = layers.Add(name=f"hear_{i}")(
            [dense(4 * width, f"dense_{i}_1")(x), dense(4 * width, f"told_{i}")(embedded)]
        )
        h = dense(4 * width, f"dense_{i}_2")(layers.Activation("swish", name=f"swish_{i}")(h))
        x = layers.Add(name=f"add_{i}")([x, h])
    x = layers.Activation("swish", name="last")(x)
    noise = layers.Dense(size, kernel_initializer="zeros", name="noise")(x)
    return keras.Model([point, time, label], noise, name="unet")
