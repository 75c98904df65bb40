"""Read a picture that a visitor uploads: any common format in, plain RGB or one clear sentence out.

The bytes come from strangers. So only formats that Pillow decodes by itself are tried (never
PostScript, which starts another program), the size is checked before a pixel is decoded, and every
failure is a `PictureError`.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps

# JPEG covers MPO too, which many phones save under that name: a photo, and a second view behind it.
SUFFIXES = ("jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif")
"""Of the names of files a page lets one choose."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
WIDE_GREY = ("I", "F")  # and every mode that begins with "I;16": more than 8 bits a pixel
MAX_FRAMES = 32  # an animation is searched for a better first frame no further than this
ALMOST_BLANK = 16.0  # standard deviation of the grey values, 0 to 127.5


class PictureError(ValueError):
    """A picture cannot be used; the message says in one line what happened, why, and what to do."""


def read_picture(data: bytes, *, max_pixels: int = 50_000_000, max_bytes: int = 20 * 2**20) -> Image.Image:
    """The picture in a file's bytes, upright, in RGB, without its metadata.

    Transparent pixels become white. Grey values of 16 bit or more are scaled to 8 bit. Of an
    animation the first frame is taken, or the one with the most contrast where the first is almost
    blank.

    Args:
        data: the whole file: JPEG, PNG, WebP, GIF, BMP, and TIFF and AVIF where this Pillow reads
            them.
        max_pixels: largest width x height; checked before decoding.
        max_bytes: largest file.

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
    try:
        # verify() checks a file's structure without decoding it, and leaves the object unusable:
        # hence two opens.
        with _open(data, max_pixels) as picture:
            picture.verify()
        with _open(data, max_pixels) as picture:
            return to_rgb(_upright(_good_frame(picture, max_pixels)))
    except PictureError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureError(_too_many_pixels("far too many", max_pixels)) from error
    except Exception as error:  # OSError, SyntaxError, struct.error, …: decoders fail in many ways
        raise PictureError(
            "The picture is broken or cut short and cannot be decoded: save or download it again."
        ) from error


def _open(data: bytes, max_pixels: int) -> Image.Image:
    Image.init()
    try:
        picture = Image.open(io.BytesIO(data), formats=[name for name in FORMATS if name in Image.OPEN])
    except Image.UnidentifiedImageError as error:
        raise PictureError(
            "The file is not a picture of a known format, or its beginning is damaged: "
            "save it as JPEG or PNG and try again."
        ) from error
    if picture.width * picture.height > max_pixels:
        count = f"{picture.width} x {picture.height}"
        picture.close()
        raise PictureError(_too_many_pixels(count, max_pixels))
    return picture


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
        except EOFError:
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


def to_rgb(picture: Image.Image) -> Image.Image:
    """A picture of any mode in RGB, what is transparent in white, without metadata."""
    if picture.mode in WIDE_GREY or picture.mode.startswith("I;16"):
        picture = _to_8_bit(picture)
    if picture.has_transparency_data:
        colours = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", colours.size, "white"), colours)
    # For CMYK, Pillow has already undone the inversion with which Adobe's programs write it into
    # JPEG.
    rgb = picture.convert("RGB")
    rgb.info.clear()  # a phone's metadata say where the photo was taken
    return rgb


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


def _to_8_bit(picture: Image.Image) -> Image.Image:
    """Grey of more than 8 bit, scaled; Pillow's `convert` clips it, which makes a picture white."""
    values = np.nan_to_num(np.asarray(picture, np.float32), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    # The file does not say which number is white: it is the end of the smallest usual range that
    # holds all values.
    ranges = (1.0, 255.0, 65535.0) if picture.mode == "F" else (255.0, 65535.0)
    white = next((end for end in ranges if high <= end), high)
    black = 0.0 if low >= 0 and high <= ranges[-1] else low
    grey = (values - black) / max(white - black, 1e-12) * 255
    transparent = picture.info.get("transparency")
    if isinstance(transparent, int):  # one grey value stands for "nothing here"
        grey[values == transparent] = 255
    return Image.fromarray(np.rint(grey).astype(np.uint8))


def _megabytes(size: int) -> str:
    return f"{size / 2**20:.1f} MB"


def _too_many_pixels(count: str, max_pixels: int) -> str:
    return (
        f"The picture has {count} pixels, and at most {max_pixels / 1e6:.1f} million are allowed: "
        "make it smaller and try again."
    )
