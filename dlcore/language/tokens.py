"""Tokenizers: text to tokens and back, as each model's own files say."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
"""Before transformers is imported: it would advise to install PyTorch, which is not used here."""

FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "vocab.txt")


class TokenizerError(ValueError):
    """A folder without a tokenizer that can be read; the message says what is wrong."""


def tokenizer(folder: Path) -> Any:
    """The tokenizer of a checkpoint, from ``tokenizer.json`` or the older vocabulary files.

    Read once for each folder and state of its files. Asks no network and runs no code of the model's. It
    may be shared by threads as long as nobody asks it to cut or fill texts (``truncation``, ``padding``):
    that is a state of the tokenizer and would cut other threads' texts too. Cut and fill the lists of
    tokens instead.

    Raises:
        TokenizerError: if there is none, or it is damaged.
    """
    files = [folder / name for name in FILES if (folder / name).is_file()]
    if not files:
        raise TokenizerError(f"{folder.name}: expected a tokenizer, such as tokenizer.json")
    return _load(folder.resolve(), max(file.stat().st_mtime_ns for file in files))


@lru_cache(maxsize=8)
def _load(folder: Path, stamp: int) -> Any:
    from transformers import AutoTokenizer
    from transformers.utils import logging

    logging.set_verbosity_error()  # "longer than the maximum": callers cut what is too long
    try:
        # trust_remote_code must be False: None would ask on the terminal.
        found = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
    except Exception as error:  # transformers raises whatever its parsers raise
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise TokenizerError(f"{folder.name}: its tokenizer cannot be read ({reason[0][:160]})") from error
    return found
