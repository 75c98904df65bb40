"""A small server of the files of one folder, with the faults that a download meets."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from loopback import Handler, Loopback


class _Handler(Handler):
    owner: FileServer

    def do_GET(self) -> None:
        server, path = self.owner, self.owner.folder / self.path.lstrip("/")
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        server.log.append((self.path, self.headers.get("Range", "")))
        if not path.is_file():
            self.send_error(404)
            return
        server.before()
        data = path.read_bytes()
        if server.damage:
            data = data[:-1] + bytes([data[-1] ^ 1])
        first = int(asked[1]) if asked and not server.no_ranges else 0
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        data = data[first:]
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if server.cuts:
            data, self.close_connection = data[: server.cuts.pop(0)], True
        self.wfile.write(data)


class FileServer(Loopback):
    """Serve ``folder`` on a free port of the loopback from ``with`` to its end.

    Attributes:
        url: Its address.
        cuts: How many bytes of an answer go out before the connection breaks, once for each entry.
        damage: Whether every file comes with a wrong byte.
        no_ranges: Whether every answer is the whole file, whatever part was requested.
        log: (path, Range) of every request.
        before: Called before a file is sent.
    """

    handler = _Handler

    def __init__(self, folder: Path):
        self.folder = folder
        self.cuts: list[int] = []
        self.damage = self.no_ranges = False
        self.log: list[tuple[str, str]] = []
        self.before: Callable[[], object] = lambda: None
