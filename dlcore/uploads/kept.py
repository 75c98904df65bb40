"""What is kept of uploads: one file each in the artifact store, named by what is in it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from dlcore.settings import settings

if TYPE_CHECKING:
    from dlcore.runs.artifacts import Artifacts

FOLDER = "uploads"
ID = "^([0-9a-f]{16})?$"
"""What the id of an upload looks like; empty where there is none yet."""


def _artifacts() -> Artifacts:
    from dlcore.runs.store import open_store  # which knows recipes, and so data sets

    return open_store().artifacts


def identity(content: bytes) -> str:
    """The id of what was uploaded: the same content has the same one, so nothing is kept twice."""
    return hashlib.sha256(content).hexdigest()[:16]


def write(name: str, data: bytes) -> None:
    """Keep a file; where there are too many, the oldest go."""
    artifacts = _artifacts()
    artifacts.write(f"{FOLDER}/{name}", data)
    artifacts.keep_newest(FOLDER, settings().max_uploads)


def read(name: str) -> bytes:
    """Raises FileNotFoundError."""
    return _artifacts().read(f"{FOLDER}/{name}")


def exists(name: str) -> bool:
    return _artifacts().exists(f"{FOLDER}/{name}")


def delete(upload: str, artifacts: Artifacts) -> None:
    """Delete what is kept of an upload."""
    for name in artifacts.names(FOLDER):
        if name.split(".")[0] == upload:
            artifacts.delete(f"{FOLDER}/{name}")
