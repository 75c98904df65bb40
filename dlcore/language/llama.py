"""Llama in Keras: the transformer decoder most open networks are built like today.

Touvron et al. 2023, "LLaMA"; SmolLM and TinyStories have the same shape. Against GPT-2 (read that file
first) four things changed: a stream is scaled but not centred (RMSNorm), positions turn the queries
and keys instead of being added to the words (rotary), heads share keys and values (grouped queries), and
the MLP decides with a second gate what passes (SwiGLU). No layer has a bias, none drops anything out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import keras
import numpy as np
from keras import layers, ops

from dlcore.language.attention import append, attend, causal_mask, merge_heads, split_heads
from dlcore.language.common import Cache, Config, Start, Tensor, normal


@dataclass(frozen=True)
class LlamaConfig(Config):
    """The names and defaults of a checkpoint's ``config.json``."""

    vocab_size: int = 32000
    hidden_size: int = 4096
    intermediate_size: int = 11008
    num_hidden_layers: int = 32
    num_attention_heads: int = 32
    num_key_value_heads: int | None = None
    """As many as there are heads unless said."""
    head_dim: int | None = None
    """hidden_size / num_attention_heads unless said."""
    max_position_embeddings: int = 2048
    rms_norm_eps: float = 1e-6
    rope_theta: float = 10000.0
    attention_bias: bool = False
    mlp_bias: bool = False
    tie_word_embeddings: bool = False

    ONLY: ClassVar = {"hidden_act": ("silu", "swish")}  # two names of one function

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        # Where positions are described has moved: what is called a scaling holds all of it today.
        name = "rope_scaling" if raw.get("rope_scaling") else "rope_parameters"
        rope = raw.get(name) or {}
        if not isinstance(rope, dict):
            raise ValueError(f"{name}: expected an object, received {rope!r}")
        kind = rope.get("rope_type", rope.get("type", "default"))
        if kind != "default":
            raise ValueError(f"rope_type in {name}: expected 'default', received {kind!r}")
        theta = rope.get("rope_theta", raw.get("rope_theta"))
        return super().from_json(raw if theta is None else raw | {"rope_theta": theta})

    def __post_init__(self) -> None:
        if self.head_dim is None:
            self._divides("num_attention_heads", "hidden_size")
        if self.num_key_value_heads is not None:
            self._divides("num_key_value_heads", "num_attention_heads")
        if self.head_size % 2:
            raise ValueError(
                f"head_dim: expected an even number, for rotary positions, received {self.head_size}"
            )

    @property
    def key_heads(self) -> int:
        return self.num_key_value_heads or self.num_attention_heads

    @property
    def head_size(self) -> int:
        return self.head_dim or self.hidden_size // self.num_attention_heads

    @property
    def context(self) -> int:
        """The most tokens the network can look at."""
        return self.max_position_embeddings

    @property
    def blocks(self) -> int:
        return self.num_hidden_layers


def turns(positions: Tensor, size: int, theta: float) -> tuple[Tensor, Tensor]:
    """Cosines and sines, (tokens, size), of the angles by which positions turn a head's vectors.

    Rotary position embedding (Su et al. 2021): two numbers of a vector are one point of a plane, turned by
    an angle that grows with the position, fast in the first plane and slowly in the last. How much
    two vectors have in common then depends on how far apart they stand, and not on where.
    """
    a_step = theta ** -(np.arange(0, size, 2, dtype="float32") / size)
    angles = ops.cast(positions, "float32")[:, None] * a_step
    # As in Hugging Face's checkpoints, a plane is made of number i and number i + size / 2.
    angles = ops.concatenate([angles, angles], axis=-1)
    return ops.cos(angles), ops.sin(angles)


def turn(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """The vectors of heads, (batch, heads, tokens, size), turned."""
    first, second = ops.split(x, 2, axis=-1)
    return x * cosines + ops.concatenate([-second, first], axis=-1) * sines


class Block(layers.Layer):
    """Attention, then an MLP; each on the normalised input, each added to it ("pre-norm")."""

    def __init__(self, config: LlamaConfig, start: Start, name: str):
        super().__init__(name=name)
        self.heads, self.key_heads = config.num_attention_heads, config.key_heads
        width, inner, eps = config.hidden_size, config.intermediate_size, config.rms_norm_eps

        def dense(units: int, name: str, bias: bool, scale: float = 1.0) -> layers.Dense:
            return layers.Dense(units, use_bias=bias, kernel_initializer=start(scale), name=name)

        # What is added to the stream starts smaller the more blocks add to it.
        small = (2 * config.num_hidden_layers) ** -0.5
        size, bias = config.head_size, config.attention_bias
        self.input_norm = layers.RMSNormalization(epsilon=eps, name="input_norm")
        self.query = dense(self.heads * size, "query", bias)
        self.key = dense(self.key_heads * size, "key", bias)
        self.value = dense(self.key_heads * size, "value", bias)
        self.out = dense(width, "out", bias, small)
        self.mlp_norm = layers.RMSNormalization(epsilon=eps, name="mlp_norm")
        self.gate = dense(inner, "gate", config.mlp_bias)
        self.up = dense(inner, "up", config.mlp_bias)
        self.down = dense(width, "down", config.mlp_bias, small)

    def build(self, shape: Any) -> None:
        for layer in (self.input_norm, self.query, self.key, self.value, self.mlp_norm):
            layer.build(shape)
        self.out.build((*shape[:-1], self.query.units))
        self.gate.build(shape)
        self.up.build(shape)
        self.down.build((*shape[:-1], self.up.units))
        self.built = True

    def call(
        self,
        x: Tensor,
        mask: Tensor,
        cosines: Tensor,
        sines: Tensor,
        tokens: Any,
        past: tuple[Tensor, Tensor] | None = None,
    ) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
        """From the stream (batch · tokens, width), a row for each token, to the changed stream.

        Returns it, this block's keys and values, and its attention weights.
        """
        normal = self.input_norm(x)
        queries = turn(split_heads(self.query(normal), self.heads, tokens), cosines, sines)
        keys = turn(split_heads(self.key(normal), self.key_heads, tokens), cosines, sines)
        values = split_heads(self.value(normal), self.key_heads, tokens)
        if past is not None:
            keys, values = append(past[0], keys, tokens), append(past[1], values, tokens)
        mixed, weights = attend(queries, keys, values, mask)
        x = x + self.out(merge_heads(mixed))
        normal = self.mlp_norm(x)
        thought = self.down(ops.silu(self.gate(normal)) * self.up(normal))
        return x + thought, (keys, values), weights


class Llama(keras.Model):
    """From tokens (batch, n) to the logits of the token after each, (batch, n, vocab_size)."""

    EMBEDDING = "embed_tokens.weight"
    """The first matrix in a checkpoint; where it is tied, some hold it as ``lm_head.weight`` only."""

    def __init__(self, config: LlamaConfig, start: Start = normal):
        super().__init__(name="llama")
        self.config = config
        self.words = layers.Embedding(config.vocab_size, config.hidden_size, start(), name="words")
        self.blocks = [Block(config, start, f"layer_{i}") for i in range(config.num_hidden_layers)]
        self.norm = layers.RMSNormalization(epsilon=config.rms_norm_eps, name="norm")
        self.head = (
            None
            if config.tie_word_embeddings
            else layers.Dense(config.vocab_size, use_bias=False, kernel_initializer=start(), name="head")
        )

    def build(self, shape: Any = None) -> None:
        stream = (None, self.config.hidden_size)
        self.words.build((None, None))
        for block in self.blocks:
            block.build(stream)
        self.norm.build(stream)
        if self.head is not None:
            self.head.build(stream)
        self.built = True

    def call(self, tokens: Tensor, training: bool = False) -> Tensor:
        hidden, _, _ = self.run(tokens, None, training=training)
        return self.logits(hidden)

    def run(
        self, tokens: Tensor, cache: Cache | None, before: Any = 0, training: bool = False
    ) -> tuple[Tensor, Cache, list[Tensor]]:
        """The stream after the last block for new ``tokens`` (batch, n) after those ``before`` in the cache,
        which has room for all of them.

        Returns it, (batch, n, hidden_size), with the longer cache and the attention of every block,
        (batch, heads, n, n) without a cache, with one (batch, heads, n, places). Training makes no difference here.
        """
        batch, new = ops.shape(tokens)
        width = self.config.hidden_size
        x = ops.reshape(self.words(tokens), (-1, width))
        positions = before + ops.arange(new)
        cosines, sines = turns(positions, self.config.head_size, self.config.rope_theta)
        mask = causal_mask(new, before, new if cache is None else ops.shape(cache[0][0])[2])
        longer, attention = [], []
        for i, block in enumerate(self.blocks):
            past = None if cache is None else cache[i]
            x, kept, weights = block(x, mask, cosines, sines, tokens=new, past=past)
            longer.append(kept)
            attention.append(weights)
        return ops.reshape(self.norm(x), (batch, new, width)), longer, attention

    def logits(self, hidden: Tensor) -> Tensor:
        if self.head is None:  # what a token means going in is what it means coming out
            return ops.matmul(hidden, ops.transpose(self.words.embeddings))
        return self.head(hidden)

    def empty_cache(self, batch: int, room: int) -> Cache:
        """A cache for this number of tokens of each text."""
        empty = ops.zeros((batch, self.config.key_heads, room, self.config.head_size))
        return [(empty, empty) for _ in self.blocks]

    def tensors(self) -> Iterator[tuple[str, Any, bool]]:
        """Every variable by its name in a checkpoint, and whether it is stored there transposed."""
        yield "embed_tokens.weight", self.words.embeddings, False
        for i, block in enumerate(self.blocks):
            dense = {
                "self_attn.q_proj": block.query,
                "self_attn.k_proj": block.key,
                "self_attn.v_proj": block.value,
                "self_attn.o_proj": block.out,
                "mlp.gate_proj": block.gate,
                "mlp.up_proj": block.up,
                "mlp.down_proj": block.down,
            }
            for name, layer in dense.items():
                yield f"layers.{i}.{name}.weight", layer.kernel, True
                if layer.use_bias:
                    yield f"layers.{i}.{name}.bias", layer.bias, False
            yield f"layers.{i}.input_layernorm.weight", block.input_norm.scale, False
            yield f"layers.{i}.post_attention_layernorm.weight", block.mlp_norm.scale, False
        yield "norm.weight", self.norm.scale, False
        if self.head is not None:
            yield "lm_head.weight", self.head.kernel, True
