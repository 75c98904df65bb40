"""Large arrays in little memory: made where TensorFlow can use them as they are, and shuffled where they lie."""

from __future__ import annotations

from math import prod

import numpy as np

ALIGNMENT = 64
"""Bytes on which TensorFlow's own tensors begin."""
BLOCK = 256
"""Bytes of each example that are moved at a time."""


def aligned(shape: tuple[int, ...]) -> np.ndarray:
    """An empty uint8 array that begins where a tensor may begin."""
    raw = np.empty(prod(shape) + ALIGNMENT, "uint8")
    start = -raw.ctypes.data % ALIGNMENT
    return raw[start : start + prod(shape)].reshape(shape)


def is_aligned(array: np.ndarray) -> bool:
    return array.ctypes.data % ALIGNMENT == 0 and array.flags.c_contiguous and array.flags.writeable


def reordered(images: np.ndarray, order: np.ndarray) -> np.ndarray:
    """``images[order]``, aligned. Of many images it is made in their own memory: they are lost."""
    if len(order) < len(images) / 2 or not is_aligned(images):
        out = aligned((len(order), *images.shape[1:]))
        return np.take(images, order, axis=0, out=out, mode="clip")  # other modes copy once more
    flat = images.reshape(len(images), -1)
    for start in range(0, flat.shape[1], BLOCK):
        block = np.s_[start : start + BLOCK]
        flat[: len(order), block] = flat[order, block]
    return images[: len(order)]
