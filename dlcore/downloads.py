"""A file of the network, here whole or not at all: taken up where it broke, checked, then put in its place."""

from __future__ import annotations

import contextlib
import hashlib
import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from filelock import FileLock

SILENCE = 10
"""Seconds to wait for an answer, and between two pieces of a file."""
TRIES = 5
"""How often a broken connection is taken up again before the download is given up for now."""

Open = Callable[[dict[str, str]], AbstractContextManager[Any]]
"""Requests the file with these headers and gives httpx's streamed response, whose status is good."""
Tell = Callable[[], None]
"""Called while a file arrives. What it raises stops the download; it can go on later."""


class BrokenOff(RuntimeError):
    """The connection broke, and trying again brought nothing more; the message says how it broke."""


class Damaged(RuntimeError):
    """What arrived is not what was announced; it has been thrown away."""


@dataclass(frozen=True)
class Download:
    """A file to be had: its place, where it gathers until it is whole, its size, and its hash if known."""

    target: Path
    partial: Path
    size: int
    sha256: str = ""
    md5: str = ""

    @property
    def arrived(self) -> int:
        """Bytes that are here."""
        return min(self.size, length(self.target) or length(self.partial))

    @property
    def sound(self) -> bool:
        """Whether it is in its place, of the right size and content."""
        return length(self.target) == self.size and self._is_right(self.target)

    def fetch(self, open_stream: Open, tell: Tell) -> None:
        """Add to what has arrived until the file is whole, check it, and put it in its place.

        Raises BrokenOff, Damaged, and what ``open_stream`` raises that is no broken connection.
        """
        from httpx2 import TransportError

        tries = 0
        while not self.partial.exists() or length(self.partial) < self.size:
            had, broken = length(self.partial), "it ended early"
            try:
                self._stream(open_stream, tell)
            except TransportError as error:
                broken = reason(error)
            tries += 1
            # Worth another try at once as long as each brings something; a dead network is not.
            if length(self.partial) < self.size and (tries == TRIES or length(self.partial) <= had):
                raise BrokenOff(broken)
        if length(self.partial) != self.size or not self._is_right(self.partial):
            self.partial.unlink()
            raise Damaged(f"{self.target.name} arrived damaged and was thrown away")
        self.partial.replace(self.target)
        tell()

    def _stream(self, open_stream: Open, tell: Tell) -> None:
        """One request for the rest of the file. Every piece is written as it comes."""
        had, reported = length(self.partial), 0.0
        headers = {"Accept-Encoding": "identity"}  # else a range would count packed bytes
        if had:
            headers["Range"] = f"bytes={had}-"
        with open_stream(headers) as response:
            # A server may ignore the range and send all of it.
            goes_on = response.headers.get("Content-Range", "").startswith(f"bytes {had}-")
            with self.partial.open("ab" if goes_on else "wb", buffering=0) as out:
                for piece in response.iter_bytes():
                    out.write(piece)
                    if out.tell() > self.size:
                        return  # more than was announced: it will not pass
                    if time.monotonic() - reported > 0.2:
                        reported = time.monotonic()
                        tell()

    def _is_right(self, path: Path) -> bool:
        wanted = {"sha256": self.sha256, "md5": self.md5}
        for method, digest in wanted.items():
            if digest:
                with path.open("rb") as file:
                    if hashlib.file_digest(file, method).hexdigest() != digest:
                        return False
        return True


@contextlib.contextmanager
def opened(address: str, headers: dict[str, str]) -> Iterator[Any]:
    """The streamed response of an HTTP server. Raises BrokenOff where it has nothing to give."""
    import httpx2

    with httpx2.stream("GET", address, headers=headers, timeout=SILENCE, follow_redirects=True) as response:
        if response.is_error:
            raise BrokenOff(f"the server answered {response.status_code}")
        yield response


@contextlib.contextmanager
def alone(lock: FileLock, tell: Tell) -> Iterator[None]:
    """One at a time, over all processes; the others wait and ``tell`` meanwhile.

    The lock of a process that died is free.
    """
    from filelock import Timeout

    while True:
        try:
            lock.acquire(timeout=0.3)
            break
        except Timeout:
            tell()
    try:
        yield
    finally:
        lock.release()


def length(path: Path) -> int:
    """Bytes of a file; 0 where there is none."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def reason(error: BaseException) -> str:
    """The first line of an error, or its kind."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return re.sub(r"^\[Errno -?\d+\] ", "", without_password(lines[0]))[:120]


def without_password(text: str) -> str:
    """A text in which no address tells a name and a password."""
    return re.sub(r"//[^/\s]*@", "//", text)
