"""A small server that speaks the Hugging Face Hub's protocol, for tests without a network.

It serves the folders below one: ``FOLDER/NAME`` or ``FOLDER/OWNER/NAME``. Large files are redirected to
another host, as the Hub does. Faults are set as attributes; ``log`` holds what was asked.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from loopback import Handler, Loopback


class _Handler(Handler):
    owner: HubServer
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        hub, parts = self.owner, urlsplit(self.path)
        path = unquote(parts.path)
        hub.log.append((self.command, path, self.headers.get("Range", "")))
        if found := re.fullmatch(r"/api/models/(.+?)(?:/revision/[^/]+)?", path):
            if self.known(found[1], "/api/models/{}"):
                listing = hub.listing(found[1], "blobs" in parse_qs(parts.query))
                self.send(200, json.dumps(listing).encode(), {"Content-Type": "application/json"})
        elif found := re.fullmatch(r"/(.+?)/resolve/([^/]+)/([^/]+)", path):
            name, revision, file = found.groups()
            if self.known(name, "/{}/resolve/" + f"{revision}/{file}"):
                self.resolve(name, revision, file)
        elif found := re.fullmatch(r"/storage/(.+)/([^/]+)", path):
            self.part(hub.folder / found[1] / found[2], {})
        else:
            self.refuse(404, "")

    def known(self, name: str, address: str) -> bool:
        """Whether the model can be seen; if not, that has been answered."""
        hub = self.owner
        if name in hub.moved:
            self.send(307, b"", {"Location": address.format(hub.moved[name])})
        elif name in hub.private or hub.model(name) is None:
            self.refuse(401, "RepoNotFound", "Invalid username or password.")
        else:
            return True
        return False

    def resolve(self, name: str, revision: str, file: str) -> None:
        commit = self.owner.commit(name)
        if name in self.owner.gated and "Authorization" not in self.headers:
            self.refuse(401, "GatedRepo", f"Access to model {name} is restricted.")
            return
        if revision not in ("main", commit):
            self.refuse(404, "RevisionNotFound")
            return
        path = self.owner.folder / name / file
        if path not in _files(path.parent):
            self.refuse(404, "EntryNotFound")
        elif _large(path):
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            where = f"http://localhost:{self.owner.port}/storage/{name}/{file}"
            headers = {
                "Location": where,
                "X-Repo-Commit": commit,
                "X-Linked-Etag": f'"{sha256}"',
                "X-Linked-Size": str(path.stat().st_size),
            }
            self.send(302, b"", headers)
        else:
            self.part(path, {"X-Repo-Commit": commit, "ETag": f'"{_sha1(path)}"'})

    def part(self, path: Path, headers: dict[str, str]) -> None:
        """A file, or the part of it that was asked for."""
        hub, data = self.owner, path.read_bytes()
        if _large(path):
            hub.before_large()
            if hub.damage:
                data = data[:-1] + bytes([data[-1] ^ 1])
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked or hub.no_ranges:
            self.send(200, data, headers, large=_large(path))
            return
        first, last = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
        if first >= len(data):
            self.send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        headers = {**headers, "Content-Range": f"bytes {first}-{last}/{len(data)}"}
        self.send(206, data[first : last + 1], headers, large=_large(path) and not asked[2])

    def refuse(self, status: int, code: str, message: str = "Not found") -> None:
        headers = {"X-Error-Code": code, "X-Error-Message": message}
        self.send(status, json.dumps({"error": message}).encode(), headers)

    def send(self, status: int, data: bytes, headers: dict[str, str], large: bool = False) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")  # else a closed server goes on answering
        self.end_headers()
        if self.command == "HEAD":
            return
        if large and self.owner.cuts:
            data = data[: self.owner.cuts.pop(0)]
            self.close_connection = True
        self.wfile.write(data)


class HubServer(Loopback):
    """Serve ``folder`` on a free port of the loopback from ``with`` to its end.

    Attributes:
        url: What HF_ENDPOINT must be.
        gated: Names whose files want a token; their listing is public.
        private: Names nobody may see.
        moved: New names by old ones, answered with a redirect that loses the query.
        sizes: Whether the listing tells them to those who ask.
        cuts: How many bytes of a large file go out before the connection breaks, once for each entry.
        damage: Whether large files come with a wrong byte.
        no_ranges: Whether every answer is the whole file, whatever part was asked for.
        counts: Whether the listing says how many parameters a model has.
        log: (method, path, Range) of every request.
        before_large: Called before a large file is sent.
    """

    handler = _Handler

    def __init__(self, folder: Path):
        self.folder = folder
        self.gated: set[str] = set()
        self.private: set[str] = set()
        self.moved: dict[str, str] = {}
        self.cuts: list[int] = []
        self.damage = self.no_ranges = self.counts = False
        self.sizes = True
        self.log: list[tuple[str, str, str]] = []
        self.before_large: Any = lambda: None

    def asked(self, part: str) -> list[tuple[str, str, str]]:
        """What was asked with ``part`` in its path."""
        return [entry for entry in self.log if part in entry[1]]

    def model(self, name: str) -> Path | None:
        folder = self.folder / name
        return folder if (folder / "README.md").exists() else None

    def commit(self, name: str) -> str:
        state = [(path.name, _sha1(path)) for path in _files(self.folder / name)]
        return hashlib.sha1(repr(state).encode()).hexdigest()

    def listing(self, name: str, blobs: bool) -> dict[str, Any]:
        siblings = []
        for path in _files(self.folder / name):
            entry: dict[str, Any] = {"rfilename": path.name}
            if blobs and self.sizes:
                entry |= {"size": path.stat().st_size, "blobId": _sha1(path)}
                if _large(path):
                    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
                    entry["lfs"] = {"sha256": sha256, "size": entry["size"], "pointerSize": 134}
            siblings.append(entry)
        gated = "manual" if name in self.gated else False
        found = {
            "id": name,
            "modelId": name,
            "sha": self.commit(name),
            "private": False,
            "gated": gated,
            "tags": [],
            "downloads": 1,
            "likes": 0,
            "siblings": siblings,
        }
        if self.counts:
            found["safetensors"] = {"parameters": {"F32": 1000}, "total": 1000}
        return found


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file())


def _large(path: Path) -> bool:
    """The Hub keeps weights apart from small text files."""
    return path.suffix in (".safetensors", ".bin", ".h5")


def _sha1(path: Path) -> str:
    """The name git gives a file's content."""
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
