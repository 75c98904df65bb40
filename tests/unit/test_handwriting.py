"""What `to_digit` promises: MNIST's size and place, whatever the paper, the light and the pen."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps
from scipy import ndimage
from sklearn.datasets import load_digits

from dlcore.decoding.handwriting import to_digit
from dlcore.decoding.images import ImageError

FIXTURE = np.load(Path(__file__).parents[1] / "fixtures" / "mnist_test.npz")
# Every 25th: four of each class.
DIGITS: NDArray[np.uint8] = FIXTURE["images"][::25]


def on_paper(
    digit: NDArray[np.uint8], scale: int = 8, shape: tuple[int, int] = (480, 360)
) -> NDArray[np.float32]:
    """The digit enlarged, off the middle of light paper in uneven light: (height, width)."""
    side = 28 * scale
    large = (
        np.asarray(Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC), np.float32) / 255
    )
    paper = np.full(shape, 230, np.float32)
    paper[30 : 30 + side, 20 : 20 + side] -= 190 * large
    rng = np.random.default_rng(0)
    light = np.linspace(1, 0.6, shape[1], dtype=np.float32)
    return paper * light + rng.normal(0, 3, shape).astype(np.float32)


def image(grey: NDArray[Any]) -> Image.Image:
    return Image.fromarray(np.clip(grey, 0, 255).astype(np.uint8))


def likeness(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Correlation at the best shift by at most one pixel: rounding may go either way."""
    shifts = [np.roll(one, (y, x), (0, 1)) for y in (-1, 0, 1) for x in (-1, 0, 1)]
    return max(float(np.corrcoef(shifted.ravel(), other.ravel())[0, 1]) for shifted in shifts)


@pytest.mark.parametrize("size", [8, 20, 28, 56])
def test_shape_type_and_range(size: int) -> None:
    digit = to_digit(image(on_paper(DIGITS[0])), size)
    assert digit.shape == (size, size) and digit.dtype == np.float32
    assert digit.min() == 0 and 0.9 < digit.max() <= 1


def test_box_and_centre_of_mass_are_those_of_mnist() -> None:
    for original in DIGITS:
        digit = to_digit(image(on_paper(original)))
        rows, columns = np.nonzero(digit > 0.02)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 in (19, 20)
        assert np.abs(np.array(ndimage.center_of_mass(digit)) - 14).max() <= 1


def test_mnist_itself_passes_unchanged() -> None:
    for original in DIGITS:
        assert likeness(to_digit(Image.fromarray(original)), original) > 0.99


def test_a_photo_of_mnist_gives_mnist_back() -> None:
    alike = [likeness(to_digit(image(on_paper(original))), original) for original in DIGITS]
    assert min(alike) > 0.9 and np.mean(alike) > 0.95


def test_size_in_the_frame_does_not_matter() -> None:
    for original in DIGITS[::5]:
        small = to_digit(image(on_paper(original, 3)))
        large = to_digit(image(on_paper(original, 11)))
        assert likeness(small, large) > 0.9


def test_a_large_photo_gives_the_same_digit() -> None:
    photo = image(on_paper(DIGITS[12]))
    assert likeness(to_digit(photo), to_digit(photo.resize((2160, 2880)))) > 0.93


def test_chalk_is_read_like_ink() -> None:
    for original in DIGITS[::5]:
        drawing = Image.fromarray(original).resize((280, 280), Image.Resampling.BICUBIC)
        assert likeness(to_digit(drawing), to_digit(ImageOps.invert(drawing))) > 0.999
        photo = image(on_paper(original))
        assert likeness(to_digit(photo), to_digit(ImageOps.invert(photo))) > 0.9


def test_colours_and_transparency_of_the_mode_do_not_matter() -> None:
    photo = image(on_paper(DIGITS[20]))
    expected = to_digit(photo)
    for mode in ("RGB", "RGBA", "CMYK"):
        assert likeness(to_digit(photo.convert(mode)), expected) > 0.99


def test_lines_of_the_paper_are_not_ink() -> None:
    for original in DIGITS[::3]:
        paper = on_paper(original)
        plain = to_digit(image(paper))
        paper[15::40] *= 0.75
        paper[16::40] *= 0.75
        paper[:, 10::40] *= 0.75
        assert likeness(to_digit(image(paper)), plain) > 0.9


def test_specks_and_the_table_are_not_ink() -> None:
    for original in DIGITS[::3]:
        paper = on_paper(original)
        plain = to_digit(image(paper))
        paper[:, 330:] = 40  # beyond the sheet's edge
        paper[440:443, 300:303] = 30
        paper[280:282, 15:17] = 30
        assert likeness(to_digit(image(paper)), plain) > 0.95


def test_a_soft_shadow_is_not_ink() -> None:
    for original in DIGITS[::3]:
        paper = on_paper(original)
        plain = to_digit(image(paper))
        x = np.linspace(-1, 1, paper.shape[1], dtype=np.float32)
        shadowed = paper * (1 - 0.4 / (1 + np.exp(-8 * x)))
        assert likeness(to_digit(image(shadowed)), plain) > 0.9


def test_a_stroke_of_several_pieces_stays_together() -> None:
    drawing = Image.new("L", (300, 300), 255)
    pen = ImageDraw.Draw(drawing)
    for top in (60, 120, 180):
        pen.line((150, top, 150, top + 45), fill=0, width=12)
    height = np.ptp(np.nonzero(to_digit(drawing) > 0.2)[0]) + 1
    assert height >= 19


def test_a_thin_pen_does_not_fade() -> None:
    drawing = Image.new("L", (600, 600), 255)
    ImageDraw.Draw(drawing).ellipse((100, 60, 420, 540), outline=0, width=3)
    digit = to_digit(drawing)
    assert np.median(digit[digit > 0.1]) > 0.5


def test_blank_images_have_no_ink() -> None:
    rng = np.random.default_rng(0)
    slope = np.linspace(250, 120, 300, dtype=np.float32)[None].repeat(200, 0)
    grainy = slope + rng.normal(0, 6, slope.shape).astype(np.float32)
    flat = (Image.new("L", (28, 28)), Image.new("RGB", (400, 300), "white"))
    for blank in (*flat, image(slope), image(grainy)):
        with pytest.raises(ImageError, match="no ink found"):
            to_digit(blank)


def test_a_drawing_on_a_transparent_canvas_is_read() -> None:
    ink = Image.fromarray(DIGITS[8]).resize((280, 280), Image.Resampling.BICUBIC)
    canvas = Image.new("RGBA", ink.size, (0, 0, 0, 0))
    canvas.putalpha(ink)  # black strokes on nothing: black on black to a reader that drops alpha
    assert likeness(to_digit(canvas), DIGITS[8]) > 0.9


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (2, 3), (5, 5000)])
def test_tiny_and_narrow_images_end_in_a_digit_or_an_image_error(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0]), np.uint8)
    for candidate in (noise, noise // 128 * 255):
        with contextlib.suppress(ImageError):
            assert to_digit(Image.fromarray(candidate)).shape == (28, 28)


def test_size_8_looks_like_scikit_learns_digits() -> None:
    reference = load_digits().images / 16
    ours = np.stack([to_digit(Image.fromarray(original), 8) for original in DIGITS])
    assert (ours * 16 == np.rint(ours * 16)).all()
    assert abs(ours.mean() - reference.mean()) < 0.03  # the same amount of ink
    # The same place of it: filled from top to bottom, and empty at both sides.
    assert np.corrcoef(ours.mean(axis=0).ravel(), reference.mean(axis=0).ravel())[0, 1] > 0.9
