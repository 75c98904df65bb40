"""From a photo of a handwritten digit to the image that a network trained on MNIST expects.

A network only knows what it was shown: MNIST's digits are white on black, of one size, in the
middle. A photo is dark on light, anywhere, of any size, under a lamp. The steps between, in the
order of this file:

1. `_ink`: how much darker (or lighter) each pixel is than the paper (or board) around it;
2. `_marks`: which pixels are strokes, by a threshold that follows the ink's own strength;
3. `_digit`: which strokes are the digit, and not a speck, a ruled line, or the table;
4. `_like_mnist` or `_like_digits`: size and position as in the data set.

A drawing has a ground of one tone; there the first two steps are not needed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from dlcore.decoding.images import ImageError, to_rgb

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

WORKING_SIDE = 800  # pixels; an image with a longer side is reduced, for speed
DARKEST = 16.0  # added to grey values before the logarithm, or the noise of black would blow up
FAINTEST = 0.15  # least ink that counts: one part in seven darker or lighter than the ground
NO_INK = (
    "There is no ink found in this picture: draw a digit, or take the photo again, closer and in even light."
)


def to_digit(image: Image.Image, size: int = 28) -> Array:
    """The digit in an image, normalised like MNIST (size 28) or scikit-learn's digits (size 8).

    Size 28 is MNIST's own recipe: the ink's box is scaled to fit 20 x 20 pixels, and placed so that
    its centre of mass is the centre of the 28 x 28. Other sizes keep that proportion. Size 8 is the
    recipe of `sklearn.datasets.load_digits`: a black and white bitmap of 32 x 32, filled from top
    to bottom by the digit, whose blocks of 4 x 4 are averaged.

    Args:
        image: photo, scan or drawing in any mode: dark ink on a light ground or light ink on a dark
            one.
        size: side of the result in pixels.

    Returns:
        (size, size), float32: 0 is the ground, 1 is full ink.

    Raises:
        ImageError: no ink was found.
    """
    grey = _grey(image)
    ground = _flat_ground(grey)
    if ground is None:
        ink = _ink(grey)
        marks, level = _marks(ink)
        # A pen's edge is sharp: what is grey there is the camera's blur, so the grey is spread to
        # black and white.
        strength = np.clip((ink - 0.6 * level) / (0.8 * level), 0, 1)
    else:
        strength = _drawn_ink(grey, ground)
        # A stroke's faint edge belongs to it; what is faint throughout is no stroke.
        marks = ndimage.binary_propagation(strength > 0.5, mask=strength > 0.1)
    digit = _digit(marks)
    box = ndimage.find_objects(digit.astype(np.int8))[0]
    # Two pixels around the digit are its soft edge; what lies beyond is something else.
    strength = strength * ndimage.binary_dilation(digit, iterations=2)
    cut = strength[box].astype(np.float32)
    cut /= cut.max()
    return _like_digits(cut) if size == 8 else _like_mnist(cut, size)


def _grey(image: Image.Image) -> Array:
    """Brightness 0 to 255, of an image made small enough to work on quickly."""
    image = image if image.mode in ("L", "RGB") else to_rgb(image)
    factor = -(-max(image.size) // WORKING_SIDE)  # rounded up
    if factor > 1:
        # Averages of whole blocks: fast, and noise goes with them.
        image = image.reduce((min(factor, image.width), min(factor, image.height)))
    return np.asarray(image.convert("L"), np.float32)


def _flat_ground(grey: Array) -> float | None:
    """The one tone of the ground in a drawing or an image of MNIST itself; None in a photo."""
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    ground = float(np.median(rim))
    return ground if np.mean(np.abs(rim - ground) <= 2) > 0.9 else None


def _drawn_ink(grey: Array, ground: float) -> Array:
    """Ink of a drawing, 0 to 1, kept as it is but for the scale."""
    difference = grey - ground
    # The ground fills the rim; the ink is whatever is farthest from it, lighter or darker.
    if -difference.min() > difference.max():
        difference = -difference
    if difference.max() < 25:  # a tenth of the way from black to white
        raise ImageError(NO_INK)
    return np.clip(difference / difference.max(), 0, 1)


def _ink(grey: Array) -> Array:
    """How far the pixels of a photo stand out from the ground around them; the ground is about 0.

    Light multiplies what it falls on. In the logarithm a shadow only adds, and a subtraction takes
    it away.
    """
    light = np.log(ndimage.gaussian_filter(grey, 0.8) + DARKEST)
    factor = max(1, max(grey.shape) // 120)
    coarse = _reduce(light, factor)
    # Ink is the side, dark or bright, on which pixels are far from the median of their
    # surroundings.
    third = coarse[::3, ::3]
    away = third - ndimage.median_filter(third, round(0.4 * min(third.shape)) | 1)
    sign = 1 if np.mean(away**3) > 0 else -1
    light, coarse = sign * light, sign * coarse
    # An opening (minimum, then maximum) takes away what is bright and narrower than its window:
    # every stroke, for the broadest pen is a sixth of its digit. Slopes and broad shadows pass
    # through it unchanged.
    window = max(3, round(0.34 * min(coarse.shape)) | 1)
    ground = ndimage.gaussian_filter(ndimage.grey_opening(coarse, window, mode="nearest"), 1)
    ink = light - _enlarge(ground, light.shape, factor)
    ink -= np.median(ink[::3, ::3])
    # Dark ink swallows a part of the light: that part is proportional to how much of a pixel the
    # stroke covers. For chalk the logarithm stays, which evens out how unevenly chalk lies on a
    # board.
    return (-np.expm1(-ink) if sign < 0 else ink).astype(np.float32)


def _reduce(values: Array, factor: int) -> Array:
    """Means of blocks of factor x factor."""
    return np.asarray(Image.fromarray(values).reduce(factor), np.float32)


def _enlarge(values: Array, shape: tuple[int, int], factor: int) -> Array:
    """The opposite of `_reduce`, with smooth steps; cut to `shape`."""
    size = (values.shape[1] * factor, values.shape[0] * factor)
    smooth = Image.fromarray(values).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(smooth, np.float32)[: shape[0], : shape[1]]


def _marks(ink: Array) -> tuple[Mask, float]:
    """The pixels of a photo that are strokes, and the level of ink above which they are."""
    noise = 1.48 * float(np.median(np.abs(ink[::3, ::3])))
    least = max(FAINTEST, 4 * noise)
    inside = np.ones(ink.shape, bool)
    for _ in range(3):
        peak = float(np.quantile(ink[inside], 0.999)) if inside.any() else 0.0
        if peak < least:
            raise ImageError(NO_INK)
        # What is as strong as ink and runs out of the frame is the table, a finger, the frame of
        # the board.
        outside = _touching_rim(inside & (ink > 0.5 * peak))
        if not outside.any():
            break
        inside &= ~ndimage.binary_dilation(outside, iterations=4)
    candidates = ink[inside & (ink > max(least, 0.2 * peak))]
    if not candidates.size:
        raise ImageError(NO_INK)
    # Among a handful of equal values Otsu's level may fall below all of them.
    level = min(max(_otsu(candidates), float(candidates.min())), 0.6 * peak)
    return inside & (ink > level), level


def _otsu(values: Array) -> float:
    """The level that splits values into two groups, each as even as possible (Otsu 1979)."""
    counts, edges = np.histogram(values, 64)
    centres = (edges[:-1] + edges[1:]) / 2
    below = np.cumsum(counts)
    above = below[-1] - below
    sums = np.cumsum(counts * centres)
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return float(edges[1 + np.nan_to_num(between[:-1]).argmax()])


def _touching_rim(mask: Mask) -> Mask:
    """The connected parts of a mask that touch the image's rim."""
    parts, _ = ndimage.label(mask, np.ones((3, 3)))
    rim = np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])
    return np.isin(parts, rim[rim > 0])


def _digit(marks: Mask) -> Mask:
    """The connected parts that make up the digit: the largest, and others near it."""
    parts, count = ndimage.label(marks, np.ones((3, 3)))
    if count == 0:
        raise ImageError(NO_INK)
    boxes = np.array([(r.start, c.start, r.stop, c.stop) for r, c in ndimage.find_objects(parts)])
    areas = np.bincount(parts.ravel(), minlength=count + 1)[1:]
    large = areas >= 0.03 * areas.max()
    kept = np.arange(count) == areas.argmax()
    # A thin pen leaves pieces: each piece that joins may bring the next one within reach.
    while True:
        top, left = boxes[kept, :2].min(axis=0)
        bottom, right = boxes[kept, 2:].max(axis=0)
        gaps = np.stack([boxes[:, 0] - bottom, boxes[:, 1] - right, top - boxes[:, 2], left - boxes[:, 3]])
        joined = kept | (large & (gaps.max(axis=0) <= 0.25 * max(bottom - top, right - left)))
        if (joined == kept).all():
            break
        kept = joined
    return np.isin(parts, 1 + np.flatnonzero(kept))


def _like_mnist(strength: Array, size: int) -> Array:
    """Scaled to 20/28 of the side, and placed by its centre of mass."""
    inner = round(size * 20 / 28)
    small = _fit(_thick_enough(strength), inner)
    small /= max(float(small.max()), 1e-6)
    image = np.zeros((size, size), np.float32)
    corner = []
    for centre, length in zip(ndimage.center_of_mass(small), small.shape, strict=True):
        start = round(size / 2 - centre)
        corner.append(min(max(start, 0), size - length))
    top, left = corner
    image[top : top + small.shape[0], left : left + small.shape[1]] = small
    return image


def _like_digits(strength: Array) -> Array:
    """As NIST prepared the forms behind scikit-learn's digits: upright, 20 x 32 of 32 x 32.

    The mean of every 4 x 4 block of that black and white bitmap is one pixel. See Garris et al.,
    "NIST Form-Based Handprint Recognition System" (1994).
    """
    grey = _stretch(_straightened(strength), 32, 20)
    # The broadness of pens is evened out too: in the data set 30 % of the bitmap is ink, hardly
    # more or less.
    level = max(0.02, float(np.sort(grey, axis=None)[-round(0.30 * 32 * 32)]))
    bitmap = np.pad(grey > level, ((0, 0), (6, 6)))
    return bitmap.reshape(8, 4, 8, 4).mean(axis=(1, 3), dtype=np.float32)


def _straightened(strength: Array) -> Array:
    """Sheared until the left ends of its top and bottom rows stand above each other."""
    height, width = strength.shape
    mask = strength > 0.5
    rows = np.flatnonzero(mask.any(axis=1))
    slant = (mask[rows[-1]].argmax() - mask[rows[0]].argmax()) / max(1, rows[-1] - rows[0])
    slant = float(np.clip(slant, -0.5, 0.5))
    # The image gets room on both sides for what the shear moves out, and loses it again.
    room = height // 2 + 1
    shear = (1, slant, -room - slant * height / 2, 0, 1, 0)
    sheared = Image.fromarray(strength).transform(
        (width + 2 * room, height), Image.Transform.AFFINE, shear, Image.Resampling.BILINEAR
    )
    straight = np.asarray(sheared, np.float32)
    columns = np.flatnonzero((straight > 0.5 * straight.max()).any(axis=0))
    return straight[:, columns[0] : columns[-1] + 1]


def _thick_enough(strength: Array, least: float = 1.6 / 20) -> Array:
    """Thin pens made broader, to `least` of the longer side, or they would fade when made small."""
    mask = strength > 0.5
    edge = mask & ~ndimage.binary_erosion(mask)
    width = 2 * mask.sum() / max(edge.sum(), 1)
    missing = least * max(strength.shape) - width
    if missing < 1:
        return strength
    side = 1 + round(missing)
    return ndimage.grey_dilation(np.pad(strength, side // 2), (side, side))


def _fit(strength: Array, side: int) -> Array:
    """Scaled, in proportion, until its longer side is `side`."""
    scale = side / max(strength.shape)
    return _stretch(
        strength, max(1, round(strength.shape[0] * scale)), max(1, round(strength.shape[1] * scale))
    )


def _stretch(strength: Array, height: int, width: int) -> Array:
    enlarges = height > strength.shape[0]
    method = Image.Resampling.BICUBIC if enlarges else Image.Resampling.BOX
    scaled = Image.fromarray(strength).resize((width, height), method)
    return np.clip(np.asarray(scaled, np.float32), 0, 1)
