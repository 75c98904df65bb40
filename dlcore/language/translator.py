"""Write with a trained pair model: the likeliest token at every step, or beams of several texts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import tensorflow as tf

from dlcore.language.pair_model import END, PADDING, START, UNKNOWN, PairModel
from dlcore.language.sampling import best

NEVER_WRITTEN = [PADDING, UNKNOWN, START]
CANDIDATES = 5
"""Tokens kept beside the one that was written."""
BATCH = 256


@dataclass(frozen=True)
class Step:
    """One token as it was written."""

    token: int
    probability: float
    candidates: list[tuple[int, float]]
    """The likeliest tokens there with their probabilities."""
    attention: np.ndarray
    """How much it looked at each place of the source."""


@dataclass(frozen=True)
class Written:
    """A text under way or at its end."""

    steps: list[Step] = field(default_factory=list)
    total: float = 0.0
    """The sum of the log probabilities of its tokens."""

    @property
    def score(self) -> float:
        """The mean log probability of a token: longer texts may compete."""
        return self.total / max(1, len(self.steps))

    @property
    def tokens(self) -> list[int]:
        return [step.token for step in self.steps]

    @property
    def ended(self) -> bool:
        return bool(self.steps) and self.steps[-1].token == END


class Translator:
    """A model whose ``encode`` and ``step`` have become graphs, traced once for all numbers of texts."""

    def __init__(self, model: PairModel):
        self.length = model.length
        if not hasattr(model, "graphs"):
            model.graphs = graphs_of(model)
        self._encode, self._step = model.graphs

    def encode(self, rows: np.ndarray) -> tuple[Any, Any]:
        return self._encode(tf.constant(rows, tf.int32))

    def step(self, tokens: Any, place: int, memory: Any, states: Any) -> tuple[np.ndarray, Any, np.ndarray]:
        """Probabilities (n, vocabulary) of what may be written, the next states, attention (n, S)."""
        given = tf.constant(tokens, tf.int32), tf.constant(place, tf.int32)
        probabilities, states, attention = self._step(*given, memory, states)
        shares = probabilities.numpy()
        shares[:, NEVER_WRITTEN] = 0
        return shares, states, attention.numpy()

    def tokens(self, rows: np.ndarray) -> np.ndarray:
        """What it writes for many sources (n, S), the likeliest token at every step: (n, T), ``END`` to the end."""
        return np.concatenate([self._tokens(rows[i : i + BATCH]) for i in range(0, len(rows), BATCH)])

    def _tokens(self, rows: np.ndarray) -> np.ndarray:
        memory, states = self.encode(rows)
        written = np.full((len(rows), self.length), END)
        tokens, over = np.full(len(rows), START), np.zeros(len(rows), bool)
        for place in range(self.length):
            shares, states, _ = self.step(tokens, place, memory, states)
            tokens = np.where(over, END, shares.argmax(axis=1))
            written[:, place] = tokens
            over |= tokens == END
            if over.all():
                break
        return written

    def greedy(self, row: np.ndarray) -> Written:
        """The likeliest token at every step."""
        return self.beams(row, 1)[0]

    def beams(self, row: np.ndarray, count: int) -> list[Written]:
        """The best texts for one source (S,), the best first: ``count`` are kept from step to step.

        A text that has ended is set aside. It is over when no text under way has a better mean log probability
        than the worst of as many that have ended.
        """
        memory, states = self.encode(row[None])
        under_way, done = [Written()], list[Written]()
        for place in range(self.length):
            tokens = [text.tokens[-1] if text.steps else START for text in under_way]
            shares, states, attention = self.step(tokens, place, memory, states)
            further = [
                (parent, longer)
                for parent, text in enumerate(under_way)
                for longer in continued(text, shares[parent], attention[parent], count)
            ]
            further.sort(key=lambda pair: -pair[1].total)
            done += [text for _, text in further[:count] if text.ended]
            done = sorted(done, key=lambda text: -text.score)[:count]
            further = [pair for pair in further if not pair[1].ended][:count]
            if len(done) == count and (not further or done[-1].score >= further[0][1].score):
                return done
            under_way = [text for _, text in further]
            memory, states = chosen((memory, states), [parent for parent, _ in further])
        return sorted(done + under_way, key=lambda text: (not text.ended, -text.score))[:count]


def graphs_of(model: PairModel) -> tuple[Any, Any]:
    """``encode`` and ``step`` for any number of texts."""
    rows = tf.TensorSpec([None, model.longest], tf.int32)
    encode = tf.function(model.encode, input_signature=[rows])
    kept = tf.nest.map_structure(
        lambda one: tf.TensorSpec(one.shape, one.dtype), encode.get_concrete_function().structured_outputs
    )
    token, place = tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32)
    return encode, tf.function(model.step, input_signature=[token, place, *kept])


def chosen(arrays: Any, rows: list[int]) -> Any:
    """Those rows of every array of a structure."""
    return tf.nest.map_structure(lambda array: tf.gather(array, tf.constant(rows)), arrays)


def continued(text: Written, shares: np.ndarray, attention: np.ndarray, count: int) -> list[Written]:
    """A text with each of its likeliest next tokens; one more than ``count``, because one may end it."""
    top = best(shares, max(count + 1, CANDIDATES))
    candidates = [(token, float(shares[token])) for token in top[:CANDIDATES]]
    return [
        Written(
            [*text.steps, Step(token, float(shares[token]), candidates, attention)],
            text.total + float(np.log(max(shares[token], 1e-30))),
        )
        for token in top[: count + 1]
    ]
