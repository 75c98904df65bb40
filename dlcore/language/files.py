"""The files of a checkpoint, read without any framework, and one line about each that cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
"""Weights in one file, or in several with an index."""
CHAT_TEMPLATE = "chat_template.jinja"
"""How a conversation is written as one text; older checkpoints have it in ``tokenizer_config.json``."""
MOST_HEADER = 10**8
"""Bytes; no safetensors file has a longer header."""


class CheckpointError(ValueError):
    """A folder that is no checkpoint of a network here; the message says what is wrong in one line."""


def called(folder: Path) -> str:
    """What a checkpoint is called in messages: of a download its name on the Hub, else that of its folder."""
    *_, place, snapshots, _ = ("", "", *folder.absolute().parts)
    if snapshots == "snapshots" and place.startswith("models--"):  # the folder itself is named after a commit
        return place.removeprefix("models--").replace("--", "/")
    return folder.name


def refuse_pointer(file: Path) -> None:
    """Raise CheckpointError for the few lines that Git leaves where a large file belongs."""
    try:
        with file.open("rb") as opened:
            pointer = opened.read(48).startswith(b"version https://git-lfs.github.com/spec/")
    except OSError:
        return  # whoever reads it says so
    if pointer:
        raise CheckpointError(
            f"{called(file.parent)}: {file.name} is a Git LFS pointer, not the file itself; "
            "fetch the file, for example with git lfs pull"
        )


def read_json(file: Path) -> dict[str, Any]:
    """The object in a JSON file, in UTF-8, -16 or -32, with or without a byte order mark.

    Raises:
        CheckpointError: if there is none.
    """
    name = f"{called(file.parent)}: {file.name}"
    refuse_pointer(file)
    try:
        value = json.loads(file.read_bytes())
    except OSError as error:
        raise CheckpointError(f"{called(file.parent)}: expected a {file.name}") from error
    except RecursionError as error:
        raise CheckpointError(f"{name}: nested too deeply") from error
    except ValueError as error:
        raise CheckpointError(f"{name}: not JSON ({error})") from error
    if not isinstance(value, dict):
        raise CheckpointError(f"{name}: expected an object")
    return value


def has_chat_template(folder: Path) -> bool:
    """Whether a checkpoint's tokenizer knows how a conversation is written."""
    if (folder / CHAT_TEMPLATE).is_file():
        return True
    file = folder / "tokenizer_config.json"
    return file.is_file() and bool(read_json(file).get("chat_template"))


def weight_files(folder: Path) -> list[Path]:
    """The files that hold the tensors: the whole one if it is there, else those an index names.

    Raises:
        CheckpointError: if one is missing, or an index sends us to another folder.
    """
    if (folder / WEIGHTS).is_file():
        return [folder / WEIGHTS]
    if not (folder / INDEX).is_file():
        raise CheckpointError(
            f"{called(folder)}: expected {WEIGHTS}; other formats can run code and are not read"
        )
    names = read_json(folder / INDEX).get("weight_map")
    if not isinstance(names, dict) or not names or not all(isinstance(n, str) for n in names.values()):
        raise CheckpointError(f"{called(folder)}: {INDEX}: expected a weight_map from names to files")
    parts = sorted(set(names.values()))
    for part in parts:
        if any(sign in part for sign in "/\\:\0") or not part.endswith(".safetensors"):
            raise CheckpointError(
                f"{called(folder)}: {INDEX}: expected files of this folder, received {part[:80]!r}"
            )
        if not (folder / part).is_file():
            raise CheckpointError(f"{called(folder)}: {part} is missing, which {INDEX} names")
    return [folder / part for part in parts]


def header(file: Path) -> tuple[dict[str, Any], int]:
    """What a safetensors file says of its tensors, by name, and the byte where their numbers begin.

    Raises:
        CheckpointError: if the file was cut off or is another one.
    """
    refuse_pointer(file)
    try:
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if length > MOST_HEADER:
                raise ValueError("it is no safetensors file")
            tensors = json.loads(opened.read(length))
        tensors.pop("__metadata__", None)
        end = max((about["data_offsets"][1] for about in tensors.values()), default=0)
        if not all(isinstance(size, int) for about in tensors.values() for size in about["shape"]):
            raise ValueError("a shape is none")
        if file.stat().st_size != 8 + length + end:
            raise ValueError("its length is not what it says")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError | OSError) else "its beginning is damaged"
        raise CheckpointError(
            f"{called(file.parent)}: {file.name} is broken or incomplete ({reason[:80]}); fetch it again"
        ) from error
    return tensors, 8 + length
