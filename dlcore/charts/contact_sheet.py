"""Images to download: many on one sheet as a PNG, or one after the other as an animated GIF.

Images are uint8 arrays of shape (n, height, width, 1 or 3), enlarged without smoothing, so that every
pixel the network made can be seen.
"""

from __future__ import annotations

import io
from math import ceil, sqrt

import numpy as np
from PIL import Image

GAP = 1
"""Pixels between two images, before they are enlarged."""
BACKGROUND = 255


def tile(images: np.ndarray, columns: int | None = None) -> np.ndarray:
    """All images in one of shape (height, width, channels), row by row, with a white gap between.

    Without ``columns`` the sheet is as square as can be. A last row that is not full ends in white.
    """
    n, height, width, channels = images.shape
    columns = columns or ceil(sqrt(n))
    rows = ceil(n / columns)
    cell = (height + GAP, width + GAP)
    sheet = np.full((rows * cell[0], columns * cell[1], channels), BACKGROUND, "uint8")
    for i, image in enumerate(images):
        top, left = i // columns * cell[0], i % columns * cell[1]
        sheet[top : top + height, left : left + width] = image
    return sheet[:-GAP, :-GAP]


def png(images: np.ndarray, size: int = 640, columns: int | None = None) -> bytes:
    """A PNG file with all images, its longer side at most ``size`` pixels where they fit into that."""
    file = io.BytesIO()
    _enlarged(tile(images, columns), size).save(file, "PNG")
    return file.getvalue()


def gif(frames: np.ndarray, size: int = 280, seconds: float = 0.1, hold: float = 1.0) -> bytes:
    """An animated GIF of frames (n, height, width, channels) that begins again when it is over.

    Each frame is shown for ``seconds``, the last one for ``hold``. For frames of many images each, make
    every frame with :func:`tile`.
    """
    first, *others = [_enlarged(frame, size) for frame in np.asarray(frames)]
    times = [round(1000 * seconds)] * len(others) + [round(1000 * hold)]
    file = io.BytesIO()
    first.save(file, "GIF", save_all=True, append_images=others, duration=times, loop=0)
    return file.getvalue()


def _enlarged(image: np.ndarray, size: int) -> Image.Image:
    """By a whole number, so that all pixels stay squares of one size."""
    factor = max(1, size // max(image.shape[:2]))
    flat = image[..., 0] if image.shape[-1] == 1 else image
    return Image.fromarray(np.repeat(np.repeat(flat, factor, axis=0), factor, axis=1))
