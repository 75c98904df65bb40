"""Is a text positive or negative? An encoder with a classifier reads it and says how sure it is.

The answers are those of Hugging Face's ``sentiment-analysis`` pipeline on the same checkpoint: the text is
cut after as many tokens as the network has positions, and the logits go through a softmax.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from dlcore.cache import Cache
from dlcore.compute import lean
from dlcore.language import checkpoint
from dlcore.language.integrated_gradients import Gradients
from dlcore.language.tokens import cut, refuse_beyond, tokenizer

BATCH_TOKENS = 2048
"""Tokens read at once. Attention needs rows · heads · tokens² numbers: this keeps them below 50 MB."""
MULTIPLE = 16
"""Texts are padded to a multiple of this number of tokens: fewer shapes, for which kernels are kept."""
FIRST_CUT = 16_384
"""Characters the tokenizer gets at first; a megabyte would be cut into tokens of which 512 are used."""
EMPTY = "empty"
"""What a text is called in which there is nothing to read."""
REGRESSION = "The network has one output, a regression head: its value is {:.4g}, and no probability."


@dataclass(frozen=True)
class Encoded:
    """A text as the network reads it."""

    text: str
    tokens: list[int]
    """[CLS], the text, [SEP]; without those two where the tokenizer has none."""
    offsets: list[tuple[int, int]]
    """For each token, where in the text it begins and ends; (0, 0) for [CLS] and [SEP]."""
    truncated: bool
    unknown: bool
    """Whether nothing of it is in the vocabulary."""

    @property
    def empty(self) -> bool:
        return self.end == 0

    @property
    def end(self) -> int:
        """The number of characters that were read."""
        return max((end for _, end in self.offsets), default=0)

    @property
    def note(self) -> str:
        """What somebody who reads the answer should know; empty if nothing."""
        if self.empty:
            return "There is nothing in it to read."
        if self.truncated:
            return (
                f"Only the first {self.end:,} of its {len(self.text):,} characters were read: "
                f"the network has room for {len(self.tokens)} tokens."
            )
        return "Nothing of it is in the network's vocabulary." if self.unknown else ""


class Reader:
    """An encoder with its tokenizer, compiled once for every length.

    Args:
        folder: A checkpoint of a ``Bert`` or ``DistilBert`` with a classifier.

    Raises:
        CheckpointError: as :func:`dlcore.language.checkpoint.load` does, or for a network that writes.
    """

    def __init__(self, folder: Path):
        self.tokenizer = tokenizer(folder)
        self.model = checkpoint.load(folder)
        names = getattr(self.model.config, "id2label", None)
        if names is None:
            raise checkpoint.CheckpointError(
                f"{folder.name}: expected a network that classifies texts (bert, distilbert), "
                f"received a {type(self.model).__name__}"
            )
        self.labels = distinct([names[key] for key in sorted(names, key=int)])
        self.context: int = self.model.config.context
        self.vocabulary: int = self.model.config.vocab_size
        ends = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        self.before, self.after = ([] if token is None else [token] for token in ends)
        refuse_beyond(self.tokenizer, self.before + self.after, self.vocabulary)
        padding = self.tokenizer.pad_token_id
        self.padding = padding if padding is not None and padding < self.vocabulary else 0
        self._logits = tf.function(
            lambda tokens, mask: self.model.run(self.model.words(tokens), mask)[0],
            input_signature=[tf.TensorSpec((None, None), "int32")] * 2,
            autograph=False,
        )
        self._attention = tf.function(
            lambda tokens: tf.concat(
                self.model.run(self.model.words(tokens), tf.ones_like(tokens))[1], axis=0
            ),
            input_signature=[tf.TensorSpec((1, None), "int32")],
            autograph=False,
        )
        self.logits([[0]])  # compiled now
        lean.give_back()

    @property
    def bytes(self) -> int:
        """Memory of the weights."""
        return sum(4 * int(np.prod(weight.shape)) for weight in self.model.weights)

    def encode(self, text: str) -> Encoded:
        """Cut a text into tokens, at most as many as the network has positions."""
        text = text.encode("utf-8", "replace").decode()  # half of a surrogate pair is no character
        room, length = self.context - len(self.before + self.after), FIRST_CUT
        options = {"add_special_tokens": False, "return_offsets_mapping": True}
        while True:
            # Cut to length here and not by the tokenizer: it would keep that setting for all threads.
            encoded = cut(self.tokenizer, text[:length], self.vocabulary, **options)
            tokens, offsets = encoded["input_ids"], [tuple(pair) for pair in encoded["offset_mapping"]]
            if len(tokens) > room or length >= len(text):
                break
            length *= 4
        read = tokens[:room]
        return Encoded(
            text,
            [*self.before, *read, *self.after],
            [*[(0, 0)] * len(self.before), *offsets[:room], *[(0, 0)] * len(self.after)],
            truncated=len(tokens) > room,
            unknown=bool(read) and set(read) == {self.tokenizer.unk_token_id},
        )

    def logits(self, rows: list[list[int]]) -> np.ndarray:
        """The logits (rows, labels) of tokenized texts, read in batches of similar length."""
        logits = np.zeros((len(rows), len(self.labels)), "float32")
        order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
        while order:
            longest = _filled(len(rows[order[0]]))
            count = max(1, BATCH_TOKENS // longest)
            batch, order = order[:count], order[count:]
            logits[batch] = self._logits(*self.fill([rows[i] for i in batch])).numpy()
        return logits

    def fill(self, rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        """Rows as one array of tokens and its mask, filled up with [PAD]."""
        shape = len(rows), _filled(max(map(len, rows)))
        tokens = np.full(shape, self.padding, "int32")
        mask = np.zeros(shape, "int32")
        for i, row in enumerate(rows):
            tokens[i, : len(row)] = row
            mask[i, : len(row)] = 1
        return tokens, mask

    def attention(self, tokens: list[int]) -> np.ndarray:
        """How much each token looks at each other one: (layers, heads, from, to)."""
        weights: np.ndarray = self._attention(np.array([tokens], "int32")).numpy()
        return weights

    @cached_property
    def gradients(self) -> Gradients:
        """Its integrated gradients, compiled at the first use."""
        return Gradients(self.model)

    def classify(self, texts: list[str]) -> list[dict[str, Any]]:
        """For each text its label, the probabilities, and what there is to know about it.

        A text without anything to read gets the label "empty", score 0 and no probabilities. A network
        with one output answers with a ``value`` and no score; of others the value is None.
        """
        rows = [self.encode(text) for text in texts]
        full = [i for i, row in enumerate(rows) if not row.empty]
        logits = dict(zip(full, self.logits([rows[i].tokens for i in full]), strict=True))
        return [self.describe(row, logits.get(i)) for i, row in enumerate(rows)]

    def describe(self, row: Encoded, logits: np.ndarray | None) -> dict[str, Any]:
        """An answer as plain data; ``logits`` is None for an empty text."""
        label, probabilities, note = EMPTY, dict[str, float](), row.note
        score: float | None = 0.0
        value: float | None = None
        if logits is not None and len(self.labels) == 1:
            label, score, value = self.labels[0], None, float(logits[0])
            note = f"{REGRESSION.format(value)} {note}".strip()
        elif logits is not None:
            shares = softmax(logits)
            best = int(shares.argmax())
            label, score = self.labels[best], float(shares[best])
            probabilities = {name: float(share) for name, share in zip(self.labels, shares, strict=True)}
        return {
            "text": row.text,
            "label": label,
            "score": score,
            "value": value,
            "probabilities": probabilities,
            "tokens": len(row.tokens),
            "truncated": row.truncated,
            "note": note,
        }


def distinct(names: list[str]) -> list[str]:
    """The classes' names in lower case, as far as they stay different; no two are the same.

    Checkpoints write POSITIVE or Positive and mean the same. ``LABEL_0`` is no word and stays as it is.
    """
    lower = [name if re.fullmatch(r"LABEL_\d+", name) else name.lower() for name in names]
    times = Counter(lower)
    chosen = [names[i] if times[name] > 1 else name for i, name in enumerate(lower)]
    times = Counter(chosen)
    unique: dict[str, None] = {}
    for i, name in enumerate(chosen):
        name = f"{name} ({i})" if times[name] > 1 else name
        while name in unique:
            name += "′"
        unique[name] = None
    return list(unique)


def _filled(length: int) -> int:
    return -(-length // MULTIPLE) * MULTIPLE


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis, in double precision."""
    powers = np.exp(logits.astype("float64") - logits.max(axis=-1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return shares


_readers = Cache()


def reader(folder: Path) -> Reader:
    """The reader of a checkpoint, from memory where it has been used lately."""
    file = Path(folder) / "model.safetensors"
    key = file, file.stat().st_mtime_ns if file.exists() else 0  # another download, another network
    return _readers.of(key, lambda: Reader(Path(folder)), lambda new: new.bytes)


def sentiment(folder: Path, texts: list[str]) -> list[dict[str, Any]]:
    """For each text ``{"text", "label", "score", "value", "probabilities", "tokens", "truncated", "note"}``."""
    return reader(folder).classify(texts)


def explain(folder: Path, text: str) -> dict[str, Any]:
    """The answer for one text and what it rests on: see :func:`dlcore.language.attribution.explain`."""
    from dlcore.language import attribution  # it builds on this module

    return attribution.explain(reader(folder), text)
