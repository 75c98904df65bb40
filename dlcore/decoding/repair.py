"""Files that browsers show although something in them is damaged that no pixel depends on."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

from dlcore.decoding.formats import ImageError

PNG = b"\x89PNG\r\n\x1a\n"
NEEDED = (b"tRNS", b"eXIf", b"acTL", b"fcTL", b"fdAT")
"""Optional chunks of a PNG that change what is seen: transparency, orientation, animation."""
JPEG, JPEG_END = b"\xff\xd8", b"\xff\xd9"
REST = b"\x55\xa3"
"""Anything a JPEG decoder reads as pixels where it expects more of them; repeated, a byte is less than four pixels."""
INTERVAL = b"\xff\xdd\x00\x04"
"""The segment that says after how many blocks there is a restart mark."""
LOST = 0.02
"""Share of the values that may depend on what has been cut off."""


def needed_chunks(data: bytes) -> bytes:
    """A PNG without what no pixel depends on: metadata, colour profile, damaged optional chunks; with an end.

    https://www.w3.org/TR/png-3/#5Chunk-layout: length, name, body, CRC-32 of name and body. An optional chunk's
    name begins with a small letter. Raises ImageError where a chunk that is not optional is damaged.
    """
    kept = [PNG]
    at = len(PNG)
    while at + 8 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        check = data[at + 8 + length : at + 12 + length]
        at += 12 + length
        if name == b"IEND":
            break
        intact = check == zlib.crc32(name + body).to_bytes(4, "big")
        optional = bool(name[0] & 0x20)
        if optional and not (intact and name in NEEDED):
            continue
        if not intact and at <= len(data):
            raise ImageError("The picture is damaged and cannot be decoded: save or download it again.")
        kept.append(_chunk(name, body))  # of what has been cut off, Pillow says whether it is missed
    return b"".join([*kept, _chunk(b"IEND", b"")])


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + zlib.crc32(name + body).to_bytes(4, "big")


def without_end(data: bytes, decode: Callable[[bytes], Image.Image]) -> Image.Image:
    """A JPEG whose end mark is missing, if hardly more than that is missing.

    A decoder makes up what it does not find, so the image is whole where it does not depend on what follows.
    Raises ImageError where it does.
    """
    data = data.rstrip(b"\xff")  # the first half of the mark
    image = decode(data + JPEG_END)
    other = decode(data + _rest(data, image.width * image.height) + JPEG_END)
    if np.mean(np.asarray(image) != np.asarray(other)) > LOST:
        raise ImageError("The picture is cut short: save or download it again.")
    return image


def _rest(data: bytes, pixels: int) -> bytes:
    """As much as may be missing. Restart marks, of which the next is not known, are there in turn."""
    at = data.find(INTERVAL)
    blocks = int.from_bytes(data[at + 4 : at + 6], "big") if at >= 0 else 0
    if not blocks:
        return REST * (64 + pixels // 8)
    marks = (b"\xff" + bytes([0xD0 + number % 8]) for number in range(8 + pixels // (64 * blocks)))
    return b"".join(REST * 8 * blocks + mark for mark in marks)
