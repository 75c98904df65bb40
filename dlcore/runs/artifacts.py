"""Files of a run (model, previews, checkpoints) in any place fsspec can reach."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from dlcore.runs.database import StoreError


class Artifacts:
    """Bytes by path below one root; a path is ``run/name``. JSON and bytes only, never a pickle."""

    def __init__(self, url: str, private: bool = False):
        """``private``: files of a local folder are for this user of the machine alone."""
        self.private = private
        self.fs, self.root = fsspec.core.url_to_fs(url)
        with self._writing():
            self.fs.makedirs(self.root, exist_ok=True)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise StoreError(
                f"Files cannot be kept in {self.root} ({reason}); see to it and try again."
            ) from error

    def _path(self, name: str) -> str:
        return f"{self.root}/{name}"

    def write(self, name: str, data: bytes, *, durable: bool = False) -> None:
        """Write a file whole: a reader sees the old one or the new one, never half of it. Raises StoreError.

        ``durable``: so it is after a power cut, too.
        """
        path = self._path(name)
        part = f"{path}.{os.getpid()}-{threading.get_ident()}.part"  # two may write the same file at once
        with self._writing():
            self.fs.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            try:
                with self.fs.open(part, "wb") as file:
                    if self.private:
                        Path(part).chmod(0o600)
                    file.write(data)
                    if durable and isinstance(self.fs, LocalFileSystem):
                        file.flush()
                        os.fsync(file.fileno())
                self.fs.mv(part, path)
            except BaseException:
                with contextlib.suppress(OSError):
                    self.fs.rm(part)
                raise

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
        entries = (entry.rsplit("/", 1)[-1] for entry in self.fs.ls(path, detail=False))
        return sorted(name for name in entries if not name.endswith(".part"))

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

    def local(self, folder: str) -> Path | None:
        """The folder itself where the root is a local one, else None."""
        return Path(self._path(folder)) if isinstance(self.fs, LocalFileSystem) else None
