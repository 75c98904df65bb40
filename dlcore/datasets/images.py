"""Images in classes, and the first of them: scikit-learn's embedded digits."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np

from dlcore.datasets.base import (
    Dataset,
    Part,
    Predict,
    Progress,
    Split,
    balance,
    divide,
    split_code,
    test_field,
    validation_field,
)
from dlcore.layers import Shape
from dlcore.packaged import packaged
from dlcore.previews import IMAGES, pixels, predictions

DIGITS = tuple("0123456789")
PHOTOS = (
    *("tabby-cat", "beagle", "airliner", "espresso", "burger"),
    *("taxis", "horses", "space-shuttle", "pizza"),
)
"""Photos that ship, in ``zoo/examples/photos``."""


SHOWN = 64
"""Pixels of the side of an image that is shown among others: more would only be sent."""


def small(images: np.ndarray) -> np.ndarray:
    """Images (n, side, side, channels), reduced where they are large by averaging squares of whole pixels."""
    step = -(-images.shape[1] // SHOWN)
    if step == 1:
        return images
    side = images.shape[1] // step
    cut = images[:, : side * step, : side * step]
    squares = cut.reshape(len(cut), side, step, side, step, cut.shape[-1])
    return np.asarray(squares.mean((2, 4)).astype(images.dtype))


class Images(Dataset):
    modality: ClassVar[str] = "image"
    order: ClassVar[int] = 20
    usual_architecture: ClassVar[str] = "cnn"
    augmentable: ClassVar[bool] = True
    ways_on: ClassVar[list[tuple[str, str, str]]] = [
        ("Classify a picture with it", "classify", ":material/image_search:")
    ]

    def views(self, split: Split) -> list[dict[str, Any]]:
        labels = [self.classes[label] for label in split.train.y[:36]]
        images = {
            "kind": "images",
            "images": pixels(small(split.train[:36].kept)),
            "labels": labels,
            "title": self.title,
        }
        return [images, balance(split, self.classes)]

    def examples_view(self, part: Part) -> dict[str, Any]:
        return {"x": pixels(small(part[:IMAGES].kept)), "y": part.y[:IMAGES].tolist()}

    def predictions_view(self, predict: Predict, part: Part) -> dict[str, Any]:
        return predictions(predict, part)

    def errors_view(self, split: Split, worst: np.ndarray, answers: dict[str, list[Any]]) -> dict[str, Any]:
        return {"kind": "gallery", "images": pixels(small(split.test[worst].kept)), "answers": answers}


@lru_cache(maxsize=1)
def _digits() -> tuple[np.ndarray, np.ndarray]:
    """The file scikit-learn brings."""
    path = packaged("sklearn", "datasets", "data", "digits.csv.gz")
    with gzip.open(path, "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype="float32")
    return table[:, :64].reshape(-1, 8, 8, 1) / 16, table[:, 64].astype("int32")


class Digits(Images):
    name: Literal["digits"] = "digits"
    title: ClassVar[str] = "Digits 8×8"
    description: ClassVar[str] = "1,797 handwritten digits of 43 people, 8×8 pixels; always at hand."
    licence: ClassVar[str] = "UCI Optical Recognition of Handwritten Digits, CC BY 4.0"
    input_shape: ClassVar[Shape] = (8, 8, 1)
    classes: ClassVar[tuple[str, ...]] = DIGITS
    suggested_epochs: ClassVar[int] = 30
    handwriting: ClassVar[bool] = True
    imports: ClassVar[tuple[str, ...]] = ("import numpy as np", "from sklearn.datasets import load_digits")

    validation_share: float = validation_field()
    test_share: float = test_field()

    @property
    def training_examples(self) -> int:
        return 1797 - round(self.validation_share * 1797) - round(self.test_share * 1797)

    def code(self, seed: int) -> str:
        code = (
            "x, y = load_digits(return_X_y=True)\n"
            'x = x.reshape(-1, 8, 8, 1).astype("float32") / 16\n'
            f"rng = np.random.default_rng({seed})"
        )
        return split_code(code, self.validation_share, self.test_share)

    def load(self, seed: int, report: Progress | None = None) -> Split:
        x, y = _digits()
        shares = (self.validation_share, self.test_share)
        return Split(*divide(x, y, shares, np.random.default_rng(seed)))
