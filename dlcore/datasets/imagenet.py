"""ImageNet: the classes of the networks that know photos. Its 1.28 million images may not be passed on."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from dlcore.datasets.base import DatasetError, Progress, Split
from dlcore.datasets.images import PHOTOS, Images
from dlcore.layers import Shape

CLASSES = tuple(Path(__file__).with_name("imagenet_classes.txt").read_text().splitlines())
"""The names of WordNet in plain words, in the order of the challenge; doubles are told apart."""
MISSING = "ImageNet's photos cannot be downloaded by everybody; a network trained on them is shipped"


class ImageNet(Images):
    name: Literal["imagenet"] = "imagenet"
    title: ClassVar[str] = "ImageNet"
    description: ClassVar[str] = "Photos of 1,000 kinds of things and animals (Russakovsky et al. 2015)."
    licence: ClassVar[str] = "for research; not passed on"
    source = "none"
    input_shape: ClassVar[Shape] = (224, 224, 3)
    classes: ClassVar[tuple[str, ...]] = CLASSES
    photos: ClassVar[tuple[str, ...]] = PHOTOS
    suggested_epochs: ClassVar[int] = 300

    @property
    def missing(self) -> str:
        return MISSING

    @property
    def at_hand(self) -> bool:
        return False

    @property
    def training_examples(self) -> int:
        return 1_281_167

    def load(self, seed: int, report: Progress | None = None) -> Split:
        raise DatasetError(f"{MISSING}. Choose another data set.")

    def code(self, seed: int) -> str:
        return f'raise SystemExit("{MISSING}.")'
