"""GPT-2 in Keras: a transformer decoder that predicts the next token.

Radford et al. 2019, "Language Models are Unsupervised Multitask Learners". Read it from the bottom up: a
decoder is a stack of blocks; a block mixes words with attention, then thinks about each with an MLP;
each adds what it found to what was there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import keras
from keras import layers, ops

from dlcore.language.attention import append, attend, causal_mask, merge_heads, split_heads
from dlcore.language.common import Cache, Config, LayerNorm, Start, Tensor, normal


@dataclass(frozen=True)
class GPT2Config(Config):
    """The names and defaults of a checkpoint's ``config.json``."""

    vocab_size: int = 50257
    n_positions: int = 1024
    n_embd: int = 768
    n_layer: int = 12
    n_head: int = 12
    n_inner: int | None = None
    layer_norm_epsilon: float = 1e-5
    dropout: float = 0.0
    """Of our own trainings; a checkpoint is only used, never trained here."""

    ONLY: ClassVar = {
        "activation_function": ("gelu_new", "gelu_fast", "gelu_pytorch_tanh"),  # one formula
        "scale_attn_weights": (True,),
        "scale_attn_by_inverse_layer_idx": (False,),
        "add_cross_attention": (False,),
        "tie_word_embeddings": (True,),
    }

    def __post_init__(self) -> None:
        self._divides("n_head", "n_embd")

    @property
    def context(self) -> int:
        """The most tokens the network can look at."""
        return self.n_positions

    @property
    def blocks(self) -> int:
        return self.n_layer


def gelu(x: Tensor) -> Tensor:
    """x · Φ(x), nearly (Hendrycks and Gimpel 2016), as GPT-2 was trained with: a smooth ReLU."""
    # 0.5 · (1 + tanh(z)) = sigmoid(2z), here with z = sqrt(2/π) · (x + 0.044715 · x³).
    twice = 2 * math.sqrt(2 / math.pi)
    return x * ops.sigmoid(x * (twice + twice * 0.044715 * ops.square(x)))


class Block(layers.Layer):
    """Attention, then an MLP; each on the normalised input, each added to it ("pre-norm")."""

    def __init__(self, config: GPT2Config, start: Start, name: str, seed: int | None = None):
        super().__init__(name=name)
        self.heads = config.n_head
        width, inner = config.n_embd, config.n_inner or 4 * config.n_embd
        # What is added to the stream starts smaller the more blocks add to it.
        small = (2 * config.n_layer) ** -0.5
        self.ln_1 = LayerNorm(epsilon=config.layer_norm_epsilon, name="ln_1")
        self.c_attn = layers.Dense(3 * width, kernel_initializer=start(), name="c_attn")
        self.attn_proj = layers.Dense(width, kernel_initializer=start(small), name="attn_c_proj")
        self.ln_2 = LayerNorm(epsilon=config.layer_norm_epsilon, name="ln_2")
        self.c_fc = layers.Dense(inner, kernel_initializer=start(), name="c_fc")
        self.mlp_proj = layers.Dense(width, kernel_initializer=start(small), name="mlp_c_proj")
        self.dropout = layers.Dropout(config.dropout, seed=seed)

    def build(self, shape: Any) -> None:
        self.ln_1.build(shape)
        self.c_attn.build(shape)
        self.attn_proj.build(shape)
        self.ln_2.build(shape)
        self.c_fc.build(shape)
        self.mlp_proj.build((*shape[:-1], self.c_fc.units))
        self.built = True

    def call(
        self,
        x: Tensor,
        mask: Tensor,
        tokens: Any,
        past: tuple[Tensor, Tensor] | None = None,
        training: bool = False,
    ) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
        """From the stream (batch · tokens, width), a row for each token, to the changed stream.

        Returns it, this block's keys and values, and its attention weights.
        """
        three = split_heads(self.c_attn(self.ln_1(x)), 3 * self.heads, tokens)
        queries, keys, values = ops.split(three, 3, axis=1)
        if past is not None:
            keys, values = append(past[0], keys, tokens), append(past[1], values, tokens)
        mixed, weights = attend(queries, keys, values, mask)
        x = x + self.dropout(self.attn_proj(merge_heads(mixed)), training=training)
        thought = self.mlp_proj(gelu(self.c_fc(self.ln_2(x))))
        return x + self.dropout(thought, training=training), (keys, values), weights


class GPT2(keras.Model):
    """From tokens (batch, n) to the logits of the token after each, (batch, n, vocab_size).

    The first and the last matrix are one: what a token means going in is what it means coming out. ``seed``
    decides what dropout silences.
    """

    EMBEDDING = "wte.weight"
    """The first matrix in a checkpoint; some hold the same one as ``lm_head.weight`` only."""

    def __init__(self, config: GPT2Config, start: Start = normal, seed: int | None = None):
        super().__init__(name="gpt2")
        self.config = config
        self.wte = layers.Embedding(config.vocab_size, config.n_embd, start(), name="wte")
        self.wpe = layers.Embedding(config.n_positions, config.n_embd, start(), name="wpe")
        seeds = [None if seed is None else seed + i for i in range(config.n_layer + 1)]
        self.blocks = [Block(config, start, f"h_{i}", seeds[i]) for i in range(config.n_layer)]
        self.ln_f = LayerNorm(epsilon=config.layer_norm_epsilon, name="ln_f")
        self.dropout = layers.Dropout(config.dropout, seed=seeds[-1])

    def build(self, shape: Any = None) -> None:
        stream = (None, self.config.n_embd)
        self.wte.build((None, None))
        self.wpe.build((None, None))
        for block in self.blocks:
            block.build(stream)
        self.ln_f.build(stream)
        self.built = True

    def call(self, tokens: Tensor, training: bool = False) -> Tensor:
        hidden, _, _ = self.run(tokens, None, training=training)
        return self.logits(hidden)

    def run(
        self, tokens: Tensor, cache: Cache | None, before: Any = 0, training: bool = False
    ) -> tuple[Tensor, Cache, list[Tensor]]:
        """The stream after the last block for new ``tokens`` (batch, n) after those ``before`` in the cache,
        which has room for all of them.

        Returns it, (batch, n, n_embd), with the longer cache and the attention of every block,
        (batch, heads, n, n) without a cache, with one (batch, heads, n, places).
        """
        batch, new = ops.shape(tokens)
        width = self.config.n_embd
        x = self.wte(tokens) + self.wpe(before + ops.arange(new))
        x = self.dropout(ops.reshape(x, (-1, width)), training=training)
        mask = causal_mask(new, before, new if cache is None else ops.shape(cache[0][0])[2])
        longer, attention = [], []
        for i, block in enumerate(self.blocks):
            past = None if cache is None else cache[i]
            x, kept, weights = block(x, mask, tokens=new, past=past, training=training)
            longer.append(kept)
            attention.append(weights)
        return ops.reshape(self.ln_f(x), (batch, new, width)), longer, attention

    def logits(self, hidden: Tensor) -> Tensor:
        return ops.matmul(hidden, ops.transpose(self.wte.embeddings))

    def empty_cache(self, batch: int, room: int) -> Cache:
        """A cache for this number of tokens of each text."""
        heads, size = self.config.n_head, self.config.n_embd // self.config.n_head
        empty = ops.zeros((batch, heads, room, size))
        return [(empty, empty) for _ in self.blocks]

    def tensors(self) -> Iterator[tuple[str, Any, bool]]:
        """Every variable by its name in a checkpoint, and whether it is stored there transposed."""
        yield "wte.weight", self.wte.embeddings, False
        yield "wpe.weight", self.wpe.embeddings, False
        for i, block in enumerate(self.blocks):
            parts = {
                "ln_1": block.ln_1,
                "attn.c_attn": block.c_attn,
                "attn.c_proj": block.attn_proj,
                "ln_2": block.ln_2,
                "mlp.c_fc": block.c_fc,
                "mlp.c_proj": block.mlp_proj,
            }
            for name, layer in parts.items():
                norm = isinstance(layer, LayerNorm)
                yield f"h.{i}.{name}.weight", layer.gamma if norm else layer.kernel, False
                yield f"h.{i}.{name}.bias", layer.beta if norm else layer.bias, False
        yield "ln_f.weight", self.ln_f.gamma, False
        yield "ln_f.bias", self.ln_f.beta, False
