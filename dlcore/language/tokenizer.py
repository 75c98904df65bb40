"""Tokenizers learned from texts: exported scripts hold these functions as they are, so both learn the same tokens.

Token 0 is padding, 1 unknown, 2 the start and 3 the end of a text. The same texts give the same tokens in any process.
"""

from __future__ import annotations

import inspect
import json
from collections import Counter
from collections.abc import Callable
from typing import Literal

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

Kind = Literal["characters", "words", "WordPiece", "BPE"]
SPECIAL = ["[PAD]", "[UNK]", "[START]", "[END]"]
"""What the first four tokens are called."""
WORD = r"\w+(?:['’]\w+)*|[^\w\s]"
"""A word with its apostrophes, or one sign."""


def untrained(model: models.Model, cut: pre_tokenizers.PreTokenizer, lower: bool) -> Tokenizer:
    """A tokenizer that cuts texts before its model sees them."""
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = cut
    tokenizer.normalizer = normalizers.Lowercase() if lower else None
    tokenizer.encode_special_tokens = True  # "[PAD]" in a text is a word like others
    return tokenizer


def words(texts: list[str], size: int, lower: bool, pattern: str = WORD) -> Tokenizer:
    """The most frequent words, with their apostrophes, and signs."""
    cut = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    tokenizer = untrained(models.WordLevel(unk_token="[UNK]"), cut, lower)
    trainer = trainers.WordLevelTrainer(vocab_size=size, special_tokens=SPECIAL, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def characters(texts: list[str], size: int, lower: bool) -> Tokenizer:
    """The most frequent characters."""
    return words(texts, size, lower, pattern=r"[\s\S]")


def word_pieces(texts: list[str], size: int, lower: bool) -> Tokenizer:
    """Whole words, and pieces of rare ones (Schuster and Nakajima 2012).

    The trainer numbers the characters within words as it meets them, in another order in every process, and pieces
    follow from numbers. Named beforehand, they have their places.
    """
    cut = pre_tokenizers.Split(Regex(WORD), "removed", invert=True)
    counts = Counter(character for text in texts for character in (text.lower() if lower else text))
    frequent = sorted(counts, key=lambda character: (-counts[character], character))
    letters = sorted(c for c in frequent[: max(32, size // 4)] if not c.isspace())
    named = [*SPECIAL, *letters, *(f"##{c}" for c in letters)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=named, limit_alphabet=0, show_progress=False
    )
    learned = untrained(models.WordPiece(unk_token="[UNK]"), cut, lower)
    learned.train_from_iterator(texts, trainer)
    pieces = {token: number for token, number in learned.get_vocab().items() if number < size}
    tokenizer = untrained(models.WordPiece(pieces, unk_token="[UNK]"), cut, lower)
    tokenizer.add_special_tokens(SPECIAL)
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    return tokenizer


def byte_pairs(texts: list[str], size: int, lower: bool) -> Tokenizer:
    """Frequent pieces, down to single bytes, so that no character is unknown (Sennrich et al. 2015)."""
    tokenizer = untrained(models.BPE(), pre_tokenizers.ByteLevel(add_prefix_space=False), lower)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


LEARN: dict[Kind, Callable[[list[str], int, bool], Tokenizer]] = {
    "characters": characters,
    "words": words,
    "WordPiece": word_pieces,
    "BPE": byte_pairs,
}


def imports(kind: Kind) -> tuple[str, ...]:
    """What :func:`code` needs."""
    more = ("from collections import Counter",) if kind == "WordPiece" else ()
    names = "Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers"
    return (*more, f"from tokenizers import {names}")


def code(kind: Kind, size: int, *, lower: bool) -> str:
    """Exported code that makes ``learn(texts)``."""
    learn = LEARN[kind]
    needed: list[Callable[..., Tokenizer]] = [untrained, *([words] if kind == "characters" else []), learn]
    functions = "\n\n\n".join(inspect.getsource(one).rstrip() for one in needed)
    return (
        f'SPECIAL = {json.dumps(SPECIAL)}\nWORD = r"{WORD}"\n\n\n{functions}\n\n\n'
        f"def learn(texts):\n    return {learn.__name__}(texts, {size}, lower={lower})"
    )
