"""The formats that are read, and what other files are called.

Only formats that Pillow decodes by itself are tried: never PostScript, which starts another program.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings

# Imported for their entries in Pillow's registry. JPEG covers MPO too, which many phones save under that
# name: a photo, and a second view behind it.
from PIL import (  # noqa: F401
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

with contextlib.suppress(ImportError):  # whoever wants HEIC installs it; without it such a file is named
    from pillow_heif import register_heif_opener

    register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF")
HEIC = {"heic", "heif"}
SUFFIXES = tuple(sorted(HEIC | {end[1:] for end, name in Image.EXTENSION.items() if name in FORMATS}))
"""Of the names of files that are read, without the dot; of HEIC too, so that it is refused by name."""

# What Pillow finds odd in a stranger's file helps nobody who only wants to use it.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").setLevel(logging.CRITICAL)


class ImageError(ValueError):
    """An image cannot be used; the message says in one line what happened, why, and what to do."""


class UnknownFormat(ImageError):
    """The file is of no format that has a name here."""


def open_image(data: bytes, max_pixels: int) -> Image.Image:
    """The file's header, read; no pixel is decoded yet. Raises ImageError."""
    try:
        image = Image.open(io.BytesIO(data), formats=[name for name in FORMATS if name in Image.OPEN])
    except Image.UnidentifiedImageError as error:
        if name := _other_format(data):
            raise ImageError(
                f"The file is {name}, which cannot be opened here: save or export it as JPEG."
            ) from error
        raise UnknownFormat(
            "The file is not a picture of a known format, or its beginning is damaged: "
            "save it as JPEG or PNG and try again."
        ) from error
    if image.width * image.height > max_pixels:
        count = f"{image.width} x {image.height}"
        image.close()
        raise too_many_pixels(count, max_pixels)
    return image


def too_many_pixels(count: str, max_pixels: int) -> ImageError:
    return ImageError(
        f"The picture has {count} pixels, and at most {max_pixels / 1e6:.1f} million are allowed: "
        "make it smaller and try again."
    )


def _other_format(data: bytes) -> str:
    """What a file is called that is no image we read; empty where it is not recognised."""
    if data[4:8] == b"ftyp":
        length = int.from_bytes(data[:4], "big")
        brands = {data[at : at + 4] for at in range(8, min(length, 256), 4)}
        if brands & {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}:
            return "" if "HEIF" in Image.OPEN else "a HEIC photo, as iPhones take them"
        if b"avif" in brands:
            return "" if "AVIF" in Image.OPEN else "an AVIF picture"
        return "a video"
    known = {
        b"%PDF": "a PDF document",
        b"8BPS": "a Photoshop file",
        b"<svg": "an SVG drawing",
        b"\xff\x0a": "a JPEG XL picture",
        b"\x00\x00\x00\x0cJXL ": "a JPEG XL picture",
        b"\x00\x00\x00\x0cjP  ": "a JPEG 2000 picture",
    }
    return next((name for start, name in known.items() if data.startswith(start)), "")
