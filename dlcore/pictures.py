"""Read a picture that a visitor uploads: any common format in, plain RGB or one clear sentence out.

The bytes come from strangers. So the size is checked before a pixel is decoded, and every failure is a
`PictureError`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageOps

from dlcore.decoding import repair
from dlcore.decoding.formats import SUFFIXES, PictureError, UnknownFormat, open_image, too_many_pixels
from dlcore.decoding.modes import flat, from_upper_bits, has_16_bit_colours, to_rgb

MAX_FRAMES = 32  # an animation is searched for a better first frame no further than this
ALMOST_BLANK = 16.0  # standard deviation of the grey values, 0 to 127.5

__all__ = ["SUFFIXES", "PictureError", "UnknownFormat", "fit", "read_picture", "to_rgb"]


def read_picture(
    data: bytes,
    *,
    max_pixels: int = 50_000_000,
    max_bytes: int = 20 * 2**20,
    least: int = 0,
    spend: Callable[[int], None] | None = None,
) -> Image.Image:
    """The picture in a file's bytes, upright, in RGB, without its metadata.

    Transparent pixels become white, or black where what is drawn is light. Grey values of 16 bit or more are
    scaled to 8 bit. Of an animation the first frame is taken, or the one with the most contrast where the
    first is almost blank. Damage that no pixel depends on is no damage.

    Args:
        data: the whole file: JPEG, PNG, WebP, GIF, BMP, and TIFF and AVIF where this Pillow reads
            them.
        max_pixels: largest width x height; checked before decoding.
        max_bytes: largest file.
        least: where it is not 0, the picture may be reduced while it is decoded, and its shorter side keeps
            at least so many pixels; this takes less time and memory.
        spend: called with the number of pixels before they are decoded; may raise PictureError.

    Raises:
        PictureError: the file is empty, too large, not a picture, or broken.
    """
    if not data:
        raise PictureError("The file is empty (0 bytes): choose the picture again or save it anew.")
    if len(data) > max_bytes:
        raise PictureError(
            f"The file has {_megabytes(len(data))}, "
            f"and at most {_megabytes(max_bytes)} are allowed: "
            "make the picture smaller or save it as JPEG."
        )

    def decode(data: bytes) -> Image.Image:
        with open_image(data, max_pixels) as picture:
            if spend:
                spend(picture.width * picture.height)
            if least:
                picture.draft(None, (least, least))
            deep = has_16_bit_colours(picture)
            frame = _good_frame(picture, max_pixels)
            factor = max(1, min(frame.size) // least) if least else 1
            small = flat(frame, factor)
            return to_rgb(_upright(from_upper_bits(small) if deep else small))

    try:
        if data.startswith(repair.PNG):
            data = repair.needed_chunks(data)
        try:
            return decode(data)
        except OSError:
            if not data.startswith(repair.JPEG):
                raise
            return repair.without_end(data, decode)
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels("far too many", max_pixels) from error
    except MemoryError as error:
        raise PictureError("There is not enough memory for this picture: make it smaller.") from error
    except Exception as error:  # OSError, SyntaxError, struct.error, …: decoders fail in many ways
        raise PictureError(
            "The picture is broken or cut short and cannot be decoded: save or download it again."
        ) from error


def _good_frame(picture: Image.Image, max_pixels: int) -> Image.Image:
    """The first frame, or the one with the most contrast where the first is almost blank."""
    picture.load()
    # Pages of a TIFF and views of an MPO are no animation.
    if picture.format not in ("GIF", "PNG", "WEBP", "AVIF") or not getattr(picture, "is_animated", False):
        return picture
    best, best_contrast = picture.copy(), _contrast(picture)
    if best_contrast >= ALMOST_BLANK:
        return best
    # Both the number of frames and the pixels decoded in all are bounded: a small file can hold a
    # million frames.
    frames = min(MAX_FRAMES, max_pixels // (picture.width * picture.height))
    for number in range(1, frames):
        try:
            picture.seek(number)
        except Exception:  # the last frame, or a damaged one: those before it are enough
            break
        if picture.width * picture.height > max_pixels:  # a GIF may grow from one frame to the next
            break
        contrast = _contrast(picture)
        if contrast > best_contrast:
            best, best_contrast = picture.copy(), contrast
    return best


def _contrast(frame: Image.Image) -> float:
    """Standard deviation of the grey values of a thumbnail, 0 to 127.5."""
    return float(np.asarray(to_rgb(frame).convert("L").resize((64, 64))).std())


def _upright(picture: Image.Image) -> Image.Image:
    """Turned the way the camera was held."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # damaged metadata is no reason to refuse a sound picture
        return picture


def fit(picture: Image.Image, shape: tuple[int, ...]) -> np.ndarray:
    """The middle square of a picture, scaled to ``shape`` (side, side, 1 or 3): float32 in [0, 1].

    In grey, what lies on a light ground is turned into what lies on black, as Fashion-MNIST's clothes
    do; a photo's background is mostly light.
    """
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    square = picture.crop((left, top, left + side, top + side))
    small = square.convert("L" if shape[2] == 1 else "RGB").resize(
        (shape[1], shape[0]), Image.Resampling.LANCZOS
    )
    pixels = np.asarray(small, "float32").reshape(shape) / 255
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return 1 - pixels if shape[2] == 1 and np.median(border) > 0.5 else pixels


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB"
