"""The images of an upload, named and unpacked one at a time, for those who do not need them all at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from dlcore.decoding.images import SUFFIXES, ImageError
from dlcore.settings import settings
from dlcore.uploads import clutter
from dlcore.uploads.apart import File
from dlcore.uploads.archive import Entry, EntryError, entries
from dlcore.uploads.classes import Place, listed
from dlcore.uploads.limits import MAX_IMAGES, MAX_TOTAL_MB, UploadError
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
    room = _Room()
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
                images.append(Listed("/".join(inside), place, _reader(entry, room)))
            else:
                others.append("/".join(inside))
    if len(images) > MAX_IMAGES:
        raise UploadError(
            f"There are {len(images):,} images; at most {MAX_IMAGES:,} are allowed: leave some out."
        )
    left_out = f"Left out: {len(others):,} other files: {listed(others)}."
    return images, [left_out] if others else []


class _Room:
    """Bytes that may still come out of the zips of one upload."""

    def __init__(self) -> None:
        self.left = MAX_TOTAL_MB * 2**20


def _reader(entry: Entry, room: _Room) -> Callable[[], bytes]:
    most = settings().max_upload_mb * 2**20

    def read() -> bytes:
        content = bytearray()
        for piece in entry.pieces():
            content += piece
            room.left -= len(piece)
            if room.left < 0:
                raise EntryError(f"The images have more than {MAX_TOTAL_MB} MB together: choose fewer.")
            if len(content) > most:
                raise EntryError(f"It has more than {most / 2**20:.0f} MB: make the picture smaller.")
        return bytes(content)

    return read
