"""Images that a visitor has uploaded: kept small and in one size, found again by what is in them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

import numpy as np
from pydantic import Field

from dlcore.datasets.base import (
    DatasetError,
    Own,
    Progress,
    Split,
    divide,
    split_code,
    test_field,
    validation_field,
)
from dlcore.datasets.images import Images
from dlcore.fields import derived
from dlcore.layers import Shape
from dlcore.uploads import kept
from dlcore.uploads.apart import File, read_apart
from dlcore.uploads.classes import ONE_CLASS, ClassName, sort
from dlcore.uploads.limits import MAX_CLASSES, MAX_IMAGES, MAX_TOTAL_MB, MIN_IMAGES, MIN_IN_CLASS, UploadError
from dlcore.uploads.names import from_surrogates

Side = Literal[16, 28, 32, 64, 96, 128, 224]
PHOTO = 32
"""Pixels of the side above which compressing takes long and gains little."""
SIDES: tuple[int, ...] = get_args(Side)


class Uploaded(Own, Images):
    """Made by :func:`keep`. All that describes it is in the recipe; the pixels are in the artifact store."""

    name: Literal["upload"] = "upload"
    title: ClassVar[str] = "Your pictures"
    order: ClassVar[int] = 21
    editor: ClassVar[str] = "images"
    to_do: ClassVar[tuple[str, str]] = (
        "No pictures yet: upload some first.",
        "Upload pictures of two classes",
    )
    description: ClassVar[str] = (
        "Pictures of your own, cut to squares. Classes come from folders or file names."
    )
    own: ClassVar[str] = (
        "some of your pictures (validation and test examples, and those that a sample is compared with)"
    )
    suggested_epochs: ClassVar[int] = 30

    side: Side = 28
    colour: bool = False
    classes: tuple[ClassName, ...] = Field(ONE_CLASS, min_length=1, max_length=MAX_CLASSES)  # type: ignore[misc]
    examples: int = Field(0, ge=0, le=MAX_IMAGES)
    validation_share: float = validation_field()
    test_share: float = test_field()

    @derived
    def input_shape(self) -> Shape:
        return (self.side, self.side, 3 if self.colour else 1)

    @property
    def missing(self) -> str:
        enough = self.id and self.examples >= MIN_IMAGES
        return "" if enough else "expected pictures, received none yet: upload some"

    @property
    def training_examples(self) -> int:
        held_back = (self.validation_share, self.test_share)
        return self.examples - sum(round(share * self.examples) for share in held_back)

    def code(self, seed: int) -> str:
        """Images from a folder, cut and scaled as ``dlcore.decoding.images.fit`` does it."""
        code = (
            'folder = "pictures"  # put your pictures here, each into a folder named after its class\n'
            "loaded = keras.utils.image_dataset_from_directory(\n"
            f"    folder, class_names={list(self.classes)}, batch_size=None, shuffle=False,\n"
            f'    image_size=({self.side}, {self.side}), interpolation="lanczos3",\n'
            f'    color_mode="{"rgb" if self.colour else "grayscale"}", crop_to_aspect_ratio=True,\n'
            ")\n"
            "x, y = (np.array(part) for part in zip(*loaded.as_numpy_iterator()))\n"
            'x = x.clip(0, 255).astype("float32") / 255\n'
        )
        if not self.colour:
            code += (
                "border = np.concatenate([x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]], axis=1)\n"
                "light = np.median(border, axis=(1, 2)) > 0.5\n"
                "x[light] = 1 - x[light]  # everything on a dark ground\n"
            )
        loading = f"{code}rng = np.random.default_rng({seed})"
        return split_code(loading, self.validation_share, self.test_share)

    def pictures(self) -> tuple[np.ndarray, np.ndarray]:
        """All that are kept, as uint8, and the index of the class of each. Raises DatasetError."""
        if not self.id:
            raise DatasetError("No pictures yet: upload some first.")
        try:
            packed = kept.read(f"{self.id}.npz")
        except FileNotFoundError:
            raise DatasetError("These pictures are not kept here, or no longer: upload them again.") from None
        with np.load(io.BytesIO(packed)) as arrays:
            images, labels, classes = arrays["pictures"], arrays["labels"], arrays["classes"]
        if images.shape != (self.examples, *self.input_shape) or self.classes != tuple(classes):
            raise DatasetError("The uploaded pictures are others than the recipe says: upload them again.")
        return images, labels.astype("int32")

    def load(self, seed: int, report: Progress | None = None) -> Split:
        images, labels = self.pictures()
        shares = (self.validation_share, self.test_share)
        return Split(*divide(images, labels, shares, np.random.default_rng(seed)))


@dataclass(frozen=True)
class Kept:
    """What has become of an upload."""

    dataset: Uploaded
    notes: list[str]
    """What was set aside, with its number, and what was assumed."""
    unusable: list[str]
    """A line for each file that could not be used."""


def keep(files: Sequence[File], side: Side, colour: bool, report: Progress | None = None) -> Kept:
    """Read images and zips of images, cut each image to a square and keep them.

    Args:
        files: A name may have folders in it.
        side: Pixels of the side of a kept image.
        colour: Whether they are kept in colour.
        report: Called with files read and files in all, and with (0, 0) while others are read first.

    The same images give the same data set, so nothing is kept twice. Raises DatasetError where they are too few
    or too many.
    """
    if sum(file.size for file in files) > MAX_TOTAL_MB * 2**20:
        raise DatasetError(f"The files have more than {MAX_TOTAL_MB} MB together: choose fewer.")
    named = from_surrogates([file.name for file in files])
    shape = (side, side, 3 if colour else 1)
    try:
        result = read_apart(
            [File(name, file.size, file.read) for name, file in zip(named, files, strict=True)], shape, report
        )
    except UploadError as error:
        raise DatasetError(str(error)) from error
    sorting = sort(result.places)
    chosen = [i for i, label in enumerate(sorting.labels) if label >= 0]
    notes = result.notes + sorting.notes
    if len(chosen) < MIN_IMAGES:
        unusable = (
            [f"{len(result.unusable)} could not be used: {result.unusable[0]}"] if result.unusable else []
        )
        raise DatasetError(
            f"At least {MIN_IMAGES} pictures are needed, in classes of at least {MIN_IN_CLASS}; there are "
            f"{len(chosen)}. {' '.join(unusable + notes)}".strip()
        )
    labels = [sorting.labels[i] for i in chosen]
    dataset = keep_pixels([result.pixels[i] for i in chosen], labels, sorting.classes)
    return Kept(dataset, notes, result.unusable)


def keep_pixels(images: Sequence[np.ndarray], labels: Sequence[int], classes: Sequence[str]) -> Uploaded:
    """Keep images (side, side, 1 or 3) as uint8, all of one size, with the index of the class of each."""
    pixels, numbers = np.stack(images), np.array(labels, "uint8")
    content = kept.identity(pixels.tobytes() + numbers.tobytes() + "\n".join(classes).encode())
    file = io.BytesIO()
    save = np.savez if pixels.shape[1] > PHOTO else np.savez_compressed  # photos hardly become smaller
    save(file, pictures=pixels, labels=numbers, classes=np.array(classes))
    kept.write(f"{content}.npz", file.getvalue())
    side, colour = pixels.shape[1], pixels.shape[3] == 3
    return Uploaded(id=content, side=side, colour=colour, classes=tuple(classes), examples=len(pixels))
