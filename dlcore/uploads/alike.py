"""What makes images of one's own a poor teacher: too few, unequal numbers, or all nearly the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from dlcore.uploads.classes import images as counted
from dlcore.uploads.limits import MIN_IMAGES, MIN_IN_CLASS

SIDE = 8
NEAR = 8
"""Of the 64 bits of two hashes, those that may differ in images which look the same."""
UNEQUAL = 3
"""Times as many images as the smallest class has."""
GOOD = 20
"""Images a class that a small part can be held out of."""


@dataclass(frozen=True)
class Teaching:
    """What there is to say of images in classes: ``missing`` has to be done before a network can learn."""

    missing: list[str]
    warnings: list[str]


def perceptual_hash(pixels: np.ndarray) -> np.ndarray:
    """64 booleans of an image (height, width, 1 or 3) as uint8: whether brightness falls from each of 9×8 squares to
    the next in its row (dHash). It stays nearly the same where an image is moved or brightened a little."""
    flat = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
    grey = Image.fromarray(flat).convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    values = np.asarray(grey, "int16")
    return np.asarray(values[:, 1:] < values[:, :-1]).ravel()


def near(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> np.ndarray:
    """Whether images look the same, by their hashes: booleans (n, m)."""
    a, b = (np.array(hashes, bool).reshape(-1, SIDE**2) for hashes in (one, other))
    return np.asarray((a[:, None] != b[None]).sum(-1) <= NEAR)


def check(classes: Mapping[str, Sequence[np.ndarray]]) -> Teaching:
    """What to say of classes, each with the hashes of its images."""
    sizes = {name: len(hashes) for name, hashes in classes.items()}
    missing = [
        f"{name} has {counted(size)}; at least {MIN_IN_CLASS} are needed, and {GOOD} are good."
        for name, size in sizes.items()
        if size < MIN_IN_CLASS
    ]
    if not missing and sum(sizes.values()) < MIN_IMAGES:
        missing = [f"{MIN_IMAGES} images in all are needed; there are {sum(sizes.values())}."]
    return Teaching(missing, [] if missing else [*_unequal(sizes), *_alike(classes), *_in_two(classes)])


def _unequal(sizes: dict[str, int]) -> list[str]:
    few, many = min(sizes, key=sizes.__getitem__), max(sizes, key=sizes.__getitem__)
    if sizes[many] < UNEQUAL * sizes[few]:
        return []
    return [
        f"{many} has {sizes[many]} images, {few} has {sizes[few]}: the network will prefer {many}. "
        f"Add images of {few}."
    ]


def _alike(classes: Mapping[str, Sequence[np.ndarray]]) -> list[str]:
    lines = []
    for name, hashes in classes.items():
        twins = int((near(hashes, hashes).sum(axis=1) > 1).sum())
        if twins > len(hashes) / 2:
            lines.append(
                f"{twins} of the {len(hashes)} images of {name} are nearly the same. Some are held out, others learned, so "
                "held-out accuracy will look better than it is. Add other angles, places and light."
            )
    return lines


def _in_two(classes: Mapping[str, Sequence[np.ndarray]]) -> list[str]:
    names = list(classes)
    return [
        f"{a} and {b} have {counted(count)} in common, or nearly so: keep each in one class."
        for i, a in enumerate(names)
        for b in names[i + 1 :]
        if (count := int(near(classes[a], classes[b]).any(axis=1).sum()))
    ]
