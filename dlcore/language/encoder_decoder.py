"""The Transformer of the paper: an encoder reads, a decoder writes (Vaswani et al. 2017).

Normalised before each part of a block, which learns without a warm-up (Xiong et al. 2020).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from dlcore.language.pair_model import PADDING, PairModel, initializers
from dlcore.layers.own.positions import Positions


class Attention(layers.Layer):
    """Each place of one sequence takes from those of another, in several heads side by side."""

    def __init__(self, width: int, heads: int, start: Any, dtype: Any, name: str):
        super().__init__(dtype=dtype, name=name)
        self.heads, self.size = heads, width // heads
        self.query, self.key, self.value, self.outer = (
            layers.Dense(width, kernel_initializer=start(), dtype=dtype, name=part)
            for part in ("query", "key", "value", "outer")
        )

    def build(self, shape: Any) -> None:
        for part in (self.query, self.key, self.value, self.outer):
            part.build(shape)
        self.built = True

    def pairs(self, x: Any) -> tuple[Any, Any]:
        """Keys and values of a sequence, each (n, heads, steps, size)."""
        return self._heads(self.key(x)), self._heads(self.value(x))

    def call(self, x: Any, keys: Any, values: Any, mask: Any) -> tuple[Any, Any]:
        """What is taken, and the weights (n, heads, steps of x, steps of keys); ``mask`` says what may be seen."""
        scores = ops.einsum("nhtd,nhsd->nhts", self._heads(self.query(x)), keys)
        scores = ops.cast(scores, "float32") / self.size**0.5
        weights = ops.softmax(ops.where(mask, scores, -1e9))
        taken = ops.einsum("nhts,nhsd->nthd", ops.cast(weights, values.dtype), values)
        return self.outer(ops.reshape(taken, ops.shape(x))), weights

    def _heads(self, x: Any) -> Any:
        split = ops.reshape(x, (ops.shape(x)[0], ops.shape(x)[1], self.heads, self.size))
        return ops.transpose(split, (0, 2, 1, 3))


class Block(layers.Layer):
    """Attention within a sequence, in a decoder also to the source, then a small network for each place alone."""

    def __init__(self, architecture: Any, start: Any, seed: int, dtype: Any, name: str, reads: bool = False):
        super().__init__(dtype=dtype, name=name)
        width, heads = architecture.width, architecture.heads

        def norm(name: str) -> Any:
            return layers.LayerNormalization(dtype=dtype, name=name)

        self.norm_own, self.own = norm("norm_own"), Attention(width, heads, start, dtype, "own")
        if reads:
            self.norm_read, self.read = norm("norm_read"), Attention(width, heads, start, dtype, "read")
        self.norm_inner = norm("norm_inner")
        options = {"kernel_initializer": start(), "dtype": dtype}
        self.inner = layers.Dense(architecture.inner * width, "gelu", name="inner", **options)
        self.outer = layers.Dense(width, name="outer", **options | {"kernel_initializer": start()})
        self.dropout = layers.Dropout(architecture.dropout, seed=seed, dtype=dtype)

    def build(self, shape: Any) -> None:
        """All parts at once, here, so that their weights are called after this block."""
        parts = [self.norm_own, self.own, self.norm_inner, self.inner]
        for part in [*parts, self.norm_read, self.read] if hasattr(self, "read") else parts:
            part.build(shape)
        self.outer.build((*shape[:-1], self.inner.units))
        self.built = True

    def pairs(self, x: Any) -> tuple[Any, Any]:
        """Keys and values by which places of the sequence see one another."""
        return self.own.pairs(self.norm_own(x))

    def call(
        self, x: Any, own: Any, mask: Any, read: Any = None, source: Any = None, training: bool = False
    ) -> tuple[Any, Any]:
        """``own`` are keys and values of the sequence, ``read`` those of the source, with what may be seen of each;
        the weights are those of the source, or of the sequence where there is none."""
        taken, weights = self.own(self.norm_own(x), *own, mask)
        x = x + self.dropout(taken, training=training)
        if read is not None:
            taken, weights = self.read(self.norm_read(x), *read, source)
            x = x + self.dropout(taken, training=training)
        worked = self.outer(self.inner(self.norm_inner(x)))
        return x + self.dropout(worked, training=training), weights


class EncoderDecoder(PairModel):
    """In training all places of the target at once, each sees those before it; in writing, keys and values are kept.

    Args:
        architecture: Has ``width``, ``blocks``, ``heads``, ``inner`` and ``dropout``.
        problem: Has ``input_shape`` (S,), ``target_shape`` (T,), ``vocabulary`` and ``target_vocabulary``.
    """

    def __init__(self, architecture: Any, problem: Any, seed: int, precision: str = "float32"):
        super().__init__(name="encoder_decoder", dtype=precision)
        (self.longest,), (self.length,) = problem.input_shape, problem.target_shape
        self.width, self.heads = architecture.width, architecture.heads
        start, numbers = initializers(seed), range(1, architecture.blocks + 1)

        def embedding(size: int, name: str, place: int) -> Any:
            uniform = keras.initializers.RandomUniform(seed=1000 * seed + 900 + place)
            return layers.Embedding(
                size, self.width, embeddings_initializer=uniform, dtype=precision, name=name
            )

        self.source_embedding = embedding(problem.vocabulary, "source_embedding", 0)
        self.target_embedding = embedding(problem.target_vocabulary, "target_embedding", 1)
        self.places = Positions(max(self.longest, self.length), learned=False, dtype=precision)
        self.dropout = layers.Dropout(architecture.dropout, seed=seed, dtype=precision)
        self.readers = [Block(architecture, start, seed + i, precision, f"encoder_{i}") for i in numbers]
        self.writers = [
            Block(architecture, start, seed + 50 + i, precision, f"decoder_{i}", reads=True) for i in numbers
        ]
        for block in self.readers + self.writers:
            block.build((None, None, self.width))
        self.norm_source = layers.LayerNormalization(dtype=precision, name="norm_source")
        self.norm_target = layers.LayerNormalization(dtype=precision, name="norm_target")
        self((ops.zeros((1, self.longest), "int32"), ops.zeros((1, self.length), "int32")))

    def call(self, inputs: Any, training: bool = False) -> Any:
        source, written = self.both(inputs)
        memory, _ = self.encode(source, training)
        seen, *read = memory
        steps = ops.arange(self.length)
        before = (steps[:, None] >= steps)[None, None]
        x = self.dropout(self.places(self.target_embedding(written)), training=training)
        for i, block in enumerate(self.writers):
            x, _ = block(
                x, block.pairs(x), before, read[2 * i : 2 * i + 2], seen[:, None, None], training=training
            )
        return self._answer(x)

    def encode(self, source: Any, training: bool = False) -> tuple[Any, Any]:
        seen = source != PADDING
        x = self.dropout(self.places(self.source_embedding(source)), training=training)
        for block in self.readers:
            x, _ = block(x, block.pairs(x), seen[:, None, None], training=training)
        x = self.norm_source(x)
        memory = [part for block in self.writers for part in block.read.pairs(x)]
        shape = (ops.shape(source)[0], self.heads, self.length, self.width // self.heads)
        return [seen, *memory], [ops.zeros(shape, x.dtype) for _ in memory]

    def step(self, tokens: Any, place: Any, memory: Any, states: Any) -> tuple[Any, Any, Any]:
        seen, *read = memory
        steps = ops.arange(self.length)
        here, before = (steps == place)[:, None], (steps <= place)[None, None, None]
        # The token at its place among zeros, so that it gets that place's sines.
        row = ops.where(here, self.target_embedding(tokens)[:, None], 0)
        x = ops.take(self.places(row), place, axis=1)[:, None]
        kept, looks = [], 0.0
        for i, block in enumerate(self.writers):
            own = [
                ops.where(here, new, old)
                for new, old in zip(block.pairs(x), states[2 * i : 2 * i + 2], strict=True)
            ]
            x, weights = block(x, own, before, read[2 * i : 2 * i + 2], seen[:, None, None])
            kept += own
            looks = looks + ops.mean(weights[:, :, 0], axis=1) / len(self.writers)
        return self._answer(x)[:, 0], kept, looks

    def _answer(self, x: Any) -> Any:
        """Probabilities: the embeddings are the output layer too (Press and Wolf 2017)."""
        vectors = ops.cast(self.target_embedding.embeddings, self.compute_dtype)
        logits = ops.matmul(self.norm_target(x), ops.transpose(vectors))
        return ops.softmax(ops.cast(logits, "float32"))
