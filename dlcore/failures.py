"""Why a training has failed, in one line that says what to do."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator

FULL = {errno.ENOSPC, errno.EDQUOT}


def why(error: BaseException) -> str:
    """The reason that is kept with a run which an error has ended."""
    if disk_is_full(error):
        return "The disk is full. Make room, then resume: the run goes on from its last checkpoint."
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


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = getattr(error, "orig", None) or error.__cause__  # ``orig`` is SQLAlchemy's
