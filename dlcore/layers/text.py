"""Layers for texts: tokens become vectors, which attention mixes and pooling brings together.

Token 0 is padding: the embedding masks it, and every layer behind passes the mask on.
"""

from __future__ import annotations

from math import prod
from typing import Any, ClassVar, Literal

from dlcore.fields import choice, number
from dlcore.layers.base import Layer, LayerError, Shape, Value, size


class Embedding(Layer):
    """A vector for each token of the vocabulary, learned."""

    reads_tokens: ClassVar[bool] = True
    type: Literal["Embedding"] = "Embedding"
    input_dim: int = number(1000, 5, 100_000, "Vocabulary", "Tokens that have a vector.")
    output_dim: int = number(32, 1, 1024, "Width", "Numbers of a token's vector.")
    mask_zero: bool = choice(True, "Mask", "Token 0 is padding and is not looked at.")

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise LayerError(f"Embedding needs tokens, but what comes before gives {size(shape)}")
        return (shape[0], self.output_dim)

    def parameters(self, shape: Shape) -> int:
        return self.input_dim * self.output_dim

    def build(self, name: str, seed: int, dtype: str, regularizer: Any) -> Any:
        import keras

        start = keras.initializers.RandomUniform(seed=seed)
        return keras.layers.Embedding(
            **self.arguments(), name=name, dtype=dtype, embeddings_initializer=start
        )


class Positions(Layer):
    """A vector of its place, added to each token's; see :mod:`dlcore.layers.own.positions`."""

    source: ClassVar[str] = "positions"
    type: Literal["Positions"] = "Positions"
    length: int = number(40, 1, 100_000, "Length", "Places that have a vector.")
    learned: bool = choice(True, "Learned", "Else sines of the place.")

    def parameters(self, shape: Shape) -> int:
        return self.length * shape[-1] if self.learned else 0

    def flops(self, shape: Shape) -> int:
        return prod(shape) * (1 if self.learned else 2)

    def build(self, name: str, seed: int, dtype: str, regularizer: Any) -> Any:
        import keras

        start = keras.initializers.RandomUniform(seed=seed)
        return self.keras_class(**self.arguments(), initializer=start, name=name, dtype=dtype)


class LayerNormalization(Layer):
    """Each token's vector with mean 0 and variance 1, then scaled and moved (Ba et al. 2016)."""

    type: Literal["LayerNormalization"] = "LayerNormalization"

    def parameters(self, shape: Shape) -> int:
        return 2 * shape[-1]

    def flops(self, shape: Shape) -> int:
        return 8 * prod(shape)


class MultiHeadAttention(Layer):
    """Every token looks at all others and takes from them what it needs (Vaswani et al. 2017).

    After one layer tokens look at one another; after two, those of the first look at those of the second.
    """

    looks: ClassVar[bool] = True
    type: Literal["MultiHeadAttention"] = "MultiHeadAttention"
    num_heads: int = number(4, 1, 32, "Heads", "Ways of looking, side by side.")
    key_dim: int = number(16, 1, 256, "Width of a head", "Numbers by which tokens find one another.")
    dropout: float = number(0, 0, 0.8, "Dropout", "Share of looks silenced in training.", step=0.05)

    def join(self, *shapes: Shape) -> Shape:
        if any(len(shape) != 2 for shape in shapes):
            raise LayerError(f"Attention needs steps of vectors, received {' and '.join(map(size, shapes))}")
        return shapes[0]

    def taken(self, values: list[Value]) -> list[Any]:
        return [values[0], values[-1]]

    def parameters(self, shape: Shape) -> int:
        inner = self.num_heads * self.key_dim
        return 3 * (shape[-1] + 1) * inner + (inner + 1) * shape[-1]

    def flops(self, shape: Shape) -> int:
        steps, inner = shape[0], self.num_heads * self.key_dim
        return 2 * steps * self.parameters(shape) + 4 * steps * steps * inner

    def build(self, name: str, seed: int, dtype: str, regularizer: Any) -> Any:
        import keras

        class Distinct(keras.initializers.GlorotUniform):
            """Keras copies what it is given for each of the four kernels: with another seed each."""

            def get_config(self) -> dict[str, Any]:
                self.copies = getattr(self, "copies", 0) + 1
                return {"seed": seed + 100 * self.copies}

        return keras.layers.MultiHeadAttention(
            **self.arguments(),
            name=name,
            dtype=dtype,
            seed=seed,
            kernel_initializer=Distinct(seed=seed),
            kernel_regularizer=regularizer,
        )


class AttentionPooling(Layer):
    """The mean of all steps, weighed; see :mod:`dlcore.layers.own.attention_pooling`."""

    source: ClassVar[str] = "attention_pooling"
    type: Literal["AttentionPooling"] = "AttentionPooling"

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 2:
            raise LayerError(f"AttentionPooling needs steps of vectors, received {size(shape)}")
        return (shape[-1],)

    def parameters(self, shape: Shape) -> int:
        return shape[-1]

    def flops(self, shape: Shape) -> int:
        return 4 * prod(shape) + 3 * shape[0]
