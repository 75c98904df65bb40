"""Damaged and odd files end in a picture or in one line that says what to do, and soon."""

from __future__ import annotations

import io
import time

import numpy as np
import pytest
from mutations import mutated
from PIL import Image, features

from dlcore.decoding.formats import FORMATS
from dlcore.decoding.images import ImageError, read_image

# Pytest shows warnings that the product does not.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")
SECONDS = 5.0
"""The small files below take a few milliseconds; whatever goes round and round takes for ever."""


def real_ones() -> list[bytes]:
    """A small photo in every format that this Pillow writes, also animated, with a palette, of 16 bits, with EXIF."""
    rng = np.random.default_rng(1)
    smooth = Image.fromarray(rng.integers(256, size=(6, 8, 3), dtype="uint8")).resize((96, 72))
    exif = Image.Exif()
    exif[0x0112] = 6
    deep = Image.fromarray(rng.integers(2**16, size=(40, 40), dtype="uint16"))
    variants: list[tuple[Image.Image, str, dict]] = [
        (smooth, name, {})
        for name in FORMATS
        if name != "HEIF" and (name != "AVIF" or features.check("avif"))
    ]
    variants += [
        (smooth, "JPEG", {"progressive": True, "exif": exif}),
        (smooth.convert("CMYK"), "JPEG", {}),
        (smooth.quantize(16), "PNG", {"transparency": 3}),
        (smooth, "GIF", {"save_all": True, "append_images": [smooth.rotate(90 * k) for k in range(4)]}),
        (smooth, "PNG", {"save_all": True, "append_images": [smooth.rotate(180)]}),
        (deep, "TIFF", {"compression": "tiff_lzw"}),
        (deep, "PNG", {}),
        (smooth, "TIFF", {"compression": "tiff_adobe_deflate"}),
    ]
    files = []
    for image, name, options in variants:
        file = io.BytesIO()
        image.save(file, name, **options)
        files.append(file.getvalue())
    return files


REAL = real_ones()


@pytest.mark.parametrize("first", range(0, 120, 10))
def test_a_damaged_file_is_read_or_refused_in_one_line(first: int):
    for seed in range(first, first + 10):
        how, data = mutated(REAL, seed)
        began = time.monotonic()
        try:
            image = read_image(data, max_pixels=4_000_000)
            assert image.mode == "RGB" and image.width * image.height <= 4_000_000, (seed, how)
        except ImageError as error:
            assert "\n" not in str(error) and ": " in str(error), (seed, how, str(error))
        assert time.monotonic() - began < SECONDS, (seed, how)


def test_the_same_seed_makes_the_same_file():
    assert mutated(REAL, 7) == mutated(REAL, 7) and mutated(REAL, 7) != mutated(REAL, 15)
