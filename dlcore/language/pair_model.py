"""What networks that translate share: they learn pairs of token sequences by teacher forcing."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

PADDING, UNKNOWN, START, END = range(4)
"""The first tokens of every vocabulary."""


class PairModel(keras.Model):
    """Learns targets (n, T) of sources (n, S), both int32 tokens; a target ends with ``END``, then ``PADDING``.

    Called with a source and what has been written of its target, it gives for every place the probability of
    each token there: (n, T, vocabulary). In training what has been written is the true target up to that place
    (teacher forcing, Williams and Zipser 1989), and padding counts neither in the loss nor in the accuracy.

    To write, :meth:`encode` a source once, then :meth:`step` from token to token.
    """

    longest: int
    """The most tokens of a source."""
    length: int
    """The most tokens of a target, with the one that ends it."""

    def encode(self, source: Any, training: bool = False) -> tuple[Any, Any]:
        """What is remembered of sources, and the decoder's first states; each a list of arrays."""
        raise NotImplementedError

    def step(self, tokens: Any, place: Any, memory: Any, states: Any) -> tuple[Any, Any, Any]:
        """One token further: probabilities (n, vocabulary), the next states, and attention to the source (n, S).

        ``tokens`` (n,) are those before, ``place`` says how many there were before them.
        """
        raise NotImplementedError

    def both(self, inputs: Any) -> tuple[Any, Any]:
        """Source and written; nothing is written yet where a source is alone, as when JAX looks for shapes."""
        if isinstance(inputs, tuple | list):
            return inputs[0], inputs[1]
        return inputs, ops.zeros((ops.shape(inputs)[0], self.length), "int32")

    def train_step(self, *state_and_data: Any) -> Any:
        return super().train_step(*_taught(*state_and_data))

    def test_step(self, *state_and_data: Any) -> Any:
        return super().test_step(*_taught(*state_and_data))


def _taught(*state_and_data: Any) -> tuple[Any, ...]:
    """Inputs, targets and weights of a batch of pairs; JAX has its state before it."""
    *state, data = state_and_data
    source, target, _ = keras.utils.unpack_x_y_sample_weight(data)
    counted = ops.cast(target != PADDING, "float32")
    tokens = ops.maximum(ops.sum(counted), 1)
    counted = counted * ops.cast(ops.size(counted), "float32") / tokens  # so the loss is a mean over tokens
    return (*state, ((source, shifted(target)), target, counted))


def shifted(target: Any) -> Any:
    """What has been written before each place of targets (n, T): the start, then the target without its end."""
    first = ops.full_like(target[:, :1], START)
    return ops.concatenate([first, ops.where(target == END, PADDING, target)[:, :-1]], axis=1)


def scores(model: PairModel, source: Any, target: Any, batch: int = 256) -> dict[str, float]:
    """``loss`` and ``accuracy`` a token, after the true ones before it."""
    loss = right = count = 0.0
    for i in range(0, len(target), batch):
        true = ops.convert_to_tensor(target[i : i + batch])
        shares = model((ops.convert_to_tensor(source[i : i + batch]), shifted(true)), training=False)
        counted = ops.cast(true != PADDING, "float32")
        surprise = keras.losses.sparse_categorical_crossentropy(true, shares)
        same = ops.cast(ops.cast(ops.argmax(shares, axis=-1), true.dtype) == true, "float32")
        loss, right = loss + float(ops.sum(surprise * counted)), right + float(ops.sum(same * counted))
        count += float(ops.sum(counted))
    return {"loss": loss / count, "accuracy": right / count}


def initializers(seed: int) -> Callable[[], keras.initializers.Initializer]:
    """Makes Glorot's uniform initialiser, with another seed at every call: nothing else decides weights."""
    seeds = itertools.count(1000 * seed)
    return lambda: keras.initializers.GlorotUniform(seed=next(seeds))
