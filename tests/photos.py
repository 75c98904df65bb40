"""Phone photos of handwritten digits, made from MNIST images.

A photo is built the way light builds one: a sheet (or a board), marks on it, light falling on
both, and then a camera that blurs, adds noise and compresses. Every choice comes from the seed,
so a photo can be made again.

    python tests/photos.py OUT_DIR [--count N] [--board]
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Array = NDArray[np.float32]

FIXTURE = Path(__file__).parent / "fixtures" / "mnist_test.npz"

# Colours are sRGB in 0..255, and light multiplies them: not quite physics, but close enough.
PAPERS = [
    (250, 250, 248),
    (244, 240, 228),
    (250, 240, 180),
    (214, 228, 244),
    (216, 236, 214),
    (244, 216, 220),
    (222, 218, 208),
    (236, 224, 200),
]
INKS = [
    (22, 22, 26),
    (38, 38, 44),
    (24, 40, 130),
    (40, 70, 170),
    (120, 20, 28),
    (20, 82, 50),
    (84, 84, 90),
    (70, 40, 110),
]
TABLES = [(96, 66, 42), (60, 58, 56), (130, 104, 76), (40, 44, 52), (150, 150, 146)]
BOARDS = [(36, 62, 50), (30, 34, 36), (46, 74, 62), (44, 48, 60)]
CHALKS = [(236, 236, 230), (240, 224, 140), (236, 190, 190), (186, 214, 236)]


def make_photo(digit: NDArray[np.uint8], seed: int, *, board: bool = False) -> Image.Image:
    """A photo of `digit`, written in ink on paper or, with `board`, in chalk on a board.

    Args:
        digit: (28, 28) MNIST image, 0 (background) to 255 (ink).
        seed: fixes every choice: the same digit and seed give the same photo.
        board: light chalk on a dark board in place of dark ink on light paper.

    Returns:
        An RGB image, 320 to 1200 pixels a side, as it comes out of a JPEG file.
    """
    rng = np.random.default_rng(seed)
    height, width = _frame(rng)
    ink = _stroke(digit, height, width, rng)
    scene = _write_on_board(ink, rng) if board else _write_on_paper(ink, rng)
    lit = scene * _light(height, width, rng)[..., None]
    return _camera(lit, rng)


def _frame(rng: np.random.Generator) -> tuple[int, int]:
    """Height and width in pixels, portrait or landscape."""
    long = int(rng.integers(430, 1201))
    short = max(320, int(long / rng.choice([1.0, 4 / 3, 3 / 2, 16 / 9])))
    return (long, short) if rng.random() < 0.5 else (short, long)


def _stroke(digit: NDArray[np.uint8], height: int, width: int, rng: np.random.Generator) -> Array:
    """How much of each pixel is covered by the stroke: (height, width), 0 to 1."""
    rows, columns = np.nonzero(digit)
    cut = digit[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    cut = np.pad(cut, 3)
    long_side = max(cut.shape) - 6
    scale = rng.uniform(0.12, 0.80) * min(height, width) / long_side  # photo pixels per MNIST pixel
    size = (round(cut.shape[1] * scale), round(cut.shape[0] * scale))
    smooth = Image.fromarray(cut).resize(size, Image.Resampling.BICUBIC)
    smooth = smooth.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True)
    grey = ndimage.gaussian_filter(np.asarray(smooth, np.float32) / 255, 0.35 * scale)
    # Cut at a level, the smooth image gets a pen's edge; the level makes the pen finer or
    # broader.
    level = rng.uniform(0.30, 0.52)
    shape = np.clip((grey - level) * scale * 1.5 + 0.5, 0, 1)

    rows, columns = np.nonzero(shape > 0.5)
    shape = shape[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    margin = 0.02 * min(height, width)
    # A turned digit at full scale can be wider than the frame: then it is made to fit.
    fit = min(1.0, (height - 2 * margin) / shape.shape[0], (width - 2 * margin) / shape.shape[1])
    shape = np.clip(ndimage.zoom(shape, fit, order=1), 0, 1) if fit < 1 else shape
    top = int(rng.uniform(margin, max(margin, height - margin - shape.shape[0])))
    left = int(rng.uniform(margin, max(margin, width - margin - shape.shape[1])))
    coverage = np.zeros((height, width), np.float32)
    coverage[top : top + shape.shape[0], left : left + shape.shape[1]] = shape
    return coverage


def _write_on_paper(ink: Array, rng: np.random.Generator) -> Array:
    height, width = ink.shape
    paper = _colour(PAPERS, rng)
    sheet = np.empty((height, width, 3), np.float32)
    sheet[:] = paper
    sheet *= 1 + rng.uniform(0.005, 0.02) * _clouds(height, width, 3, rng)[..., None]  # fibres
    sheet *= 1 + rng.uniform(0.005, 0.02) * _clouds(height, width, 60, rng)[..., None]  # waves, stains
    if rng.random() < 0.4:
        lines = _printed_lines(height, width, rng)
        sheet = _blend(sheet, _colour([(90, 130, 200), (150, 150, 160), (200, 120, 130)], rng), lines)
    pressure = 1 + 0.07 * _clouds(height, width, 12, rng)
    opacity = np.clip(rng.uniform(0.72, 0.97) * pressure, 0, 1)
    sheet = _blend(sheet, _colour(INKS, rng), ink * opacity)
    if rng.random() < 0.15:
        sheet = _blend(sheet, _colour(TABLES, rng), _beyond_the_edge(ink, rng))
    return sheet


def _write_on_board(chalk: Array, rng: np.random.Generator) -> Array:
    height, width = chalk.shape
    board = np.empty((height, width, 3), np.float32)
    board[:] = _colour(BOARDS, rng)
    # What the sponge left behind.
    dust = np.clip(_clouds(height, width, 70, rng), 0, 2) * rng.uniform(0.0, 0.09)
    wipes = ndimage.gaussian_filter1d(_clouds(height, width, 4, rng), 40, axis=1)
    wipes *= rng.uniform(0.0, 0.12)
    board = _blend(board, np.array([215, 215, 210], np.float32), np.clip(dust + wipes, 0, 0.4))
    # Chalk sits on the peaks of a rough board, and leaves the valleys dark.
    rough = _clouds(height, width, rng.uniform(1.2, 2.5), rng)
    grain = np.clip(rng.uniform(0.75, 0.95) + rng.uniform(0.15, 0.4) * rough, 0.1, 1)
    return _blend(board, _colour(CHALKS, rng), chalk * grain)


def _printed_lines(height: int, width: int, rng: np.random.Generator) -> Array:
    """Opacity of ruled or squared paper's lines: (height, width), faint."""
    spacing = rng.uniform(0.05, 0.14) * min(height, width)
    thickness = rng.uniform(0.8, 2.5)
    tilt = np.deg2rad(rng.uniform(-5, 5))
    y, x = np.mgrid[:height, :width].astype(np.float32)
    across, along = y * np.cos(tilt) - x * np.sin(tilt), y * np.sin(tilt) + x * np.cos(tilt)

    def family(position: Array) -> Array:
        distance = np.abs((position + spacing / 2) % spacing - spacing / 2)
        return np.clip(thickness / 2 + 0.5 - distance, 0, 1)

    lines = family(across)
    if rng.random() < 0.5:
        lines = np.maximum(lines, family(along))
    return lines * rng.uniform(0.12, 0.45)


def _beyond_the_edge(ink: Array, rng: np.random.Generator) -> Array:
    """Where the sheet ends and the table shows: (height, width), 0 or 1, never on the digit."""
    height, width = ink.shape
    rows, columns = np.nonzero(ink > 0)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    slope = np.tan(np.deg2rad(rng.uniform(-6, 6)))
    # The distance beyond an edge that runs between the digit and one side of the frame.
    across, down = slope * (x - columns.mean()), slope * (y - rows.mean())
    room = rng.uniform(0.2, 0.8)
    distances = {
        "top": rows.min() * room - y + across,
        "left": columns.min() * room - x + down,
        "bottom": y - height + (height - rows.max()) * room + across,
        "right": x - width + (width - columns.max()) * room + down,
    }
    table = np.clip(distances[str(rng.choice(list(distances)))] + 0.5, 0, 1)
    near_ink = ndimage.maximum_filter(ink[::4, ::4], 5).repeat(4, 0).repeat(4, 1)[:height, :width]
    return np.zeros_like(ink) if (table * near_ink).any() else table


def _light(height: int, width: int, rng: np.random.Generator) -> Array:
    """Brightness of the light on each pixel: (height, width), about 0.35 to 1."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    along = (x * np.cos(angle) + y * np.sin(angle)) / np.sqrt(2)
    light = 1 - rng.uniform(0.0, 0.4) * (along + 1) / 2
    light *= 1 - rng.uniform(0.0, 0.15) * (x**2 + y**2) / 2  # the lens is darker in its corners
    if rng.random() < 0.5:
        # The photographer's own shadow: a half plane with a soft, slightly wavy edge.
        angle = rng.uniform(0, 2 * np.pi)
        edge = x * np.cos(angle) + y * np.sin(angle) - rng.uniform(-0.7, 0.7)
        edge += 0.06 * _clouds(height, width, 200, rng)
        softness = rng.uniform(0.08, 0.4)
        light *= 1 - rng.uniform(0.15, 0.45) / (1 + np.exp(-edge / softness * 4))
    return light.astype(np.float32) * np.float32(rng.uniform(0.75, 1.05))


def _camera(scene: Array, rng: np.random.Generator) -> Image.Image:
    balance = rng.uniform(0.93, 1.05, 3).astype(np.float32)
    sigma = rng.uniform(0.3, 2.2) * min(scene.shape[:2]) / 700
    blurred = ndimage.gaussian_filter(scene * balance, (sigma, sigma, 0))
    noise = rng.normal(0, 1, scene.shape).astype(np.float32) * np.float32(rng.uniform(1.5, 9))
    pixels = np.clip(blurred + noise, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=int(rng.integers(60, 93)))
    return Image.open(io.BytesIO(file.getvalue())).convert("RGB")


def _clouds(height: int, width: int, grain: float, rng: np.random.Generator) -> Array:
    """Smooth noise, spots about `grain` pixels across: (height, width), deviation about 1."""
    shape = (int(height / grain) + 3, int(width / grain) + 3)
    coarse = Image.fromarray(rng.normal(0, 1.3, shape).astype(np.float32))
    return np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float32)


def _colour(choices: Sequence[tuple[int, int, int]], rng: np.random.Generator) -> Array:
    chosen = np.array(choices[int(rng.integers(len(choices)))], np.float32)
    return chosen + rng.normal(0, 5, 3).astype(np.float32)


def _blend(below: Array, colour: Array, opacity: Array) -> Array:
    return below + (colour - below) * opacity[..., None]


def main() -> None:
    parser = argparse.ArgumentParser(description="Write photos of handwritten digits as JPEG files.")
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--board", action="store_true", help="chalk on a board in place of ink on paper")
    options = parser.parse_args()
    options.out_dir.mkdir(parents=True, exist_ok=True)
    fixture = np.load(FIXTURE)
    images, labels = fixture["images"], fixture["labels"]
    for number in range(options.count):
        # 101 and 1,000 share no factor, so stepping by it walks through all classes before it
        # repeats.
        which = number * 101 % len(images)
        photo = make_photo(images[which], seed=number, board=options.board)
        photo.save(options.out_dir / f"{number:04d}-{labels[which]}.jpg", quality=92)


if __name__ == "__main__":
    main()
