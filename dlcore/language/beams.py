"""Beam search: keep the few most probable texts instead of drawing one.

Each step continues every beam with every token and keeps the best. A text that ends is set aside with the
mean of its tokens' log probabilities as its score; the search is over when no beam can beat those.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from dlcore.language.generation import Rows, Writer

NEVER = -1e9


class Beams(NamedTuple):
    """The state of a search; plain data, so that the caller can hold it and go on with it."""

    rows: Rows
    """The texts under way, the best first; all of one length."""
    scores: list[float]
    """The sum of the log probabilities of what was written on each."""
    done: list[tuple[float, list[int]]]
    """Ended texts with their scores, the best first; at most as many as there are beams."""
    begin: int
    """Where the prompt ends."""
    over: bool = False

    @classmethod
    def start(cls, prompt: list[int], count: int) -> Beams:
        """``count`` beams on one prompt; all but the first out of the race, or all would be the same."""
        return cls([list(prompt)] * count, [0.0] + [NEVER] * (count - 1), [], len(prompt))

    @property
    def texts(self) -> Rows:
        """The texts there are now, the best first."""
        return [row for _, row in self.done] if self.over and self.done else self.rows


def search(
    writer: Writer, beams: Beams, *, tokens: int, seconds: float = 1e9, stop: tuple[str, ...] = ()
) -> Beams:
    """Go on until the search is over, every text has ``tokens`` after its prompt, or time is up.

    A text ends as in :meth:`Writer.write`: where its network says so, or at a ``stop`` string.
    """
    began = time.monotonic()
    while not beams.over and time.monotonic() - began < seconds:
        beams = step(writer, beams, tokens, stop)
    return beams


def step(writer: Writer, beams: Beams, tokens: int, stop: tuple[str, ...] = ()) -> Beams:
    """One more token on every beam."""
    count = len(beams.rows)
    logits = writer.logits(beams.rows).astype("float64")
    logits -= logits.max(axis=1, keepdims=True)
    sums = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    sums += np.array(beams.scores)[:, None]
    flat = sums.ravel()
    # Twice as many as there are beams: even if half of them end the text, enough go on.
    top = np.argpartition(flat, -2 * count)[-2 * count :]
    top = top[np.argsort(-flat[top], kind="stable")]
    length = len(beams.rows[0]) + 1 - beams.begin
    done, onward = list(beams.done), []
    for rank, place in enumerate(top):
        parent, token = divmod(int(place), sums.shape[1])
        row = [*beams.rows[parent], token]
        ends = length == tokens or writer.over(row, beams.begin, stop)
        if ends and rank < count:
            done.append((float(flat[place]) / length, row))
        elif not ends:
            onward.append((parent, row, float(flat[place])))
    done = sorted(done, key=lambda item: -item[0])[:count]
    onward = onward[:count]
    if len(onward) < count:
        return beams._replace(done=done, over=True)
    parents, rows, scores = (list(part) for part in zip(*onward, strict=True))
    writer.reorder(beams.rows, parents)
    over = len(done) == count and done[-1][0] >= scores[0] / length
    return Beams(rows, scores, done, beams.begin, over)
