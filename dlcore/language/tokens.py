"""Tokenizers: text to tokens and back, as each model's own files say."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from dlcore.language.files import CHAT_TEMPLATE, CheckpointError, called, refuse_pointer

os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
"""Before transformers is imported: it would advise to install PyTorch, which is not used here."""

FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "vocab.txt", CHAT_TEMPLATE)


class TokenizerError(CheckpointError):
    """A folder without a tokenizer that can be used; the message says what is wrong in one line."""


def tokenizer(folder: Path) -> Any:
    """The tokenizer of a checkpoint, from ``tokenizer.json`` or the older vocabulary files.

    Read once for each folder and state of its files. Asks no network and runs no code of the model's. It
    may be shared by threads as long as nobody asks it to cut or fill texts (``truncation``, ``padding``):
    that is a state of the tokenizer and would cut other threads' texts too. Cut and fill the lists of
    tokens instead.

    Raises:
        TokenizerError: if there is none, or it is damaged.
        CheckpointError: if a file of it is only a Git LFS pointer.
    """
    files = [folder / name for name in FILES if (folder / name).is_file()]
    if not files:
        raise TokenizerError(f"{called(folder)}: expected a tokenizer, such as tokenizer.json")
    for file in files:
        refuse_pointer(file)
    return _load(folder.resolve(), max(file.stat().st_mtime_ns for file in files))


@lru_cache(maxsize=8)
def _load(folder: Path, stamp: int) -> Any:
    from transformers import AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()  # "longer than the maximum": callers cut what is too long
    try:
        # trust_remote_code must be False: None would ask on the terminal.
        loaded = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except BaseException as error:
        raise _damaged(called(folder), "cannot be read", error) from error
    return loaded


def cut(loaded: Any, text: str, vocabulary: int, **options: Any) -> Any:
    """A text's tokens as the tokenizer ``loaded`` gives them, all of them below ``vocabulary``.

    Raises:
        TokenizerError: if the tokenizer fails, or knows tokens that the network has no vector for.
    """
    name = called(Path(loaded.name_or_path))
    text = text.encode("utf-8", "replace").decode()  # half of a surrogate pair is no character
    try:
        encoded = loaded(text, verbose=False, **options)
    except BaseException as error:
        raise _damaged(name, "cannot cut this text into tokens", error) from error
    refuse_beyond(loaded, encoded["input_ids"], vocabulary)
    return encoded


def refuse_beyond(loaded: Any, tokens: list[int], vocabulary: int) -> None:
    """Raise TokenizerError for a token that the network has no vector for."""
    beyond = next((token for token in tokens if token >= vocabulary), None)
    if beyond is not None:
        raise TokenizerError(
            f"{called(Path(loaded.name_or_path))}: its tokenizer has more tokens ({len(loaded):,}) than the "
            f"network ({vocabulary:,}), which cannot read {str(loaded.convert_ids_to_tokens(beyond))[:60]!r}"
        )


def _damaged(name: str, what: str, error: BaseException) -> TokenizerError:
    """The line for whatever the tokenizers' parsers raise; a panic in Rust is no Exception."""
    if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
        raise error
    reason = str(error).strip().splitlines() or [type(error).__name__]
    return TokenizerError(f"{name}: its tokenizer {what} ({reason[0][:160]})")
