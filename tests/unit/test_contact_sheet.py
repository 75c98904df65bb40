"""Sheets and films hold every pixel of every image, enlarged by a whole number."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from dlcore.charts.contact_sheet import GAP, gif, png, tile


def images(count: int, height: int = 6, width: int = 8, channels: int = 1) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.integers(200, size=(count, height, width, channels), dtype="uint8")


@pytest.mark.parametrize(
    ("count", "columns", "rows_and_columns"),
    [(16, None, (4, 4)), (5, None, (2, 3)), (1, None, (1, 1)), (7, 7, (1, 7)), (7, 2, (4, 2))],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_every_image_stands_in_its_place(count, columns, rows_and_columns, channels):
    given = images(count, channels=channels)
    sheet = tile(given, columns)
    rows, across = rows_and_columns
    assert sheet.shape == (rows * (6 + GAP) - GAP, across * (8 + GAP) - GAP, channels)
    for i, image in enumerate(given):
        top, left = i // across * (6 + GAP), i % across * (8 + GAP)
        assert (sheet[top : top + 6, left : left + 8] == image).all()
    assert (sheet == 255).sum() == sheet.size - given.size, "gaps and empty places are white"


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [1, 35, 640])
def test_a_png_is_the_sheet_enlarged_without_smoothing(channels, size):
    given = images(16, channels=channels)
    sheet = tile(given)
    image = Image.open(io.BytesIO(png(given, size)))
    assert image.format == "PNG" and image.mode == ("L" if channels == 1 else "RGB")
    factor = max(1, size // 35)
    assert image.size == (35 * factor, 27 * factor)
    pixels = np.asarray(image).reshape(*image.size[::-1], channels)
    for down in range(factor):
        assert (pixels[down::factor, down::factor] == sheet).all()


def test_a_gif_has_every_frame_for_its_time_and_begins_again():
    frames = images(5, 6, 6)
    image = Image.open(io.BytesIO(gif(frames, size=60, seconds=0.2, hold=1.5)))
    assert image.format == "GIF" and image.n_frames == 5 and image.size == (60, 60)
    assert image.info["loop"] == 0
    for i, frame in enumerate(frames):
        image.seek(i)
        assert image.info["duration"] == (1500 if i == 4 else 200)
        seen = np.asarray(image.convert("L"))[::10, ::10]
        assert (seen == frame[..., 0]).all()


def test_a_gif_of_one_frame_and_one_in_colour():
    assert Image.open(io.BytesIO(gif(images(1)))).size == (280, 210)
    image = Image.open(io.BytesIO(gif(images(3, channels=3), seconds=0.05)))
    assert image.n_frames == 3


def test_frames_may_be_sheets():
    film = np.stack([tile(images(4) + np.uint8(i)) for i in range(3)])
    assert Image.open(io.BytesIO(gif(film))).n_frames == 3
