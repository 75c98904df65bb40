"""The files in a zip, unpacked one at a time and counted while they are.

A zip's directory may say what it likes, so nothing is believed of it but where an entry begins. Only stored and
deflated entries are read: zlib unpacks in steps, Python's bzip2 and LZMA at once, whatever that makes.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dlcore.uploads.limits import MAX_ENTRIES, MAX_TOTAL_MB, UploadError
from dlcore.uploads.names import decoded

ENCRYPTED, UTF8 = 0x1, 0x800  # bits of an entry's flags
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
UNICODE_PATH = 0x7075
STEP = 2**16


class EntryError(ValueError):
    """An entry cannot be used; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A file in a zip, and its name."""

    name: str
    packed: zipfile.ZipFile
    info: zipfile.ZipInfo

    def pieces(self) -> Iterator[bytes]:
        """Its content in pieces of 64 KB, each unpacked when it is asked for. Raises EntryError."""
        if self.info.flag_bits & ENCRYPTED:
            raise EntryError("It needs a password: pack the zip again without one.")
        if self.info.compress_type not in METHODS:
            raise EntryError(f"It is {_method(self.info)}: pack the zip again in the usual way (Deflate).")
        try:
            with self.packed.open(self.info) as file:
                while piece := file.read(STEP):
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
            raise EntryError("It is damaged in the zip: pack it again or leave it out.") from error


class Room:
    """Bytes that may still come out of the files of one upload."""

    def __init__(self, what: str, refusal: type[Exception]):
        self.left = MAX_TOTAL_MB * 2**20
        self.what, self.refusal = what, refusal

    def read(self, pieces: Iterable[bytes], most: int) -> bytes:
        """All pieces. Raises EntryError where they have more than ``most`` bytes, ``refusal`` where there is no room."""
        content = bytearray()
        for piece in pieces:
            content += piece
            self.left -= len(piece)
            if self.left < 0:
                raise self.refusal(f"{self.what} have more than {MAX_TOTAL_MB} MB together: choose fewer.")
            if len(content) > most:
                raise EntryError(f"It has more than {most / 2**20:.0f} MB: make the picture smaller.")
        return bytes(content)


def entries(name: str, data: bytes) -> list[Entry]:
    """All files in a zip. Raises UploadError where none can be read; the message says why."""
    try:
        packed = zipfile.ZipFile(io.BytesIO(data))
        infos = [info for info in packed.infolist() if not info.filename.endswith(("/", "\\"))]
    except Exception as error:  # a stranger's zip fails in as many ways as there are packers
        begun = data.startswith(b"PK\x03\x04")
        what = "is cut short or damaged at its end" if begun else "is no zip that can be read"
        raise UploadError(f"{name} {what}: pack it again.") from error
    if len(infos) > MAX_ENTRIES:
        raise UploadError(f"{name} holds {len(infos):,} files; at most {MAX_ENTRIES:,} are allowed.")
    if infos and all(info.flag_bits & ENCRYPTED for info in infos):
        raise UploadError(f"{name} needs a password: pack it again without one.")
    methods = {info.compress_type for info in infos}
    if infos and not methods & set(METHODS):
        raise UploadError(f"{name} is {_method(infos[0])}: pack it again in the usual way (Deflate).")
    return [Entry(path, packed, info) for path, info in zip(_names(infos), infos, strict=True)]


def _names(infos: list[zipfile.ZipInfo]) -> list[str]:
    """The entries' names; those whose encoding is not said are decoded together."""
    said = [_said(info) for info in infos]
    unsaid = [info.orig_filename.encode("cp437") for info, name in zip(infos, said, strict=True) if not name]
    guessed: Iterator[str] = iter(decoded(unsaid))
    return [name or next(guessed) for name in said]


def _said(info: zipfile.ZipInfo) -> str:
    """The name in an encoding that the entry names; empty where it names none.

    https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT: bit 11 of the flags; field 0x7075.
    """
    if info.flag_bits & UTF8:
        return info.orig_filename
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        body = extra[4 : 4 + length]
        if kind == UNICODE_PATH and len(body) > 5:
            return body[5:].decode("utf-8", "replace")
        extra = extra[4 + length :]
    return ""


def _method(info: zipfile.ZipInfo) -> str:
    known = zipfile.compressor_names.get(info.compress_type, f"method {info.compress_type}")  # type: ignore[attr-defined]
    return f"packed by {known.capitalize()}"
