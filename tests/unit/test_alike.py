"""What is said of images of one's own before a network learns them."""

from __future__ import annotations

import numpy as np
from PIL import Image

from dlcore.uploads.alike import check, near, perceptual_hash


def image(seed: int) -> np.ndarray:
    """Soft random blots, 64×64 in colour."""
    blots = np.random.default_rng(seed).integers(0, 200, (5, 5, 3), "uint8")
    return np.asarray(Image.fromarray(blots).resize((64, 64), Image.Resampling.BILINEAR))


def hashes(*seeds: int) -> list[np.ndarray]:
    return [perceptual_hash(image(seed)) for seed in seeds]


def test_a_brighter_or_slightly_moved_image_looks_the_same_and_another_does_not():
    seen = image(1)
    changed = [seen + 40, np.roll(seen, 1, axis=1)]
    assert near([perceptual_hash(seen)], [*map(perceptual_hash, changed)]).all()
    assert not near(hashes(1), hashes(*range(2, 40))).any()


def test_too_few_images_are_named_and_nothing_else_is_said():
    said = check({"cat": hashes(1, 2), "dog": hashes(*range(3, 30))})
    assert said.missing == ["cat has 2 images; at least 5 are needed, and 20 are good."]
    assert not said.warnings
    assert check({"cat": hashes(*range(5)), "dog": hashes(*range(5, 12))}).missing == [
        "20 images in all are needed; there are 12."
    ]


def test_different_images_in_equal_numbers_need_no_word():
    said = check({"cat": hashes(*range(20)), "dog": hashes(*range(20, 40))})
    assert not said.missing and not said.warnings


def test_unequal_numbers_near_duplicates_and_an_image_in_two_classes_are_named():
    (unequal,) = check({"cat": hashes(*range(8)), "dog": hashes(*range(8, 40))}).warnings
    assert "dog has 32 images, cat has 8" in unequal
    (alike,) = check({"cat": hashes(*[1] * 11, *range(2, 11)), "dog": hashes(*range(20, 40))}).warnings
    assert "11 of the 20 images of cat are nearly the same" in alike
    (both,) = check({"cat": hashes(*range(20)), "dog": hashes(*range(19, 39))}).warnings
    assert "cat and dog have 1 image in common" in both
