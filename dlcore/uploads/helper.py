"""``python -m dlcore.uploads.helper``: reads one upload from standard input, with a bound on its memory.

In: a line of JSON with ``shape`` and the number of ``files``; for each a line with ``name`` and ``size``, then its
bytes. Out: lines of JSON with ``done`` and ``total``; then one with ``error``, or with the places, and the pixels.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import asdict
from typing import Any

from dlcore.settings import settings
from dlcore.uploads.limits import UploadError
from dlcore.uploads.reading import Reader

BASE_MB = 600
"""Address space of the interpreter, its libraries and the files in hand."""
BYTES_A_PIXEL = 16
"""Of the largest image while it is decoded: four copies of it."""


def main() -> None:
    """Read, and say what was found."""
    _bound()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    source = sys.stdin.buffer

    def say(**message: Any) -> None:
        out.write(json.dumps(message).encode() + b"\n")
        out.flush()

    try:
        start = json.loads(source.readline())
        files = start["files"]
        reader = Reader(tuple(start["shape"]), files, lambda done, total: say(done=done, total=total))
        for _ in range(files):
            about = json.loads(source.readline())
            reader.take(about["name"], source.read(about["size"]))
        result = reader.result()
    except UploadError as error:
        say(error=str(error))
        return
    except MemoryError:
        say(error="The files need too much memory to be read: choose fewer or smaller ones.")
        return
    pixels = b"".join(image.tobytes() for image in result.pixels)
    say(
        places=[asdict(place) for place in result.places],
        unusable=result.unusable,
        notes=result.notes,
        sides=result.sides,
    )
    out.write(pixels)
    out.flush()


def _bound() -> None:
    """Be modest: little memory, and the processor when nobody else wants it."""
    with contextlib.suppress(ImportError, OSError, ValueError, AttributeError):
        os.nice(10)
        import resource

        most = BASE_MB * 2**20 + BYTES_A_PIXEL * settings().max_pixels
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    main()
