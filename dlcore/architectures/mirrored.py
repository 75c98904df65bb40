"""Convolutions that halve an image, and the same backward: the two halves of an autoencoder."""

from __future__ import annotations

from math import prod

from dlcore.layers import Conv2D, Conv2DTranspose, Dense, Flatten, Layer, Reshape, Shape, Spread


def mirrored(shape: Shape, width: int) -> tuple[list[Layer], list[Layer]]:
    """Encoder and decoder of images (height, width, channels) in [0, 1].

    The encoder halves while the sides are even and more than 4, and ends with a dense layer; the decoder
    does all of it backward.
    """
    *sides, channels = shape
    widths: list[int] = []
    while all(side % 2 == 0 and side > 4 for side in sides):
        widths.append(min(2 ** len(widths), 4) * width)
        sides = [side // 2 for side in sides]
    strides = 2 if widths else 1
    widths = widths or [width]
    dense = Dense(units=4 * width)
    encoder: list[Layer] = [Conv2D(filters=filters, strides=strides, padding="same") for filters in widths]
    encoder += [Flatten(), dense]
    small = (*sides, widths[-1])
    decoder: list[Layer] = [dense, Spread(units=prod(small)), Reshape(target_shape=small)]
    decoder += [Conv2DTranspose(filters=filters, strides=strides) for filters in widths[::-1]]
    decoder.append(Conv2D(filters=channels, padding="same", activation="sigmoid"))
    return encoder, decoder
