"""Keras, imported so that it takes less memory; import this before anything else imports Keras.

Keras takes pandas and scikit-learn with it where they are installed, only to recognise their tables. And
linking reads large parts of TensorFlow's library once, which stay resident though nobody has use for them.
Together two thirds of a worker's memory before its first job.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DONT_NEED = 4
"""``MADV_DONTNEED``: unchanged pages of a file go; they are read again if they are used again."""


@contextmanager
def without(*names: str) -> Iterator[None]:
    """As if these packages were not installed; who imports them later gets them."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


def trim() -> None:
    """Give freed memory back to the system, where the C library is glibc; a few milliseconds."""
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim"):
        ctypes.CDLL(None).malloc_trim(0)


def give_back(maps: Path = Path("/proc/self/smaps")) -> None:
    """Let go of freed memory, and of the pages of shared libraries that nobody has written to.

    Does nothing outside Linux. Worth a call after what is done once, such as compiling a network.
    """
    if not maps.exists():
        return
    trim()
    libc = ctypes.CDLL(None)
    for part in re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", maps.read_text()):
        head = re.match(r"([0-9a-f]+)-([0-9a-f]+) r-[x-]p .* /.*\.so[.\d]*\n", part)
        if head and re.search(r"^Anonymous: +0 kB$", part, re.M):
            begin, end = int(head[1], 16), int(head[2], 16)
            libc.madvise(ctypes.c_void_p(begin), ctypes.c_size_t(end - begin), DONT_NEED)


with without("pandas", "sklearn"):
    import keras  # noqa: F401

give_back()
