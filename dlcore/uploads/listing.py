"""The images of an upload, named and unpacked one at a time, for those who do not need them all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import PurePath

from dlcore.decoding.images import SUFFIXES, ImageError
from dlcore.settings import settings
from dlcore.uploads import clutter
from dlcore.uploads.apart import File
from dlcore.uploads.archive import Entry, EntryError, Room, entries
from dlcore.uploads.classes import Place, listed
from dlcore.uploads.limits import MAX_IMAGES, UploadError
from dlcore.uploads.names import parts


@dataclass(frozen=True)
class Listed:
    """An image that is not unpacked before its turn."""

    path: str
    place: Place
    _read: Callable[[], bytes]

    def content(self) -> bytes:
        """Its bytes. Raises ImageError where they cannot be had; the message says why."""
        try:
            return self._read()
        except EntryError as error:
            raise ImageError(str(error)) from error


def list_images(files: Sequence[File]) -> tuple[list[Listed], list[str]]:
    """The images in files and zips, and what has been left out. Raises UploadError where a limit is passed."""
    images: list[Listed] = []
    others: list[str] = []
    room = Room("The images", EntryError)
    for file in files:
        path = parts(file.name) or ("picture",)
        if not file.name.casefold().endswith(".zip"):
            images.append(Listed(path[-1], Place((), path[-1]), file.read))
            continue
        name = PurePath(path[-1]).stem
        for entry in entries(file.name, file.read()):
            inside = parts(entry.name)
            if not inside or clutter.is_system_file(inside) or clutter.generated_folder(inside):
                continue
            if clutter.has_image_name(inside, SUFFIXES):
                place = Place(inside[:-1], inside[-1], name)
                read = partial(_read, entry, room)
                images.append(Listed("/".join(inside), place, read))
            else:
                others.append("/".join(inside))
    if len(images) > MAX_IMAGES:
        raise UploadError(
            f"There are {len(images):,} images; at most {MAX_IMAGES:,} are allowed: leave some out."
        )
    count = "1 other file" if len(others) == 1 else f"{len(others):,} other files"
    return images, [f"Left out: {count}: {listed(others)}."] if others else []


def _read(entry: Entry, room: Room) -> bytes:
    return room.read(entry.pieces(), settings().max_upload_mb * 2**20)
