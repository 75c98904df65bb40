"""Many small images as one piece of HTML, each with a line below it."""

from __future__ import annotations

import base64
import io
from html import escape
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from dlcore.charts.palette import NEGATIVE, POSITIVE


def png(pixels: np.ndarray, size: int) -> bytes:
    """Values 0-255 of shape (height, width, 1 or 3), enlarged without smoothing, as a PNG file."""
    array = np.asarray(pixels, "uint8")
    image = Image.fromarray(array[..., 0] if array.shape[-1] == 1 else array)
    factor = max(1, size // image.width)
    file = io.BytesIO()
    image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST).save(file, "PNG")
    return file.getvalue()


def encoded(image: Image.Image, most: int = 720) -> bytes:
    """A photo, reduced in size, as a file that any browser shows: JPEG, or PNG if small."""
    small = image.copy()
    small.thumbnail((most, most))
    file = io.BytesIO()
    small.save(file, "PNG" if max(small.size) <= most // 2 else "JPEG", quality=88)
    return file.getvalue()


def square(image: Image.Image, side: int = 96) -> bytes:
    """The middle of a photo as a small JPEG file."""
    file = io.BytesIO()
    ImageOps.fit(image.convert("RGB"), (side, side)).save(file, "JPEG", quality=80)
    return file.getvalue()


def dots(points: np.ndarray, size: int = 640, reach: float = 4.0) -> bytes:
    """Points of shape (n, 2) on a square of ±``reach``, as a PNG file."""
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    for x, y in size * (np.asarray(points) * (1, -1) / reach + 1) / 2:
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), fill=POSITIVE, outline="white")
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def strips(rows: dict[str, list[Any]], size: int = 48) -> str:
    """Rows of images under each other, each with its name before it: they scroll sideways where they must."""
    lines = []
    for name, images in rows.items():
        cells = "".join(
            f'<img alt="{escape(name)} {i + 1}" src="data:image/png;base64,'
            f'{base64.b64encode(png(np.array(image), size)).decode()}" width="{size}" height="{size}" '
            'style="image-rendering:pixelated;border-radius:4px"/>'
            for i, image in enumerate(images)
        )
        lines.append(
            f'<div style="font-size:.78rem">{escape(name)}</div><div style="display:flex;gap:4px">{cells}</div>'
        )
    return f'<div style="overflow-x:auto">{"".join(lines)}</div>'


def grid(images: list[np.ndarray], labels: list[str], right: list[bool] | None = None, size: int = 56) -> str:
    """A wrapping row of images. ``right`` frames each in blue, or in orange with a cross."""
    cells = []
    for i, (pixels, label) in enumerate(zip(images, labels, strict=True)):
        data = base64.b64encode(png(pixels, size)).decode()
        colour, mark = "transparent", ""
        if right is not None:
            colour, mark = (POSITIVE, "") if right[i] else (NEGATIVE, "✗ ")
        cells.append(
            f'<figure style="margin:0;width:{size + 10}px;text-align:center">'
            f'<img alt="{escape(label)}" src="data:image/png;base64,{data}" width="{size}" '
            f'height="{size}" style="border:3px solid {colour};border-radius:6px;'
            'image-rendering:pixelated;box-sizing:content-box"/>'
            f'<figcaption style="font-size:.78rem;line-height:1.1;overflow-wrap:anywhere">'
            f"{mark}{escape(label)}</figcaption></figure>"
        )
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px 6px">{"".join(cells)}</div>'
