"""Text models of the Hugging Face Hub: how large one is, and getting it, once.

Only what the networks here read is fetched: configuration, tokenizer and safetensors, never a file that can
run code. A download that breaks is taken up where it broke, at once or next time.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import queue
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dlcore.downloads import SILENCE, BrokenOff, Damaged, Download, alone, reason, without_password
from dlcore.language.catalog import TASKS
from dlcore.language.files import CHAT_TEMPLATE, INDEX, WEIGHTS, CheckpointError, read_json, weight_files
from dlcore.language.hub_cache import (
    SHARD,
    TOKENIZERS,
    HubError,
    cache,
    downloaded,
    inside,
    is_name,
    lock,
    make_room,
    memory,
    ours,
    place_of,
    revision,
    tidy,
)
from dlcore.language.hub_errors import endpoint, instead, plainly
from dlcore.settings import settings

ANSWER = 5
"""Seconds to wait for the Hub's answer."""
SMALL = (
    *("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.model"),
    *("vocab.json", "merges.txt", "vocab.txt", CHAT_TEMPLATE),
)
"""What a tokenizer may need."""

Report = Callable[[int, int], None]
"""Told the bytes that are here and the bytes there will be. What it raises stops the download."""


@dataclass(frozen=True)
class Size:
    """Bytes still to download, and bytes of memory the weights will take."""

    download: int
    memory: int


@dataclass(frozen=True)
class File:
    """A file of the Hub; ``key`` names its content, so that what has arrived is found again."""

    name: str
    size: int
    key: str
    sha256: str


@dataclass(frozen=True)
class Listing:
    """The files of a model that are wanted here, in the order they are fetched: the weights last."""

    name: str
    commit: str
    files: tuple[File, ...]
    memory: int

    @property
    def bytes(self) -> int:
        return sum(file.size for file in self.files)

    @property
    def folder(self) -> Path:
        return inside(place_of(self.name) / "snapshots" / self.commit)

    def download(self, file: File) -> Download:
        partial = inside(place_of(self.name) / "blobs" / f"{file.key}.incomplete")
        return Download(self.folder / file.name, partial, file.size, file.sha256)

    def arrived(self) -> int:
        """Bytes that are here."""
        return sum(self.download(file).arrived for file in self.files)


def size(name: str) -> Size:
    """What a download would take. Asks the Hub, unless the model is here already.

    Raises:
        HubError: if the Hub cannot be reached or has nothing under this name that can be used here.
    """
    folder = downloaded(name)
    if folder:
        return Size(0, memory(folder))
    listing = _listing(name)
    return Size(listing.bytes - listing.arrived(), listing.memory)


def download(name: str, report: Report | None = None) -> Path:
    """The folder of a model, fetched if it is not here yet.

    Several may ask for the same model at once, in any process: one fetches, the others wait and receive
    its progress.

    Args:
        name: As the Hub knows it, ``name`` or ``owner/name``.
        report: Told the progress. What it raises stops the download; it can go on later.

    Raises:
        HubError: if the model cannot be had; what has arrived is kept.
    """
    report = report or (lambda done, total: None)
    folder = downloaded(name)
    if folder is None:
        listing = _listing(name)
        most = settings().max_download_mb
        if listing.bytes > most * 10**6:
            raise HubError(
                f"{name} is {listing.bytes / 1e6:,.0f} MB to download; at most {most:,} MB are allowed "
                f"here. Take a smaller model, or raise DLCORE_MAX_DOWNLOAD_MB.{instead()}"
            )
        with plainly(name), alone(lock(place_of(name)), lambda: report(listing.arrived(), listing.bytes)):
            folder = downloaded(name) or _fetch(listing, report)
    with contextlib.suppress(OSError):  # used now: the last to go when room is needed
        os.utime(place_of(name), ns=(time.time_ns(), time.time_ns()))
    return folder


# -- asking -------------------------------------------------------------------------------------


def _listing(name: str) -> Listing:
    place_of(name)  # refuses what is no name
    with plainly(name):
        try:
            return _soon(lambda: _ask(name))
        except (ValueError, KeyError, TypeError) as error:
            raise HubError(
                f"{without_password(endpoint())} does not answer as the Hugging Face Hub does; check HF_ENDPOINT."
            ) from error


def _ask(name: str) -> Listing:
    from huggingface_hub import HfApi

    api = HfApi(endpoint=endpoint())
    info = api.model_info(name, files_metadata=True, timeout=ANSWER)
    if info.id != name and is_name(info.id) and any(f.size is None for f in info.siblings or []):
        # The redirect from an old name to the new one drops the request for sizes.
        info = api.model_info(info.id, files_metadata=True, timeout=ANSWER)
    commit = revision(info.sha or "main")
    offered = {file.rfilename: file for file in info.siblings or []}
    weights = [WEIGHTS] if WEIGHTS in offered else sorted(filter(SHARD.fullmatch, offered))
    if not weights or (WEIGHTS not in weights and INDEX not in offered):
        raise HubError(
            f"{name} has no {WEIGHTS}; other formats can run code and are not read. "
            "Look for a copy of it in safetensors."
        )
    if "config.json" not in offered:
        raise HubError(f"{name} has no config.json, which says what network it is.")
    if not any(set(group) <= offered.keys() for group in TOKENIZERS):
        raise HubError(f"{name} has no tokenizer that can be read here, such as tokenizer.json.")
    index = [] if WEIGHTS in weights else [INDEX]
    wanted = ["config.json", *(file for file in SMALL if file in offered), *index, *weights]
    files = tuple(_about(name, commit, offered[file]) for file in wanted)
    if info.safetensors:
        numbers = info.safetensors.total
    else:  # the Hub has not counted them: the files begin with what they hold
        heads = [
            api.parse_safetensors_file_metadata(name, file, revision=commit, timeout=ANSWER)
            for file in weights
        ]
        numbers = sum(sum(head.parameter_count.values()) for head in heads)
    return Listing(name, commit, files, 4 * numbers)


def _about(name: str, commit: str, file: Any) -> File:
    """A file as the listing describes it; mirrors may know its size only when asked for the file."""
    from huggingface_hub import get_hf_file_metadata

    size, sha256 = file.size, file.lfs.sha256 if file.lfs else ""
    if size is None:
        address = _address(name, commit, file.rfilename)
        size = get_hf_file_metadata(address, timeout=ANSWER).size
    key = sha256 or file.blob_id or hashlib.sha256(f"{commit} {file.rfilename}".encode()).hexdigest()
    if size is None or not key.isalnum():
        raise ValueError(f"{file.rfilename} has size {size!r} and key {key!r}")
    return File(file.rfilename, size, key, sha256)


def _address(name: str, commit: str, file: str) -> str:
    return f"{endpoint()}/{name}/resolve/{commit}/{file}"


def _soon(call: Callable[[], Any]) -> Any:
    """The call's result, or a TimeoutError: a silent name server outlasts a request's own timeout."""
    done: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue()

    def run() -> None:
        try:
            done.put((call(), None))
        except BaseException as error:
            done.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = done.get(timeout=2 * ANSWER)
    except queue.Empty:
        raise TimeoutError(f"no answer in {2 * ANSWER} seconds") from None
    if error:
        raise error
    return result


# -- fetching -----------------------------------------------------------------------------------


def _fetch(listing: Listing, report: Report) -> Path:
    place, folder = place_of(listing.name), listing.folder
    cache().mkdir(parents=True, exist_ok=True)
    make_room(place, listing.bytes - listing.arrived())
    for part in (folder, place / "blobs", place / "refs"):
        part.mkdir(parents=True, exist_ok=True)
    for file in listing.files:
        if not (folder / file.name).exists():
            _fetch_file(listing, file, report)
        if file.name == "config.json":
            _check_family(listing.name, folder)
    try:
        weight_files(folder)
    except CheckpointError as error:
        raise HubError(f"{listing.name} is not whole on the Hub: {error}.") from error
    (place / "refs" / "main").write_text(listing.commit)
    tidy(place, folder)
    return folder


def _fetch_file(listing: Listing, file: File, report: Report) -> None:
    address = _address(listing.name, listing.commit, file.name)
    try:
        listing.download(file).fetch(
            partial(_opened, address), lambda: report(listing.arrived(), listing.bytes)
        )
    except BrokenOff as error:
        raise HubError(
            f"The download of {listing.name} broke after {listing.arrived() / 1e6:,.1f} of "
            f"{listing.bytes / 1e6:,.1f} MB ({error}). Download again: it goes on where it stopped.{instead()}"
        ) from error
    except Damaged as error:
        said = f"{file.name} of {listing.name} arrived damaged and was thrown away. Download again."
        raise HubError(said) from error


@contextlib.contextmanager
def _opened(address: str, headers: dict[str, str]) -> Iterator[Any]:
    from huggingface_hub import get_session
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status

    headers = build_hf_headers() | headers
    with get_session().stream("GET", address, headers=headers, timeout=SILENCE) as response:
        hf_raise_for_status(response)
        yield response


def _check_family(name: str, folder: Path) -> None:
    """Refuse a network that cannot be built here before its weights are fetched."""
    from dlcore.language import checkpoint

    why = ""
    try:
        config = read_json(folder / "config.json")
        kind, heads = config.get("model_type"), config.get("architectures") or []
        classifies = any(head.endswith("ForSequenceClassification") for head in heads)
        if kind not in checkpoint.FAMILIES:
            why = f"is a {kind} network; those that run here are {', '.join(checkpoint.FAMILIES)}."
        elif "quantization_config" in config:
            why = "has weights of fewer bits; take the one it was made from."
        elif heads and classifies != (TASKS[kind] == "sentiment"):
            why = f"was made for something else ({', '.join(heads)}) than {TASKS[kind]}."
        else:
            checkpoint.read_config(folder)
    except (ValueError, AttributeError, TypeError, KeyError) as error:
        why = f"has a config.json that cannot be used: {reason(error)}"
    if why:
        if ours():
            shutil.rmtree(place_of(name), ignore_errors=True)
        raise HubError(f"{name} {why}{instead()}")
