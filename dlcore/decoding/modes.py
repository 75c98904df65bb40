"""Any mode of Pillow's into RGB of 8 bits, as it is meant to look."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageStat

LIGHT = 191
"""Mean grey value above which what is drawn would hardly be seen on white."""


def to_rgb(image: Image.Image) -> Image.Image:
    """An image of any mode in RGB, without metadata.

    What is transparent becomes white, or black where that leaves something to see. Grey values of more than
    8 bits are scaled.
    """
    image = flat(image)
    if image.has_transparency_data:
        colours = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", colours.size, _ground(colours)), colours)
    # For CMYK, Pillow has already undone the inversion with which Adobe's programs write it into JPEG.
    rgb = image.convert("RGB")
    rgb.info.clear()  # a phone's metadata say where the photo was taken
    return rgb


def flat(image: Image.Image, factor: int = 1) -> Image.Image:
    """The image in a mode of 8 bits without a palette, reduced by a factor; each value is a mean of a block.

    The one step that handles all pixels, so it makes no more than one copy of them.
    """
    if image.mode.startswith("I;16"):
        image = _from_16_bit(image)
    elif image.mode in ("P", "PA"):
        image = image.convert("RGBA" if image.has_transparency_data else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    if factor > 1:
        image = image.reduce((min(factor, image.width), min(factor, image.height)))
    return _from_wide(image) if image.mode in ("I", "F") else image


def has_16_bit_colours(image: Image.Image) -> bool:
    """Whether a file that is not loaded yet has colours of 16 bits, of which Pillow keeps the upper eight."""
    return image.mode in ("RGB", "RGBA") and any(
        ";16" in str(tile.args) for tile in getattr(image, "tile", ())
    )


def from_upper_bits(image: Image.Image) -> Image.Image:
    """Such colours made as bright as the fewest bits that hold them; see :func:`_from_16_bit`."""
    highest = int(np.asarray(image.convert("RGB")).max())
    scale = 255 / (2 ** max(1, highest.bit_length()) - 1)
    colours = [round(value * scale) if value <= highest else 255 for value in range(256)]
    return image.point(colours * 3 + list(range(256)) * (len(image.getbands()) - 3))


def _ground(colours: Image.Image) -> str:
    """What an RGBA image is laid on: white, as browsers do it, unless all that is opaque is light."""
    opaque = colours.getchannel("A").point([0] * 128 + [255] * 128)
    drawn = ImageStat.Stat(colours.convert("L"), opaque)
    return "black" if drawn.sum[0] > LIGHT * drawn.count[0] else "white"


def _from_16_bit(image: Image.Image) -> Image.Image:
    """Grey of 16 bits. A file does not say how many of them are used: the fewest that hold all values."""
    values = np.asarray(image)
    scale = np.arange(2**16) * (255 / _white(int(values.max())))
    grey = Image.fromarray(np.rint(scale.clip(0, 255)).astype("uint8")[values])
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):  # one grey value stands for "nothing here"
        grey = Image.merge("LA", (grey, Image.fromarray(255 * (values != transparent).astype("uint8"))))
    grey.info = {"exif": image.info.get("exif")}
    return grey


def _from_wide(image: Image.Image) -> Image.Image:
    """Grey of 32 bits: small whole numbers as if they were 16 bits, all else by its own range."""
    values = np.nan_to_num(np.asarray(image, "float32"), posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if image.mode == "I" and low >= 0 and high < 2**16:
        low, high = 0.0, float(_white(int(high)))
    grey = (values - low) * (255 / max(high - low, 1e-12))
    return Image.fromarray(np.rint(grey).astype("uint8"))


def _white(highest: int) -> int:
    """The largest value of the fewest bits, eight or more, that hold this one."""
    return 2 ** max(8, highest.bit_length()) - 1
