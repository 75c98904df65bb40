"""How many pixels may be decoded of many images together: a small file can hold very many."""

from __future__ import annotations

from dlcore.decoding.formats import ImageError


class OutOfPixels(ImageError):
    """The budget of pixels is spent."""


class PixelBudget:
    """``spend`` is what :func:`dlcore.decoding.images.read_image` calls before it decodes."""

    def __init__(self, pixels: int):
        self.left = pixels

    def spend(self, pixels: int) -> None:
        """Raises OutOfPixels where that is more than is left."""
        self.left -= pixels
        if self.left < 0:
            raise OutOfPixels
