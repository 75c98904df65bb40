"""Have an upload read in a process of its own: what is hostile or costly in it disturbs nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

import numpy as np

from dlcore.settings import ROOT
from dlcore.uploads.classes import Place
from dlcore.uploads.limits import UploadError
from dlcore.uploads.reading import Report, Upload

SECONDS = 300.0
"""Longest time a reading may take."""
_turn = threading.Semaphore(1)
"""One upload is read at a time: a second core stays for everybody else."""


@dataclass(frozen=True)
class File:
    """A file that is not read before its turn."""

    name: str
    size: int
    read: Callable[[], bytes]

    @classmethod
    def of(cls, name: str, data: bytes) -> File:
        return cls(name, len(data), lambda: data)


def read_apart(files: Sequence[File], shape: tuple[int, ...], report: Report | None = None) -> Upload:
    """Decode the images of an upload; waits for its turn, in which ``report`` is called with (0, 0).

    Raises UploadError.
    """
    while not _turn.acquire(timeout=0.3):
        if report:
            report(0, 0)
    try:
        return _read(files, shape, report)
    finally:
        _turn.release()


def _read(files: Sequence[File], shape: tuple[int, ...], report: Report | None) -> Upload:
    helper = subprocess.Popen(
        [sys.executable, "-m", "dlcore.uploads.helper"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # what libraries say about damaged files
        cwd=ROOT,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    assert helper.stdin and helper.stdout
    problems: list[str] = []

    def too_slow() -> None:
        problems.append(f"Reading the files took longer than {SECONDS:.0f} s: choose fewer or smaller ones.")
        helper.kill()

    writer = threading.Thread(target=_send, args=(files, shape, helper.stdin, problems), daemon=True)
    clock = threading.Timer(SECONDS, too_slow)
    clock.daemon = True
    writer.start()
    clock.start()
    try:
        result = _receive(helper.stdout, shape, report)
    finally:  # a visitor who leaves ends it too
        clock.cancel()
        helper.kill()
        helper.wait()
        writer.join()
        helper.stdout.close()
    if result is None:
        raise UploadError(
            problems[0]
            if problems
            else "The files could not be read, probably because memory ran out: choose fewer or smaller ones."
        )
    return result


def _send(files: Sequence[File], shape: tuple[int, ...], pipe: IO[bytes], problems: list[str]) -> None:
    try:
        with pipe:
            pipe.write(json.dumps({"shape": shape, "files": len(files)}).encode() + b"\n")
            for file in files:
                data = file.read()
                pipe.write(json.dumps({"name": file.name, "size": len(data)}).encode() + b"\n")
                pipe.write(data)
    except BrokenPipeError:
        pass  # it has seen enough
    except OSError as error:
        problems.append(f"{error.filename}: {error.strerror}")


def _receive(pipe: IO[bytes], shape: tuple[int, ...], report: Report | None) -> Upload | None:
    """What the helper found; None where it ended before it said so. Raises UploadError."""
    for line in pipe:
        message = json.loads(line)
        if "error" in message:
            raise UploadError(message["error"])
        if "places" in message:
            places = [Place(tuple(row["folders"]), row["name"], row["zip"]) for row in message["places"]]
            pixels = np.frombuffer(pipe.read(), "uint8")
            if pixels.size != len(places) * np.prod(shape):
                break
            images = list(pixels.reshape(-1, *shape))
            return Upload(places, images, message["unusable"], message["notes"], message["sides"])
        if report:
            report(message["done"], message["total"])
    return None
