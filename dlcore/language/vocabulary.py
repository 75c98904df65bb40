"""A vocabulary: text to tokens and back, learned from the texts it is for.

Four kinds: ``characters``; ``words``, the most frequent ones; ``WordPiece``, whole words and pieces of rare ones (Schuster
and Nakajima 2012); ``BPE``, byte pairs, which know every character (Sennrich et al. 2015). Needs the library
``tokenizers`` and no framework, so pages may use it. The same texts give the same vocabulary.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

Kind = Literal["characters", "words", "WordPiece", "BPE"]
KINDS: tuple[str, ...] = get_args(Kind)
PAD, UNKNOWN, START, END = range(4)
SPECIAL = ("[PAD]", "[UNK]", "[START]", "[END]")
"""What the first four tokens are called."""
WORD = r"\w+(?:['’]\w+)*|[^\w\s]"
"""A word with its apostrophes, or one sign."""


class Vocabulary:
    """Tokens by number: 0 is padding, 1 unknown, 2 the start and 3 the end of a text; then those that were learned."""

    def __init__(self, tokenizer: Tokenizer, kind: Kind):
        self.kind: Kind = kind
        self._tokenizer = tokenizer
        self._tokenizer.encode_special_tokens = True  # "[PAD]" in a text is a word like others

    @classmethod
    def learn(cls, texts: Iterable[str], kind: Kind, size: int, *, lower: bool = False) -> Vocabulary:
        """The most useful tokens of ``texts``, at most ``size`` with the four special ones.

        Args:
            texts: What it learns from: the training part alone.
            kind: See the module.
            size: At least 5; byte pairs begin with the 256 bytes, however small it is.
            lower: Whether capitals are made small first.
        """
        if kind not in KINDS:
            raise ValueError(f"kind: expected one of {', '.join(KINDS)}, received {kind!r}")
        tokenizer, whole = _tokenizer(kind, lower), [*map(_whole, texts)]
        if kind == "WordPiece":
            tokenizer.model = _word_pieces(whole, size, lower)
            tokenizer.add_special_tokens([*SPECIAL])
        else:
            tokenizer.train_from_iterator(whole, _trainer(kind, size))
        return cls(tokenizer, kind)

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
        """int32 of shape (texts, length): each text cut to that length, or filled up with padding behind it."""
        texts = list(texts)
        rows = np.full((len(texts), length), PAD, "int32")
        for row, tokens in zip(rows, self.encode_all(texts), strict=True):
            whole = [START] * start + tokens[: length - start - end] + [END] * end
            row[: len(whole)] = whole
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


def _tokenizer(kind: Kind, lower: bool) -> Tokenizer:
    """One that has learned nothing yet."""
    if kind == "BPE":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
    elif kind == "WordPiece":
        tokenizer = Tokenizer(models.WordPiece(unk_token=SPECIAL[UNKNOWN]))
        tokenizer.pre_tokenizer = _cut(WORD)
        tokenizer.decoder = decoders.WordPiece(cleanup=False)
    else:
        tokenizer = Tokenizer(models.WordLevel(unk_token=SPECIAL[UNKNOWN]))
        tokenizer.pre_tokenizer = _cut(WORD if kind == "words" else r"[\s\S]")
    if lower:
        tokenizer.normalizer = normalizers.Lowercase()
    return tokenizer


def _cut(pattern: str) -> Any:
    """Keeps what matches a pattern, each match by itself, and drops the rest."""
    return pre_tokenizers.Split(Regex(pattern), "removed", invert=True)


def _trainer(kind: Kind, size: int) -> Any:
    common: dict[str, Any] = {"vocab_size": size, "special_tokens": [*SPECIAL], "show_progress": False}
    if kind == "BPE":
        return trainers.BpeTrainer(initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), **common)
    return trainers.WordLevelTrainer(**common)


def _word_pieces(texts: list[str], size: int, lower: bool) -> models.WordPiece:
    """A model learned from texts.

    The trainer numbers characters within words as it meets them, in another order in every process, and pieces
    follow from numbers. Named beforehand, they have their places.
    """
    counts = Counter(character for text in texts for character in (text.lower() if lower else text))
    frequent = sorted(counts, key=lambda character: (-counts[character], character))
    characters = sorted(c for c in frequent[: max(32, size // 4)] if not c.isspace())
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        special_tokens=[*SPECIAL, *characters, *(f"##{c}" for c in characters)],
        limit_alphabet=0,
        show_progress=False,
    )
    tokenizer = _tokenizer("WordPiece", lower)
    tokenizer.train_from_iterator(texts, trainer)
    pieces = {token: i for token, i in tokenizer.get_vocab().items() if i < size}
    return models.WordPiece(pieces, unk_token=SPECIAL[UNKNOWN])


def _whole(text: str) -> str:
    """Half of a surrogate pair is no character."""
    return text.encode("utf-8", "replace").decode()


def _joined(words: list[str]) -> str:
    """Words with spaces between them, but for those that a sign does not have."""
    text = re.sub(r" (?=[.,!?;:…%)\]}»])", "", " ".join(words))
    return re.sub(r"(?<=[(\[{«]) ", "", text)
