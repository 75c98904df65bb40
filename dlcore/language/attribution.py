"""Which words made a text positive or negative, by two methods.

Integrated gradients (:mod:`dlcore.language.integrated_gradients`): walk from a text without content to the
text itself and add up how much each word moves the output on the way. The sum over all words is the
difference of the two outputs.

Leave-one-out: remove a word, classify again, and see what has changed. Simpler, and another question: two words
that say the same cover for each other.

Both are in log-odds of the class that is explained, ln(p / (1 - p)): 0 is 50 %, ±2.2 is 90 %, ±4.6 is 99 %.
For two classes that is the difference of their logits.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from dlcore.charts.words import without
from dlcore.charts.words import words as words_of
from dlcore.language.classifier import BATCH_TOKENS, Classifier, Encoded, softmax
from dlcore.language.integrated_gradients import log_odds

FIRST_STEPS, MOST_STEPS = 16, 1024
"""Points on the way from the empty text; doubled until the sum is right."""
TOLERANCE = 0.01
"""How far the sum may be from the difference of the outputs, as a share of it."""
MOST_WORDS = 200
"""Words that are left out one by one: the strongest by their gradients."""
MOST_ATTENTION = 64
"""Tokens whose attention is returned: more cannot be read, and would be megabytes."""
SECONDS = 5.0
"""Seconds for each of the two methods; what is there by then is the answer."""


def explained_class(labels: list[str], logits: np.ndarray) -> int:
    """The class whose log-odds are explained: of two, "positive"; else the one that was found."""
    if len(labels) == 2 and "positive" in labels:
        return labels.index("positive")
    return int(logits.argmax())


def explain(reader: Classifier, text: str) -> dict[str, Any]:
    """The answer for a text and what it rests on, as plain data.

    Returns:
        What :meth:`Reader.classify` says of the text, and, where that has probabilities: ``target``, the class that is
        explained; ``output`` and ``baseline``, its log-odds for the text and for the empty text; ``words``,
        each ``{"start", "end", "gradients", "left_out", "without"}`` (characters; log-odds; log-odds lost
        by leaving it out and the probability then, None where that was not tried); ``steps`` of the
        integrated gradients and their ``completeness_error``, a share of ``output - baseline``;
        ``attention``: see :func:`attention`.
    """
    row = reader.encode(text)
    if row.empty:
        return reader.describe(row, None)
    logits = reader.logits([row.tokens])[0]
    if len(logits) == 1:  # a value, and no class whose odds could be explained
        return reader.describe(row, logits)
    target = explained_class(reader.labels, logits)
    parts = gradients(reader, row, target)
    words = _sum_into_words(row, parts.pop("tokens"))
    _leave_out(reader, row, words, target)
    return {
        **reader.describe(row, logits),
        "target": reader.labels[target],
        **parts,
        "words": words,
        "attention": attention(reader, row),
    }


def gradients(reader: Classifier, row: Encoded, target: int) -> dict[str, Any]:
    """Integrated gradients by token, and how well their sum fits."""
    tokens, mask = reader.fill([row.tokens])
    baseline, _ = reader.fill([empty_text(reader, row)])
    output, start = np.asarray(
        log_odds(reader.logits([row.tokens, empty_text(reader, row)]), target), "float64"
    )
    steps, began = FIRST_STEPS, 0.0
    while True:
        contributions = reader.gradients.contributions(
            tokens[0], baseline[0], mask[0], target, steps, max(1, BATCH_TOKENS // tokens.shape[1])
        )
        missing = abs(contributions.sum() - (output - start))
        right = missing <= max(TOLERANCE * abs(output - start), 1e-4)
        began = began or time.monotonic()  # after the first pass, which may have had to be compiled
        if right or steps == MOST_STEPS or time.monotonic() - began > SECONDS:
            break
        steps *= 2
    return {
        "tokens": contributions[: len(row.tokens)],
        "output": float(output),
        "baseline": float(start),
        "steps": steps,
        "completeness_error": float(missing / max(abs(output - start), 1e-9)),
    }


def empty_text(reader: Classifier, row: Encoded) -> list[int]:
    """A text as long as this one with nothing in it: [PAD] between [CLS] and [SEP].

    [MASK] would do too; `sentiment` is nearer to undecided with [PAD], up to 30 tokens, but says positive of either.
    """
    return [reader.padding if end else token for token, (_, end) in zip(row.tokens, row.offsets, strict=True)]


def _sum_into_words(row: Encoded, values: np.ndarray) -> list[dict[str, Any]]:
    """The words that were read, each with the sum of its pieces."""
    spans = words_of(row.text[: row.end])
    words: list[dict[str, Any]] = [
        {"start": start, "end": end, "gradients": 0.0, "left_out": None, "without": None}
        for start, end in spans
    ]
    starts = np.array([start for start, _ in spans])
    for value, (begin, end) in zip(values, row.offsets, strict=True):
        if begin < end:
            place = int(np.searchsorted(starts, begin, side="right")) - 1
            words[max(place, 0)]["gradients"] += float(value)
    return words


def _leave_out(reader: Classifier, row: Encoded, words: list[dict[str, Any]], target: int) -> None:
    """Fill in ``left_out`` and ``without``, the strongest words first, until time is up."""
    began = time.monotonic()
    text = row.text[: row.end]  # else another word would come in from behind
    order = sorted(words, key=lambda word: -abs(word["gradients"]))[:MOST_WORDS]
    whole = float(log_odds(reader.logits([reader.encode(text).tokens]), target)[0])
    for i in range(0, len(order), 32):
        if i and time.monotonic() - began > SECONDS:
            return
        batch = order[i : i + 32]
        rows = [reader.encode(without(text, w["start"], w["end"])).tokens for w in batch]
        logits = reader.logits(rows)
        for word, odds, shares in zip(batch, log_odds(logits, target), softmax(logits), strict=True):
            word["left_out"] = whole - float(odds)
            word["without"] = float(shares[target])


def attention(reader: Classifier, row: Encoded) -> dict[str, Any] | None:
    """None for a network without attention; else who looks at whom: ``tokens``, and ``weights`` (layers, heads, from, to) in float16.

    Of a long text the first tokens and [SEP], at which much looks; ``of`` says how many there are.
    """
    weights = reader.attention(row.tokens)
    if weights is None:
        return None
    count = len(row.tokens)
    kept = [*range(min(count, MOST_ATTENTION) - 1), count - 1]
    return {
        "tokens": reader.names([row.tokens[i] for i in kept]),
        "weights": weights[:, :, kept][:, :, :, kept].astype("float16"),
        "of": count,
    }
