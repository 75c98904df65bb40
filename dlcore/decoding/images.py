"""Read an image that a visitor uploads: any common format in, plain RGB or one clear sentence out.

The bytes come from strangers. So the size is checked before a pixel is decoded, and every failure is a
`ImageError`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageOps

from dlcore.decoding import repair
from dlcore.decoding.formats import SUFFIXES, ImageError, UnknownFormat, open_image, too_many_pixels
from dlcore.decoding.modes import flat, from_upper_bits, has_16_bit_colours, to_rgb

MAX_FRAMES = 32  # an animation is searched for a better first frame no further than this
ALMOST_BLANK = 16.0  # standard deviation of the grey values, 0 to 127.5

__all__ = ["SUFFIXES", "ImageError", "UnknownFormat", "fit", "read_image", "to_rgb"]


def read_image(
    data: bytes,
    *,
    max_pixels: int = 50_000_000,
    max_bytes: int = 20 * 2**20,
    least: int = 0,
    spend: Callable[[int], None] | None = None,
) -> Image.Image:
    """The image in a file's bytes, upright, in RGB, without its metadata.

    Transparent pixels become white, or black where what is drawn is light. Grey values of 16 bit or more are
    scaled to 8 bit. Of an animation the first frame is taken, or the one with the most contrast where the
    first is almost blank. Damage that no pixel depends on is no damage.

    Args:
        data: the whole file: JPEG, PNG, WebP, GIF, BMP, and TIFF and AVIF where this Pillow reads
            them.
        max_pixels: largest width x height; checked before decoding.
        max_bytes: largest file.
        least: where it is not 0, the image may be reduced while it is decoded, and its shorter side keeps
            at least this number of pixels; this takes less time and memory.
        spend: called with the number of pixels before they are decoded, of each frame; may raise ImageError.

    Raises:
        ImageError: the file is empty, too large, not an image, or broken.
    """
    if not data:
        raise ImageError("The file is empty (0 bytes): choose the picture again or save it anew.")
    if len(data) > max_bytes:
        raise ImageError(
            f"The file has {_megabytes(len(data))}, "
            f"and at most {_megabytes(max_bytes)} are allowed: "
            "make the picture smaller or save it as JPEG."
        )

    def decode(data: bytes) -> Image.Image:
        with open_image(data, max_pixels) as image:
            if spend:
                spend(image.width * image.height)
            if least:
                image.draft(None, (least, least))
            deep = has_16_bit_colours(image)
            frame = _good_frame(image, max_pixels, spend)
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
    except ImageError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_many_pixels("far too many", max_pixels) from error
    except MemoryError as error:
        raise ImageError("There is not enough memory for this picture: make it smaller.") from error
    except Exception as error:  # OSError, SyntaxError, struct.error, …: decoders fail in many ways
        raise ImageError(
            "The picture is broken or cut short and cannot be decoded: save or download it again."
        ) from error


def _good_frame(image: Image.Image, max_pixels: int, spend: Callable[[int], None] | None) -> Image.Image:
    """The first frame, or the one with the most contrast where the first is almost blank."""
    image.load()
    # Pages of a TIFF and views of an MPO are no animation.
    if image.format not in ("GIF", "PNG", "WEBP", "AVIF") or not getattr(image, "is_animated", False):
        return image
    best, best_contrast = image.copy(), _contrast(image)
    if best_contrast >= ALMOST_BLANK:
        return best
    # Both the number of frames and the pixels decoded in all are bounded: a small file can hold a
    # million frames, and a GIF may grow from one to the next.
    left = max_pixels - image.width * image.height
    for number in range(1, MAX_FRAMES):
        try:
            image.seek(number)
        except Exception:  # the last frame, or a damaged one: those before it are enough
            break
        left -= image.width * image.height
        if left < 0:
            break
        if spend:
            spend(image.width * image.height)
        contrast = _contrast(image)
        if contrast > best_contrast:
            best, best_contrast = image.copy(), contrast
    return best


def _contrast(frame: Image.Image) -> float:
    """Standard deviation of the grey values of a thumbnail, 0 to 127.5."""
    return float(np.asarray(to_rgb(frame).convert("L").resize((64, 64))).std())


def _upright(image: Image.Image) -> Image.Image:
    """Turned the way the camera was held."""
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # damaged metadata is no reason to refuse a sound image
        return image


def fit(image: Image.Image, shape: tuple[int, ...]) -> np.ndarray:
    """The middle square of an image, scaled to ``shape`` (side, side, 1 or 3): float32 in [0, 1].

    In grey, what lies on a light ground is turned into what lies on black, as Fashion-MNIST's clothes
    do; a photo's background is mostly light.
    """
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    small = square.convert("L" if shape[2] == 1 else "RGB").resize(
        (shape[1], shape[0]), Image.Resampling.LANCZOS
    )
    pixels = np.asarray(small, "float32").reshape(shape) / 255
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    return 1 - pixels if shape[2] == 1 and np.median(border) > 0.5 else pixels


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB"
