"""A data set that is kept in ``KERAS_HOME`` once it has been downloaded, whole or not at all."""

from __future__ import annotations

import os
import pickle
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dlcore.datasets.base import Dataset, DatasetError, Progress
from dlcore.downloads import BrokenOff, Damaged, Download, alone, opened, reason
from dlcore.runs.failures import disk_is_full


class Remote(NamedTuple):
    """A file of a data set: where it is fetched and kept, how large it is and what it holds."""

    address: str
    name: str
    size: int
    sha256: str


class Fetched(Dataset):
    """Its files have the names that Keras gives them, so that what one has fetched serves the other."""

    source = "download"
    files: ClassVar[tuple[Remote, ...]]
    instead: ClassVar[tuple[str, str]]
    """Name and title of another data set, which needs no network."""

    @property
    def folder(self) -> Path:
        return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets"

    @property
    def download_bytes(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def downloads(self) -> list[Download]:
        return [
            Download(self.folder / file.name, self.folder / f"{file.name}.incomplete", file.size, file.sha256)
            for file in self.files
        ]

    @property
    def at_hand(self) -> bool:
        """Whether the download has been made."""
        return all(file.target.is_file() and file.arrived == file.size for file in self.downloads)

    def fetch(self, report: Progress | None = None) -> None:
        """Download what is not here or not what it should be. Raises DatasetError where that cannot be done.

        Several may want the same at once, in any process: one fetches, the others wait.
        """
        if all(file.sound for file in self.downloads):
            return
        from filelock import FileLock
        from httpx2 import HTTPError

        def tell() -> None:
            if report:
                report(sum(file.arrived for file in self.downloads), self.download_bytes)

        try:
            for file in self.downloads:
                file.target.parent.mkdir(parents=True, exist_ok=True)
            with alone(FileLock(self.folder / f".{self.name}.lock"), tell):
                for remote, file in zip(self.files, self.downloads, strict=True):
                    if not file.sound:
                        file.target.unlink(missing_ok=True)  # the beginning of a download that was cut off
                        file.fetch(partial(opened, remote.address), tell)
        except (BrokenOff, Damaged, OSError, HTTPError) as error:
            again = "What has arrived is kept: try" if any(file.arrived for file in self.downloads) else "Try"
            raise DatasetError(
                f"{self.title} could not be downloaded ({self._why(error)}). {again} again, "
                f"or choose {self.instead[1]}, which is always at hand."
            ) from error

    def _why(self, error: BaseException) -> str:
        if disk_is_full(error):
            return "the disk is full"
        if isinstance(error, PermissionError):
            return f"{self.folder} cannot be written; KERAS_HOME can name another folder"
        return reason(error)


class ArraysOnly(pickle.Unpickler):
    """Pickles of NumPy arrays, in files whose hash is known; nothing else is made from them."""

    def find_class(self, module: str, name: str) -> Any:
        if module in ("numpy.core.multiarray", "numpy._core.multiarray") and name == "_reconstruct":
            return np.zeros(0).__reduce__()[0]
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        raise pickle.UnpicklingError(f"expected arrays, received {module}.{name}")
