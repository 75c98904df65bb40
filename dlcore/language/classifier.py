"""A network that classifies texts, whatever it is: from tokens to labels, probabilities and notes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dlcore.language.integrated_gradients import Gradients

BATCH_TOKENS = 2048
"""Tokens read at once. Attention needs rows · heads · tokens² numbers: this keeps them below 50 MB."""
MULTIPLE = 16
"""Texts are padded to a multiple of this number of tokens: fewer shapes, for which kernels are kept."""
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


class Classifier:
    """What :mod:`dlcore.language.attribution` and the pages ask of a network.

    ``model`` has two methods: ``words(tokens)``, the vectors that attribution walks along, and ``run(vectors, mask)``,
    whose first value are the logits.
    """

    model: Any
    labels: list[str]
    context: int
    """The most tokens that are read."""
    padding: int
    bytes: int
    """Memory of the weights."""

    def encode(self, text: str) -> Encoded:
        """Cut a text into tokens, at most as many as the network has room for."""
        raise NotImplementedError

    def names(self, tokens: list[int]) -> list[str]:
        """What tokens are called."""
        raise NotImplementedError

    def attention(self, tokens: list[int]) -> np.ndarray | None:
        """How much each token looks at each other one: (layers, heads, from, to); None where none does."""
        raise NotImplementedError

    def _logits(self, tokens: np.ndarray, mask: np.ndarray) -> Any:
        raise NotImplementedError

    def filled(self, length: int) -> int:
        """The number of tokens that a row of this length is filled up to."""
        return -(-length // MULTIPLE) * MULTIPLE

    def logits(self, rows: list[list[int]]) -> np.ndarray:
        """The logits (rows, labels) of tokenized texts, read in batches of similar length."""
        logits = np.zeros((len(rows), len(self.labels)), "float32")
        order = sorted(range(len(rows)), key=lambda i: -len(rows[i]))
        while order:
            longest = self.filled(len(rows[order[0]]))
            count = max(1, BATCH_TOKENS // longest)
            batch, order = order[:count], order[count:]
            logits[batch] = self._logits(*self.fill([rows[i] for i in batch]))
        return logits

    def fill(self, rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        """Rows as one array of tokens and its mask, filled up with [PAD]."""
        shape = len(rows), self.filled(max(map(len, rows)))
        tokens = np.full(shape, self.padding, "int32")
        mask = np.zeros(shape, "int32")
        for i, row in enumerate(rows):
            tokens[i, : len(row)] = row
            mask[i, : len(row)] = 1
        return tokens, mask

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


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities along the last axis, in double precision."""
    powers = np.exp(logits.astype("float64") - logits.max(axis=-1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=-1, keepdims=True)
    return shares
