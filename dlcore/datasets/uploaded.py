"""Pictures that a visitor has uploaded: kept small and in one size, found again by what is in them."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections import Counter
from pathlib import PurePosixPath
from typing import Annotated, ClassVar, Literal, get_args

import numpy as np
from pydantic import Field

from dlcore.datasets.base import DatasetError, Progress, Split, divide, test_field, validation_field
from dlcore.datasets.images import Pictures
from dlcore.layers import Shape
from dlcore.pictures import PictureError, fit, read_picture
from dlcore.settings import settings

MIN_PICTURES, MAX_PICTURES = 20, 1000
MAX_TOTAL_MB = 200
"""Of all files of one upload together."""
MAX_CLASSES = 20
MIN_IN_CLASS = 5
ONE_CLASS = ("pictures",)
FOLDER = "uploads"

Side = Literal[16, 28, 32]
SIDES: tuple[int, ...] = get_args(Side)
ClassName = Annotated[str, Field(min_length=1, max_length=40)]


class Uploaded(Pictures):
    """Made by :func:`keep`. All that describes it is in the recipe; the pixels are in the artifact store."""

    name: Literal["upload"] = "upload"
    source: ClassVar[Literal["embedded", "download", "upload"]] = "upload"
    title: ClassVar[str] = "Your pictures"
    description: ClassVar[str] = (
        "Pictures of your own, cut to small squares. Classes come from folders or file names."
    )
    licence: ClassVar[str] = "yours"
    own: ClassVar[str] = (
        "some of your pictures (validation and test examples, and those that a sample is compared with)"
    )
    suggested_epochs: ClassVar[int] = 30

    id: str = Field("", pattern="^([0-9a-f]{16})?$")
    side: Side = 28
    colour: bool = False
    classes: tuple[ClassName, ...] = Field(ONE_CLASS, min_length=1, max_length=MAX_CLASSES)  # type: ignore[misc]
    examples: int = Field(0, ge=0, le=MAX_PICTURES)
    validation_share: float = validation_field()
    test_share: float = test_field()

    @property
    def input_shape(self) -> Shape:  # type: ignore[override]
        return (self.side, self.side, 3 if self.colour else 1)

    @property
    def missing(self) -> str:
        enough = self.id and self.examples >= MIN_PICTURES
        return "" if enough else "expected pictures, received none yet: upload some"

    @property
    def training_examples(self) -> int:
        held_back = (self.validation_share, self.test_share)
        return self.examples - sum(round(share * self.examples) for share in held_back)

    def load(self, seed: int, report: Progress | None = None) -> Split:
        from dlcore.store import open_store  # which knows recipes, and so data sets

        if not self.id:
            raise DatasetError("No pictures yet: upload some first.")
        try:
            packed = open_store().artifacts.read(_path(self.id))
        except FileNotFoundError:
            raise DatasetError("These pictures are not kept here, or no longer: upload them again.") from None
        with np.load(io.BytesIO(packed)) as arrays:
            pictures, labels, classes = arrays["pictures"], arrays["labels"], arrays["classes"]
        if pictures.shape != (self.examples, *self.input_shape) or self.classes != tuple(classes):
            raise DatasetError("The uploaded pictures are others than the recipe says: upload them again.")
        x, y = pictures.astype("float32") / 255, labels.astype("int32")
        shares = (self.validation_share, self.test_share)
        return Split(*divide(x, y, shares, np.random.default_rng(seed)))


def unpacked(files: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The same files, with what is in a zip in the place of the zip; names keep their folders.

    Raises DatasetError for a broken zip and for one that would become too large or too many files.
    """
    found: list[tuple[str, bytes]] = []
    room = MAX_TOTAL_MB * 2**20
    for name, data in files:
        if not name.lower().endswith(".zip"):
            found.append((name, data))
            continue
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as packed:
                inside = [entry for entry in packed.infolist() if _is_file(entry.filename)]
                room -= sum(entry.file_size for entry in inside)
                if room < 0 or len(found) + len(inside) > MAX_PICTURES:
                    raise DatasetError(
                        f"{name} holds too much: at most {MAX_PICTURES} pictures of "
                        f"{MAX_TOTAL_MB} MB together are allowed."
                    )
                found += [(entry.filename, packed.read(entry)) for entry in inside]
        except DatasetError:
            raise
        except Exception as error:  # a stranger's zip fails in as many ways as there are packers
            raise DatasetError(f"{name} is no zip that can be read: pack it again.") from error
    return found


def _is_file(name: str) -> bool:
    """Whether a name in a zip is a file a person has put there: no folder, none of macOS's own."""
    path = PurePosixPath(name)
    return not name.endswith("/") and not path.name.startswith(".") and "__MACOSX" not in path.parts


def keep(
    files: list[tuple[str, bytes]], side: Side, colour: bool, report: Progress | None = None
) -> tuple[Uploaded, list[str]]:
    """Read pictures, cut each to a square and keep them.

    Args:
        files: Name and content of each. A name may have folders in it.
        side: Pixels of the side of a kept picture.
        colour: Whether they are kept in colour.
        report: Called with pictures read and pictures in all.

    Returns the data set, and a line for every file that could not be used. The same pictures give the
    same data set, so nothing is kept twice. Raises DatasetError where there are too few or too many.
    """
    from dlcore.store import open_store

    limits = settings()
    if len(files) > MAX_PICTURES:
        raise DatasetError(f"{len(files)} files were chosen; at most {MAX_PICTURES} are allowed.")
    if sum(len(data) for _, data in files) > MAX_TOTAL_MB * 2**20:
        raise DatasetError(f"The files have more than {MAX_TOTAL_MB} MB together: choose fewer.")
    shape = (side, side, 3 if colour else 1)
    names, found, skipped = [], [], []
    for i, (name, data) in enumerate(files):
        try:
            image = read_picture(data, max_pixels=limits.max_pixels, max_bytes=limits.max_upload_mb * 2**20)
        except PictureError as error:
            skipped.append(f"{name}: {error}")
        else:
            names.append(name)
            found.append((255 * fit(image, shape)).round().astype("uint8"))
        if report:
            report(i + 1, len(files))
    if len(found) < MIN_PICTURES:
        raise DatasetError(
            f"At least {MIN_PICTURES} pictures are needed; {len(found)} of {len(files)} files "
            "could be used." + (f" The first that could not: {skipped[0]}" if skipped else "")
        )
    classes, labels = sort_by_name(names)
    pictures = np.stack(found)
    text = "\n".join(classes).encode()
    content = hashlib.sha256(pictures.tobytes() + labels.tobytes() + text).hexdigest()[:16]
    file = io.BytesIO()
    np.savez_compressed(file, pictures=pictures, labels=labels, classes=np.array(classes))
    artifacts = open_store().artifacts
    artifacts.write(_path(content), file.getvalue())
    artifacts.keep_newest(FOLDER, limits.max_uploads)
    kept = Uploaded(id=content, side=side, colour=colour, classes=classes, examples=len(found))
    return kept, skipped


def sort_by_name(names: list[str]) -> tuple[tuple[str, ...], np.ndarray]:
    """Classes, and the class of each file as uint8: its folder, or its name up to the first "_" or "-".

    One class for all, unless that gives 2 to 20 classes with at least 5 pictures each.
    """
    found = [_class_of(PurePosixPath(name.replace("\\", "/"))) for name in names]
    counts = Counter(found)
    if not 2 <= len(counts) <= MAX_CLASSES or min(counts.values()) < MIN_IN_CLASS:
        return ONE_CLASS, np.zeros(len(names), "uint8")
    classes = tuple(sorted(counts))
    return classes, np.array([classes.index(name) for name in found], "uint8")


def _class_of(path: PurePosixPath) -> str:
    folder = path.parent.name
    return (folder or path.stem.replace("-", "_").split("_")[0])[:40]


def _path(content: str) -> str:
    return f"{FOLDER}/{content}.npz"
