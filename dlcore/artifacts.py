"""Files of a run (model, previews, checkpoints) in any place fsspec can reach."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem


class Artifacts:
    """Bytes by path below one root; a path is ``run/name``. JSON and bytes only, never a pickle."""

    def __init__(self, url: str):
        self.fs, self.root = fsspec.core.url_to_fs(url)
        self.fs.makedirs(self.root, exist_ok=True)

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def write(self, name: str, data: bytes) -> None:
        """Write a file whole: a reader sees the old one or the new one, never half of it."""
        path = self._path(name)
        self.fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        with self.fs.open(path + ".part", "wb") as file:
            file.write(data)
        self.fs.mv(path + ".part", path)

    def read(self, name: str) -> bytes:
        """Raises FileNotFoundError."""
        return bytes(self.fs.cat_file(self._path(name)))

    def exists(self, name: str) -> bool:
        return bool(self.fs.exists(self._path(name)))

    def write_json(self, name: str, value: Any) -> None:
        self.write(name, json.dumps(value, separators=(",", ":")).encode())

    def read_json(self, name: str) -> Any:
        return json.loads(self.read(name))

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder, sorted; empty if there is no such folder."""
        path = self._path(folder)
        self.fs.invalidate_cache(path)
        if not self.fs.exists(path):
            return []
        found = (entry.rsplit("/", 1)[-1] for entry in self.fs.ls(path, detail=False))
        return sorted(name for name in found if not name.endswith(".part"))

    def delete(self, folder: str) -> None:
        """Delete a folder and all in it; nothing happens if there is none."""
        if self.fs.exists(self._path(folder)):
            self.fs.rm(self._path(folder), recursive=True)

    def keep_newest(self, folder: str, count: int) -> None:
        """Delete all files of a folder but those written last."""
        paths = [self._path(f"{folder}/{name}") for name in self.names(folder)]
        if len(paths) > count:
            for path in sorted(paths, key=self.fs.modified)[:-count]:
                self.fs.rm(path)

    def upload(self, local: Path, folder: str) -> None:
        """Copy the files of a local folder, unless the root is local and it is that folder."""
        for path in local.iterdir():
            if not self.is_here(local, folder):
                self.write(f"{folder}/{path.name}", path.read_bytes())

    def download(self, folder: str, local: Path) -> None:
        """Copy the files of a folder into a local one."""
        local.mkdir(parents=True, exist_ok=True)
        if not self.is_here(local, folder):
            for name in self.names(folder):
                (local / name).write_bytes(self.read(f"{folder}/{name}"))

    def is_here(self, local: Path, folder: str) -> bool:
        return self.local(folder) == local

    def local(self, folder: str) -> Path | None:
        """The folder itself where the root is a local one, else None."""
        return Path(self._path(folder)) if isinstance(self.fs, LocalFileSystem) else None
