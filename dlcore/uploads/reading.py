"""Decode the images of an upload, one at a time, within a budget of files, bytes and pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import prod
from pathlib import PurePath

import numpy as np

from dlcore.decoding.budget import OutOfPixels, PixelBudget
from dlcore.decoding.images import SUFFIXES, ImageError, UnknownFormat, fit, read_image
from dlcore.settings import settings
from dlcore.uploads import clutter
from dlcore.uploads.archive import EntryError, Room, entries
from dlcore.uploads.classes import Place, images, listed
from dlcore.uploads.limits import MAX_IMAGES, MAX_KEPT_MB, MAX_TOTAL_MEGAPIXELS, UploadError
from dlcore.uploads.names import parts

LEAST = 4
"""Times the side to which an image may be reduced while it is decoded; the last step is the finer filter."""

Report = Callable[[int, int], None]
"""Called with files done and files in all, as far as that is known."""


@dataclass
class Upload:
    """The images of an upload: where each lies, and its pixels (side, side, 1 or 3) as uint8."""

    places: list[Place] = field(default_factory=list)
    pixels: list[np.ndarray] = field(default_factory=list)
    unusable: list[str] = field(default_factory=list)
    """A line for each file that should be an image and cannot be used."""
    notes: list[str] = field(default_factory=list)
    """What else has been set aside, with its number."""
    sides: list[int] = field(default_factory=list)
    """Pixels of the shorter side that each image had; of a large one, at least those it was reduced to."""


class Reader:
    """Reads the files of one upload, given one after the other."""

    def __init__(self, shape: tuple[int, ...], files: int, report: Report | None = None):
        self.shape, self.total, self.report = shape, files, report
        self.done = 0
        self._upload = Upload()
        self._room = Room("The files", UploadError)
        self._most = min(MAX_IMAGES, MAX_KEPT_MB * 2**20 // prod(shape))
        self._budget = PixelBudget(MAX_TOTAL_MEGAPIXELS * 1_000_000)
        self._generated: Counter[str] = Counter()
        self._others: list[str] = []

    def take(self, name: str, data: bytes) -> None:
        """Read a file, or all files of a zip. Raises UploadError where a limit is passed."""
        if not name.casefold().endswith(".zip"):
            self._file(parts(name), [data])
            return
        inside = entries(name, data)
        self.total += len(inside) - 1
        promising = [path for entry in inside if _counts(path := parts(entry.name))]
        if len(promising) > MAX_IMAGES:
            raise UploadError(
                f"{name} holds {len(promising):,} images; at most {MAX_IMAGES:,} are allowed: leave some out."
            )
        zip_name = PurePath(parts(name)[-1]).stem
        for entry in inside:
            self._file(parts(entry.name), entry.pieces(), zip_name)

    def result(self) -> Upload:
        """What was found in all files, and what was set aside."""
        for folder, number in sorted(self._generated.items()):
            self._upload.notes.append(f"Left out: {images(number)} in {folder}, which a program has made.")
        if self._others:
            count = "1 other file" if len(self._others) == 1 else f"{len(self._others):,} other files"
            self._upload.notes.append(f"Left out: {count}: {listed(self._others)}.")
        return self._upload

    def _file(self, path: tuple[str, ...], pieces: Iterable[bytes], zip_name: str = "") -> None:
        if path and not clutter.is_system_file(path):
            if folder := clutter.generated_folder(path):
                self._generated[folder] += clutter.has_image_name(path, SUFFIXES)
            else:
                self._image(path, pieces, zip_name)
        self.done += 1
        if self.report:
            self.report(self.done, self.total)

    def _image(self, path: tuple[str, ...], pieces: Iterable[bytes], zip_name: str) -> None:
        limits = settings()
        most = limits.max_upload_mb * 2**20
        try:
            image = read_image(
                self._room.read(pieces, most),
                max_pixels=limits.max_pixels,
                max_bytes=most,
                least=LEAST * self.shape[0],
                spend=self._budget.spend,
            )
        except OutOfPixels as error:
            raise UploadError(
                f"The images have more than {MAX_TOTAL_MEGAPIXELS:,} megapixels together "
                f"({self.done:,} of {self.total:,} files were read): choose fewer or smaller ones."
            ) from error
        except (ImageError, EntryError) as error:
            if isinstance(error, UnknownFormat) and not clutter.has_image_name(path, SUFFIXES):
                self._others.append("/".join(path))
            else:
                self._upload.unusable.append(f"{'/'.join(path)}: {error}")
            return
        if len(self._upload.pixels) == self._most:
            smaller = "" if self._most == MAX_IMAGES else " or cut them to a smaller side"
            limit = (
                f"which is the limit for {self.shape[0]}×{self.shape[1]} pixels"
                if smaller
                else "which is the limit"
            )
            raise UploadError(
                f"More than {self._most:,} images were chosen, {limit}: leave some out{smaller}."
            )
        self._upload.places.append(Place(path[:-1], path[-1], zip_name))
        self._upload.sides.append(min(image.size))
        self._upload.pixels.append((255 * fit(image, self.shape)).round().astype("uint8"))


def _counts(path: tuple[str, ...]) -> bool:
    """Whether a file will be read as an image."""
    return (
        bool(path)
        and not clutter.is_system_file(path)
        and not clutter.generated_folder(path)
        and clutter.has_image_name(path, SUFFIXES)
    )
