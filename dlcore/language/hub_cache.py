"""Where downloaded text models lie, and which are whole. Asks no network and imports nothing heavy.

The layout is that of the Hub's own cache, ``models--OWNER--NAME/snapshots/COMMIT``, so what another tool
has downloaded serves here, and the other way round.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import shutil
from pathlib import Path
from typing import Any

from dlcore.language.files import CheckpointError, called, header, weight_files
from dlcore.settings import settings

KEPT = 4
"""Models of the largest size allowed that our own folder holds; beyond that the longest unused go."""
SPARE = 200 * 10**6
"""Bytes of the disk that a download leaves free."""

TOKENIZERS = (("tokenizer.json",), ("vocab.txt",), ("vocab.json", "merges.txt"))
"""Files any one group of which makes a tokenizer."""
SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
"""A part of weights in several files."""
NAME = re.compile(r"(?:\w|\w[\w.-]{0,94}\w)(?:/(?:\w|\w[\w.-]{0,94}\w))?", re.ASCII)

REVISION = re.compile(r"[0-9a-f]{40}|\w[\w.-]{0,99}", re.ASCII)


class HubError(RuntimeError):
    """A model that cannot be had; one line says why and what to do."""


def is_name(name: str) -> bool:
    """Whether the Hub could have a model of this name, ``name`` or ``owner/name``; never a path."""
    plain = NAME.fullmatch(name) and "--" not in name and ".." not in name
    return bool(plain) and not name.endswith(".git")


def cache() -> Path:
    """The Hub's own cache where one is set, else a folder of the Studio."""
    if chosen := os.environ.get("HF_HUB_CACHE"):
        return Path(chosen).expanduser()
    if chosen := os.environ.get("HF_HOME"):
        return Path(chosen).expanduser() / "hub"
    return settings().home / "hub"


def place_of(name: str) -> Path:
    """The folder that holds everything of a model, whether it exists or not."""
    if not is_name(name):
        raise HubError(f"model: expected a name of the Hub such as owner/name, received {name!r}")
    return cache() / f"models--{name.replace('/', '--')}"


def revision(answer: object) -> str:
    """The state of a model that a server names: 40 hexadecimal digits, or a plain name.

    Raises:
        ValueError: for anything else; a path would lead out of the cache.
    """
    if not isinstance(answer, str) or not REVISION.fullmatch(answer):
        raise ValueError(f"expected a revision, received {repr(answer)[:80]}")
    return answer


def inside(path: Path) -> Path:
    """The same path, which links and all is within the cache. Raises HubError for any other."""
    if not path.resolve().is_relative_to(cache().resolve()):
        raise HubError(f"{path.name[:80]} leads out of the folder for downloads; remove the link.")
    return path


def downloaded(name: str) -> Path | None:
    """The checkpoint of a model, if it is there completely."""
    place = place_of(name)
    snapshots = {path.name: path for path in (place / "snapshots").glob("*")}
    with contextlib.suppress(OSError):
        newest = snapshots.get((place / "refs" / "main").read_text().strip())
        if newest and whole(newest):
            return newest
    return next((path for path in snapshots.values() if whole(path)), None)


def all_downloaded() -> dict[str, Path]:
    """The checkpoints that are there completely, by the model's name."""
    places = sorted(path.name for path in cache().glob("models--*"))
    names = [place.removeprefix("models--").replace("--", "/") for place in places]
    folders = {name: downloaded(name) for name in names if is_name(name)}
    return {name: folder for name, folder in folders.items() if folder}


def whole(folder: Path) -> bool:
    """Whether a folder has a configuration, a tokenizer and all its weights."""
    return not lacking(folder)


def lacking(folder: Path) -> str:
    """What a folder lacks to be a checkpoint, in one line; empty if nothing."""
    if not (folder / "config.json").is_file():
        return f"{called(folder)}: expected a config.json"
    if not any(all((folder / name).is_file() for name in group) for group in TOKENIZERS):
        return f"{called(folder)}: expected a tokenizer, such as tokenizer.json"
    try:
        weight_files(folder)
    except CheckpointError as error:
        return str(error)
    return ""


def memory(folder: Path) -> int:
    """Bytes of memory the weights take: four for every number, however they are stored.

    Raises:
        CheckpointError: if they are not there, or damaged.
    """
    tensors = [about for file in weight_files(folder) for about in header(file)[0].values()]
    return 4 * sum(math.prod(about["shape"]) for about in tensors)


def lock(place: Path) -> Any:
    """Held by whoever changes what is in ``place``; that of a process that died is free."""
    from filelock import FileLock

    locks = cache() / ".locks" / place.name
    locks.mkdir(parents=True, exist_ok=True)
    return FileLock(locks / "download.lock")


def ours() -> bool:
    """Whether the cache belongs to the Studio alone, which may then delete in it."""
    return not os.environ.get("HF_HUB_CACHE") and not os.environ.get("HF_HOME")


def tidy(place: Path, checkpoint: Path) -> None:
    """Once a checkpoint is whole, what broken downloads of other states of it have left goes."""
    if ours():
        shutil.rmtree(place / "blobs", ignore_errors=True)
        for other in (place / "snapshots").iterdir():
            if other != checkpoint:
                shutil.rmtree(other, ignore_errors=True)


def make_room(place: Path, needed: int) -> None:
    """Keep our own folder within its bound, and some of the disk free.

    Raises HubError if the disk has too little room.
    """
    from filelock import Timeout

    if ours():
        sizes = {path: _bytes(path) for path in cache().glob("models--*") if path != place}
        room = KEPT * settings().max_download_mb * 10**6 - needed
        for path in sorted(sizes, key=lambda path: path.stat().st_mtime_ns):
            if sum(sizes.values()) <= room:
                break
            with contextlib.suppress(Timeout), lock(path).acquire(timeout=0):
                shutil.rmtree(path, ignore_errors=True)
                del sizes[path]
    free = shutil.disk_usage(cache()).free - SPARE
    if free < needed:
        raise HubError(
            f"The disk has no room: {needed / 1e6:,.0f} MB are needed, {max(0, free) / 1e6:,.0f} MB "
            "are left. Make room and download again."
        )


def _bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
