"""Attention (Vaswani et al. 2017), as every network here computes it."""

from __future__ import annotations

import math
import warnings
from typing import Any

from keras import ops

from dlcore.language.common import Cache, Tensor

MASKED = -1e9
"""Added to a score that must not count; finite, so that a row without any partner gives no NaN."""

# The first token of a text has only itself to look at; Keras suspects a mistake there.
warnings.filterwarnings("ignore", message="You are using a softmax over axis -1")


def split_heads(x: Tensor, heads: int, tokens: Any) -> Tensor:
    """(batch · tokens, heads · size) to (batch, heads, tokens, size)."""
    return ops.transpose(ops.reshape(x, (-1, tokens, heads, x.shape[-1] // heads)), (0, 2, 1, 3))


def merge_heads(x: Tensor) -> Tensor:
    """(batch, heads, tokens, size) to (batch · tokens, heads · size)."""
    _, heads, _, size = x.shape
    return ops.reshape(ops.transpose(x, (0, 2, 1, 3)), (-1, heads * size))


def shared_matmul(x: Tensor, y: Tensor) -> Tensor:
    """Matrix products (batch, heads, n, k) · (batch, fewer heads, k, m), where neighbours share a y.

    Nothing is repeated for it: heads that share one are multiplied as if they were more rows of it.
    """
    heads, fewer = x.shape[1], y.shape[1]
    if heads == fewer:
        return ops.matmul(x, y)
    batch, _, n, k = ops.shape(x)
    product = ops.matmul(ops.reshape(x, (batch, fewer, heads // fewer * n, k)), y)
    return ops.reshape(product, (batch, heads, n, ops.shape(y)[-1]))


def attend(
    queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Scaled dot-product attention.

    Args:
        queries: (batch, heads, new tokens, size).
        keys, values: (batch, key heads, all tokens, size). Fewer key heads than heads are grouped-query
            attention (Ainslie et al. 2023): neighbouring heads share keys and values, of which less is
            kept and read for every token.
        mask: Added to the scores; broadcast to (batch, heads, new tokens, all tokens).

    Returns:
        The mixed values (batch, heads, new tokens, size), and the weights they were mixed with,
        (batch, heads, new tokens, all tokens), every row of which sums to one.
    """
    scale = 1 / math.sqrt(queries.shape[-1])
    scores = shared_matmul(queries * scale, ops.transpose(keys, (0, 1, 3, 2)))
    if mask is not None:
        scores = scores + mask
    weights = ops.softmax(scores)
    return shared_matmul(weights, values), weights


def causal_mask(new: Any, before: Any, places: Any) -> Tensor:
    """(new, places): ``new`` tokens see themselves and the ``before`` in front of them.

    The last place is the last token's; places left over are empty, at the left, and masked.
    """
    rows = before + ops.arange(new)[:, None]
    columns = before + new - places + ops.arange(places)[None, :]
    seen = ops.logical_and(columns >= 0, columns <= rows)
    return ops.where(seen, 0.0, MASKED)


def places(tokens: int) -> int:
    """The length of a cache for this number of tokens: the next multiple of 32.

    TensorFlow plans every shape anew and keeps the plan, about 1.5 MB for each length of a text.
    """
    return -(-tokens // 32) * 32


def widen(cache: Cache, room: int) -> Cache:
    """The same cache with room for ``room`` tokens; the new part is empty, at the left."""
    more = room - cache[0][0].shape[2]
    if not more:
        return cache
    at_left = ((0, 0), (0, 0), (more, 0), (0, 0))
    return [(ops.pad(keys, at_left), ops.pad(values, at_left)) for keys, values in cache]


def append(past: Tensor, new: Tensor, tokens: Any) -> Tensor:
    """``tokens`` new places at the right of (batch, heads, places, size), as many fewer at the left."""
    return ops.concatenate([past[:, :, tokens:], new], axis=2)
