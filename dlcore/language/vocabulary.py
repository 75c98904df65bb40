"""A vocabulary: text to tokens and back, learned from the texts it is for.

Needs the library ``tokenizers`` and no framework, so pages may use it. The same texts give the same vocabulary.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import Any, get_args

import numpy as np
from tokenizers import Tokenizer

from dlcore.language.tokenizer import LEARN, SPECIAL, Kind

KINDS: tuple[str, ...] = get_args(Kind)
PAD, UNKNOWN, START, END = range(4)


class Vocabulary:
    """Tokens by number: 0 is padding, 1 unknown, 2 the start and 3 the end of a text; then those that were learned."""

    def __init__(self, tokenizer: Tokenizer, kind: Kind):
        self.kind: Kind = kind
        self._tokenizer = tokenizer
        self._tokenizer.encode_special_tokens = True  # which is not written down in its JSON

    @classmethod
    def learn(cls, texts: Iterable[str], kind: Kind, size: int, *, lower: bool = False) -> Vocabulary:
        """The most useful tokens of ``texts``, at most ``size`` with the four special ones.

        Args:
            texts: What it learns from: the training part alone.
            kind: See :mod:`dlcore.language.tokenizer`.
            size: At least 5; byte pairs begin with the 256 bytes, however small it is.
            lower: Whether capitals are made small first.
        """
        if kind not in KINDS:
            raise ValueError(f"kind: expected one of {', '.join(KINDS)}, received {kind!r}")
        return cls(LEARN[kind]([*map(_whole, texts)], size, lower), kind)

    def __len__(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Vocabulary) and self.to_json() == other.to_json()

    __hash__ = None  # type: ignore[assignment]

    @cached_property
    def tokens(self) -> list[str]:
        """What every token is called, by number."""
        return [self._tokenizer.id_to_token(i) or "" for i in range(len(self))]

    def encode(self, text: str) -> list[int]:
        """The tokens of a text, without start and end."""
        return list(self._tokenizer.encode(_whole(text)).ids)

    def spans(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The tokens of a text, and from where to where in it each one reaches."""
        encoding = self._tokenizer.encode(_whole(text))
        return list(encoding.ids), list(encoding.offsets)

    def encode_all(self, texts: Iterable[str]) -> list[list[int]]:
        """The same for many texts at once, on all cores."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch([*map(_whole, texts)])]

    def rows(
        self, texts: Iterable[str], length: int, *, start: bool = False, end: bool = False
    ) -> np.ndarray:
        """int32 of shape (texts, length): each text cut to that length, or filled up with padding behind it.

        A text without a token, such as an empty one, is one unknown token: cuDNN reads no row of padding alone.
        """
        texts = list(texts)
        rows = np.full((len(texts), length), PAD, "int32")
        for row, tokens in zip(rows, self.encode_all(texts), strict=True):
            whole = [START] * start + tokens[: length - start - end] + [END] * end
            row[: len(whole) or 1] = whole or UNKNOWN
        return rows

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of tokens; special ones are left out, an unknown one is "�"."""
        kept = [int(token) for token in tokens if token not in (PAD, START, END)]
        if self.kind in ("characters", "words"):
            names = ["�" if token == UNKNOWN else self.tokens[token] for token in kept]
            return "".join(names) if self.kind == "characters" else _joined(names)
        text: str = self._tokenizer.decode(kept, skip_special_tokens=False).replace(SPECIAL[UNKNOWN], "�")
        return text if self.kind == "BPE" else _joined(text.split())

    def pieces(self, tokens: Iterable[int]) -> list[str]:
        """What each token says, to be shown one by one."""
        names = []
        for token in map(int, tokens):
            special = token < len(SPECIAL) or self.kind != "BPE"
            names.append(self.tokens[token] if special else self._tokenizer.decode([token]))
        return names

    def to_json(self) -> dict[str, Any]:
        """All of it, as plain data; ``tokenizer`` is the text of a ``tokenizer.json`` in Hugging Face's format."""
        return {"kind": self.kind, "tokenizer": self._tokenizer.to_str()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Vocabulary:
        """What :meth:`to_json` has written. Raises ValueError where it is damaged."""
        try:
            return cls(Tokenizer.from_str(data["tokenizer"]), data["kind"])
        except Exception as error:  # the library raises plain Exception
            raise ValueError(f"vocabulary: expected a kind and a tokenizer ({error})") from error


def _whole(text: str) -> str:
    """Half of a surrogate pair is no character."""
    return text.encode("utf-8", "replace").decode()


def _joined(words: list[str]) -> str:
    """Words with spaces between them, but for those that a sign does not have."""
    text = re.sub(r" (?=[.,!?;:…%)\]}»])", "", " ".join(words))
    return re.sub(r"(?<=[(\[{«]) ", "", text)
