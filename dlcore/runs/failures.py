"""Why a training has failed, in one line that says what to do."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

FULL = {errno.ENOSPC, errno.EDQUOT}
FULL_DISK = "The disk is full."
LEAST = 2**20
"""Bytes that are free on a disk on which a run can still be noted."""


def why(error: BaseException) -> str:
    """The reason that is kept with a run which an error has ended."""
    if disk_is_full(error):
        return f"{FULL_DISK} Make room, then resume: the run goes on from its last checkpoint."
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":  # TensorFlow's
        return "There was not enough memory; use a smaller network or a smaller batch."
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return f"The training failed: {lines[0][:300]}"


def disk_is_full(error: BaseException) -> bool:
    """Whether an error, or what it arose from, says that nothing more can be written."""
    return any(
        (isinstance(cause, OSError) and (cause.errno in FULL or "No space left on device" in str(cause)))
        or getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        for cause in _causes(error)
    )


def no_room(folder: Path) -> bool:
    """Whether the disk of a folder is so full that a store on it may not take the end of a run yet."""
    return shutil.disk_usage(folder).free < LEAST


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # ``orig`` is SQLAlchemy's; Keras takes the cause away from what passes through ``fit``.
        error = getattr(error, "orig", None) or error.__cause__ or error.__context__
