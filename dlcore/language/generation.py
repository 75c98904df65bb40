"""Write on: tokens in, one more token out, again and again, with a key/value cache.

The first pass reads the whole prompt and keeps every block's keys and values; each later pass reads one
token and looks at what was kept. Work is done in slices of a fraction of a second: whoever calls holds the
tokens and calls again, so a stop is simply not calling, two visitors take turns, and a worker that died in
between costs one pass over the text.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dlcore.cache import Cache
from dlcore.compute import lean as memory
from dlcore.language import checkpoint
from dlcore.language.attention import places, widen
from dlcore.language.files import called
from dlcore.language.sampling import Sampling, best, distribution, draw
from dlcore.language.tokens import TokenizerError, cut, refuse_beyond, tokenizer

CANDIDATES = 10
"""Alternatives given for every token that was written."""
Rows = list[list[int]]
"""Tokens of several texts of one length, such as samples of one prompt or beams."""


class Writer:
    """A decoder and its tokenizer, compiled for writing.

    Args:
        name: What it is called in messages.
        model: The decoder, with ``run``, ``logits`` and ``empty_cache``.
        tokenizer: As transformers has it, or :class:`dlcore.language.trained_writer.TrainedTokenizer`.
        start: The token an empty prompt becomes; unless said the one that a text begins or ends with.
        tokens: How many of the model's tokens can be written; all unless said.
        lean: Whether freed memory goes back to the system: not where a training asks for it again at once.
    """

    def __init__(
        self,
        name: str,
        model: Any,
        tokenizer: Any,
        *,
        start: int | None = None,
        tokens: int | None = None,
        lean: bool = True,
    ):
        self.name, self.model, self.tokenizer, self.lean = name, model, tokenizer, lean
        self.context: int = model.config.context
        self.vocabulary: int = tokens or model.config.vocab_size
        known = (start, tokenizer.bos_token_id, tokenizer.eos_token_id)
        self.start = next((token for token in known if token is not None), None)
        self.forget()
        cache = [
            tuple(tf.TensorSpec((None, part.shape[1], None, part.shape[3])) for part in pair)
            for pair in self.model.empty_cache(1, 0)
        ]
        # One trace for every length: the first pass and all later ones are the same function.
        self._step = tf.function(
            self._one_step,
            input_signature=[tf.TensorSpec((None, None), "int32"), tf.TensorSpec((), "int32"), cache],
            autograph=False,
        ).get_concrete_function()
        self.logits([[0]])  # compiled now
        if lean:
            memory.give_back()

    @classmethod
    def load(cls, folder: Path) -> Writer:
        """That of a checkpoint. Raises CheckpointError where it is none of a network that writes."""
        words, model = tokenizer(folder), checkpoint.load(folder)
        if not hasattr(model, "empty_cache"):
            raise checkpoint.CheckpointError(
                f"{called(folder)}: expected a network that writes (gpt2, llama), "
                f"received a {type(model).__name__}"
            )
        return cls(called(folder), model, words)

    def forget(self) -> None:
        """Keep nothing of earlier texts: the weights have changed."""
        self._caches = Cache(128 * 2**20, most=3)  # of the texts written lately
        self._logits = Cache(4 * 2**20)

    def _one_step(self, tokens: Any, before: Any, cache: Any) -> Any:
        hidden, longer, _ = self.model.run(tokens, cache, before)
        return self.model.logits(hidden[:, -1])[:, : self.vocabulary], [tuple(pair) for pair in longer]

    # -- text and tokens ----------------------------------------------------------------------

    def encode(self, text: str) -> list[int]:
        """The tokens of a prompt; of an empty one, the token a text begins with.

        Raises:
            TokenizerError: if the tokenizer cannot cut it, or knows tokens that the network does not.
        """
        tokens = list(cut(self.tokenizer, text, self.vocabulary)["input_ids"])
        if tokens:
            return tokens
        if self.start is None:
            raise TokenizerError(
                f"{self.name}: its tokenizer names no token that a text begins with; write a first word"
            )
        refuse_beyond(self.tokenizer, [self.start], self.vocabulary)
        return [self.start]

    def decode(self, tokens: list[int]) -> str:
        return str(self.tokenizer.decode(tokens, skip_special_tokens=True))

    def continuation(self, prompt: list[int], tokens: list[int]) -> str:
        """The text that ``tokens`` add to a prompt."""
        # Some tokenizers drop the space of a first token: a few before it keep it in place.
        before = prompt[-3:]
        return self.decode(before + tokens)[len(self.decode(before)) :]

    def piece(self, before: list[int], token: int) -> str:
        """What a token would add to a text; U+FFFD where it is only a part of a character."""
        start = self.tokenizer.decode(before[-3:])  # as in continuation()
        whole = self.tokenizer.decode([*before[-3:], token])
        return whole[len(start) :] if whole.startswith(start) else "\ufffd"

    def pieces(self, tokens: list[int], first: int = 0) -> list[str]:
        """What each token from the ``first`` on adds to the text.

        A character may be cut across tokens: it belongs to its last one, those before it add nothing.
        Nor does a token that only marks a text's beginning or end.
        """
        pieces = []
        known = shown = max(0, first - 8)  # tokens[known:shown] are text already; shown.. not yet
        for i in range(shown, len(tokens)):
            before = self.decode(tokens[known:shown])
            text = self.decode(tokens[known : i + 1])
            if text.endswith("\ufffd"):
                pieces.append("")
            else:
                pieces.append(text[len(before) :])
                known, shown = shown, i + 1
        return pieces[len(pieces) - (len(tokens) - first) :] if len(tokens) > first else []

    def window(self, tokens: list[int]) -> list[int]:
        """What of a long text the network looks at: it forgets a quarter of its context at a time."""
        quarter = max(1, self.context // 4)
        over = len(tokens) - self.context
        return tokens if over < 0 else tokens[(over // quarter + 1) * quarter :]

    # -- writing ------------------------------------------------------------------------------

    def logits(self, rows: Rows) -> np.ndarray:
        """Of the token after each row, (rows, vocabulary); from memory if they were computed lately."""
        key = tuple(map(tuple, rows))
        logits = self._logits.get(key)
        if logits is None:
            logits = self._forward(rows)
            self._logits.put(key, logits, logits.nbytes)
        return np.asarray(logits)

    def _forward(self, rows: Rows) -> np.ndarray:
        """One pass over what is not in the cache yet; usually that is one token a row."""
        seen = [self.window(row) for row in rows]
        room = places(len(seen[0]))
        kept = self._caches.pop(_key(row[:-1] for row in seen))
        if kept is None:
            new, kept = seen, self.model.empty_cache(len(rows), room)
        else:
            new, kept = [row[-1:] for row in seen], widen(kept, room)
        before = len(seen[0]) - len(new[0])
        logits, longer = self._step(tf.constant(new, tf.int32), tf.constant(before), kept)
        self._keep(seen, longer)
        return np.asarray(logits)

    def reorder(self, rows: Rows, parents: list[int]) -> None:
        """Let what is kept for ``rows`` serve rows that go on from ``rows[parent]`` for each parent."""
        seen = [self.window(row) for row in rows]
        kept = self._caches.pop(_key(seen))
        if kept is not None:
            chosen = [tuple(tf.gather(part, parents) for part in pair) for pair in kept]
            self._keep([seen[i] for i in parents], chosen)

    def _keep(self, seen: Rows, cache: Any) -> None:
        size = len(cache) * 2 * 4 * int(np.prod(cache[0][0].shape))  # all are of one shape
        self._caches.put(_key(seen), cache, size)

    def attention(self, tokens: list[int]) -> np.ndarray:
        """What the last token looks at, (layers, heads, tokens in the window)."""
        seen = self.window(tokens)
        _, _, weights = self.model.run(keras.ops.convert_to_tensor([seen], "int32"), None)
        return np.stack([np.asarray(block)[0, :, -1] for block in weights])

    def write(
        self,
        rows: Rows,
        how: Sampling,
        *,
        seed: int = 0,
        samples: list[int] | None = None,
        tokens: int = 50,
        seconds: float = 1e9,
        stop: tuple[str, ...] = (),
        begin: int | None = None,
        on_token: Callable[[list[int]], None] | None = None,
    ) -> dict[str, Any]:
        """Write on every row by up to ``tokens`` tokens, or for ``seconds``.

        Args:
            rows: The texts so far; all of one length.
            how: The rules the tokens are drawn by.
            seed: With a row's number and the token's place it decides what is drawn.
            samples: The rows' numbers; 0, 1, … unless said.
            stop: Strings; a row ends when one occurs in what was written after ``begin`` tokens.
            begin: Where the prompt ends; the rows' length unless said.
            on_token: Called with the new token of every row as soon as it is there.

        Returns:
            ``tokens``, what was added to each row; ``ended``, for each row whether it is over (its
            network said so, or a stop string came); ``candidates``, for each row and token the most
            probable ones as (token, probability), the drawn one among them; ``seconds``.
        """
        rows = [list(row) for row in rows]
        samples = list(range(len(rows))) if samples is None else samples
        begin = len(rows[0]) if begin is None else begin
        start = len(rows[0])
        ended = [self.over(row, begin, stop) for row in rows]
        candidates: list[list[list[tuple[int, float]]]] = [[] for _ in rows]
        began = time.monotonic()
        for _ in range(tokens):
            if all(ended) or time.monotonic() - began >= seconds:
                break
            logits = self.logits(rows)
            new = []
            for i, row in enumerate(rows):
                chances = distribution(logits[i], how, np.array(row))
                new.append(draw(chances, seed, samples[i], len(row)))
                top = best(chances, CANDIDATES)
                if new[i] not in top:
                    top.append(new[i])
                if not ended[i]:
                    candidates[i].append([(k, float(chances[k])) for k in top])
            for i, token in enumerate(new):
                rows[i].append(token)
                ended[i] = ended[i] or self.over(rows[i], begin, stop)
            if on_token:
                on_token(new)
        else:  # the text is as long as it was to be
            if self.lean:
                memory.trim()
        return {
            "tokens": [row[start : start + len(candidates[i])] for i, row in enumerate(rows)],
            "ended": ended,
            "candidates": candidates,
            "seconds": time.monotonic() - began,
        }

    def over(self, row: list[int], begin: int, stop: tuple[str, ...]) -> bool:
        """Whether what was written after ``begin`` tokens has come to its end, or to a stop string."""
        written = row[begin:]
        if not written:
            return False
        if written[-1] in (self.tokenizer.eos_token_id, self.tokenizer.bos_token_id):
            return True
        return any(text in self.continuation(row[:begin], written) for text in stop)


def _key(rows: Any) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(row) for row in rows)
