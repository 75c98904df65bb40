"""BERT and DistilBERT in Keras: transformer encoders that read a whole text and classify it.

Devlin et al. 2018, "BERT"; Sanh et al. 2019, "DistilBERT": half the blocks, no segments, no pooler. Unlike
GPT's, a word here looks both ways, and what is added is normalised after the addition ("post-norm").
The first token, [CLS], gathers what the classifier needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import keras
from keras import layers, ops

from dlcore.language.attention import MASKED, attend, merge_heads, split_heads
from dlcore.language.common import Config, LayerNorm, Start, Tensor, normal

MOST_LABELS = 10_000


@dataclass(frozen=True)
class EncoderConfig(Config):
    """What BERT and DistilBERT have in common."""

    vocab_size: int = 30522
    max_position_embeddings: int = 512
    dropout: float = 0.1
    id2label: dict[str, str] = field(default_factory=lambda: {"0": "NEGATIVE", "1": "POSITIVE"})

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        labels = _labels(raw)
        if len(labels) == 1 and raw.get("problem_type") == "regression":
            raw = raw | {"problem_type": None}  # what one output always is
        return super().from_json(raw | {"id2label": labels})

    @property
    def context(self) -> int:
        """The most tokens the network can look at."""
        return self.max_position_embeddings

    @property
    def blocks(self) -> int:
        return int(self.num_hidden_layers)  # type: ignore[attr-defined]


def _labels(raw: dict[str, Any]) -> dict[str, str]:
    """The classes' names by their number; one that has none is LABEL_0, LABEL_1, …

    A file that names no classes has as many as it says, and two unless it says. Raises ValueError.
    """
    labels, count = raw.get("id2label"), raw.get("num_labels") or 2
    if not labels:
        if not isinstance(count, int) or not 0 < count <= MOST_LABELS:
            raise ValueError(f"num_labels: expected 1 to {MOST_LABELS}, received {repr(count)[:60]}")
        labels = dict.fromkeys(map(str, range(count)))
    if not isinstance(labels, dict):
        raise ValueError(f"id2label: expected an object, received {repr(labels)[:60]}")
    if labels.keys() != set(map(str, range(len(labels)))):
        raise ValueError(f"id2label: expected the keys 0, 1, …, received {', '.join(labels)[:60]}")
    return {key: f"LABEL_{key}" if name in (None, "") else str(name)[:100] for key, name in labels.items()}


@dataclass(frozen=True)
class BertConfig(EncoderConfig):
    """The names and defaults of a BERT checkpoint's ``config.json``."""

    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12

    ONLY: ClassVar = {
        "hidden_act": ("gelu", "gelu_python"),
        "position_embedding_type": ("absolute",),
        "is_decoder": (False,),
        "add_cross_attention": (False,),
        "problem_type": (None, "single_label_classification"),
    }

    def __post_init__(self) -> None:
        self._divides("num_attention_heads", "hidden_size")


@dataclass(frozen=True)
class DistilBertConfig(EncoderConfig):
    """The names and defaults of a DistilBERT checkpoint's ``config.json``."""

    dim: int = 768
    n_layers: int = 6
    n_heads: int = 12
    hidden_dim: int = 3072

    ONLY: ClassVar = {
        "activation": ("gelu", "gelu_python"),
        "problem_type": (None, "single_label_classification"),
    }

    def __post_init__(self) -> None:
        self._divides("n_heads", "dim")

    # The same numbers under BERT's names, so that one network serves both.
    hidden_size = property(lambda self: self.dim)
    num_hidden_layers = property(lambda self: self.n_layers)
    num_attention_heads = property(lambda self: self.n_heads)
    intermediate_size = property(lambda self: self.hidden_dim)
    layer_norm_eps = 1e-12
    type_vocab_size = 0


class Block(layers.Layer):
    """Attention, then an MLP; each added to its input, each sum normalised."""

    def __init__(self, config: Any, start: Start, name: str):
        super().__init__(name=name)
        self.heads = config.num_attention_heads
        width, inner, eps = config.hidden_size, config.intermediate_size, config.layer_norm_eps
        self.query = layers.Dense(width, kernel_initializer=start(), name="query")
        self.key = layers.Dense(width, kernel_initializer=start(), name="key")
        self.value = layers.Dense(width, kernel_initializer=start(), name="value")
        self.out = layers.Dense(width, kernel_initializer=start(), name="out")
        self.attention_norm = LayerNorm(epsilon=eps, name="attention_norm")
        self.inner = layers.Dense(inner, kernel_initializer=start(), name="inner")
        self.outer = layers.Dense(width, kernel_initializer=start(), name="outer")
        self.output_norm = LayerNorm(epsilon=eps, name="output_norm")
        self.dropout = layers.Dropout(config.dropout)

    def build(self, shape: Any) -> None:
        for layer in (self.query, self.key, self.value, self.out, self.attention_norm):
            layer.build(shape)
        self.inner.build(shape)
        self.outer.build((*shape[:-1], self.inner.units))
        self.output_norm.build(shape)
        self.built = True

    def call(self, x: Tensor, mask: Tensor, tokens: Any, training: bool = False) -> tuple[Tensor, Tensor]:
        """From the stream (batch · tokens, width), a row for each token, to the changed stream.

        Returns it, and the attention weights (batch, heads, tokens, tokens).
        """
        queries, keys, values = (
            split_heads(part(x), self.heads, tokens) for part in (self.query, self.key, self.value)
        )
        mixed, weights = attend(queries, keys, values, mask)
        x = self.attention_norm(x + self.dropout(self.out(merge_heads(mixed)), training=training))
        thought = self.outer(ops.gelu(self.inner(x), approximate=False))
        return self.output_norm(x + self.dropout(thought, training=training)), weights


class Classifier(keras.Model):
    """From tokens (batch, n) to the logits of the classes, (batch, classes)."""

    def __init__(self, config: BertConfig | DistilBertConfig, start: Start = normal):
        super().__init__()
        self.config = config
        width = config.hidden_size
        self.words = layers.Embedding(config.vocab_size, width, start(), name="words")
        self.positions = layers.Embedding(config.context, width, start(), name="positions")
        self.segments = (
            layers.Embedding(config.type_vocab_size, width, start(), name="segments")
            if config.type_vocab_size
            else None
        )
        self.norm = LayerNorm(epsilon=config.layer_norm_eps, name="norm")
        self.blocks = [Block(config, start, f"layer_{i}") for i in range(config.num_hidden_layers)]
        self.pooler = layers.Dense(width, self.pooler_activation, kernel_initializer=start(), name="pooler")
        self.classifier = layers.Dense(len(config.id2label), kernel_initializer=start(), name="classifier")
        self.dropout = layers.Dropout(config.dropout)

    pooler_activation = "tanh"

    def build(self, shape: Any = None) -> None:
        stream = (None, self.config.hidden_size)
        self.words.build((None, None))
        self.positions.build((None, None))
        if self.segments is not None:
            self.segments.build((None, None))
        self.norm.build(stream)
        for block in self.blocks:
            block.build(stream)
        self.pooler.build((None, self.config.hidden_size))
        self.classifier.build((None, self.config.hidden_size))
        self.built = True

    def call(self, inputs: tuple[Tensor, Tensor], training: bool = False) -> Tensor:
        """``inputs``: tokens and their mask (1 a token, 0 filling), each (batch, n)."""
        tokens, mask = inputs
        return self.run(self.words(tokens), mask, training)[0]

    def run(self, words: Tensor, mask: Tensor, training: bool = False) -> tuple[Tensor, list[Tensor]]:
        """The logits for word vectors (batch, n, width), and the attention of every block,
        (batch, heads, n, n). Explanations change the vectors and come in here."""
        batch, tokens, width = ops.shape(words)
        x = words + self.positions(ops.arange(tokens))
        if self.segments is not None:
            x = x + self.segments.embeddings[0]  # one text, one segment
        x = self.dropout(self.norm(ops.reshape(x, (-1, width))), training=training)
        bias = (1 - ops.cast(mask, x.dtype))[:, None, None, :] * MASKED
        attention = []
        for block in self.blocks:
            x, weights = block(x, bias, tokens=tokens, training=training)
            attention.append(weights)
        gathered = self.pooler(ops.reshape(x, (batch, tokens, width))[:, 0])
        return self.classifier(self.dropout(gathered, training=training)), attention

    def _tensors(self, names: dict[str, Any]) -> Iterator[tuple[str, Any, bool]]:
        for name, layer in names.items():
            if isinstance(layer, layers.Embedding):
                yield f"{name}.weight", layer.embeddings, False
            elif isinstance(layer, LayerNorm):
                yield f"{name}.weight", layer.gamma, False
                yield f"{name}.bias", layer.beta, False
            else:
                yield f"{name}.weight", layer.kernel, True  # PyTorch keeps (outputs, inputs)
                yield f"{name}.bias", layer.bias, False


class Bert(Classifier):
    """BERT with a classifier on its pooled first token."""

    def tensors(self) -> Iterator[tuple[str, Any, bool]]:
        """Every variable by its name in a checkpoint, and whether it is stored there transposed."""
        names = {
            "embeddings.word_embeddings": self.words,
            "embeddings.position_embeddings": self.positions,
            "embeddings.token_type_embeddings": self.segments,
            "embeddings.LayerNorm": self.norm,
            "pooler.dense": self.pooler,
            "classifier": self.classifier,
        }
        for i, block in enumerate(self.blocks):
            at = f"encoder.layer.{i}"
            names |= {
                f"{at}.attention.self.query": block.query,
                f"{at}.attention.self.key": block.key,
                f"{at}.attention.self.value": block.value,
                f"{at}.attention.output.dense": block.out,
                f"{at}.attention.output.LayerNorm": block.attention_norm,
                f"{at}.intermediate.dense": block.inner,
                f"{at}.output.dense": block.outer,
                f"{at}.output.LayerNorm": block.output_norm,
            }
        yield from self._tensors(names)


class DistilBert(Classifier):
    """DistilBERT with a classifier; its "pre-classifier" is where BERT has its pooler."""

    pooler_activation = "relu"

    def tensors(self) -> Iterator[tuple[str, Any, bool]]:
        """Every variable by its name in a checkpoint, and whether it is stored there transposed."""
        names = {
            "embeddings.word_embeddings": self.words,
            "embeddings.position_embeddings": self.positions,
            "embeddings.LayerNorm": self.norm,
            "pre_classifier": self.pooler,
            "classifier": self.classifier,
        }
        for i, block in enumerate(self.blocks):
            at = f"transformer.layer.{i}"
            names |= {
                f"{at}.attention.q_lin": block.query,
                f"{at}.attention.k_lin": block.key,
                f"{at}.attention.v_lin": block.value,
                f"{at}.attention.out_lin": block.out,
                f"{at}.sa_layer_norm": block.attention_norm,
                f"{at}.ffn.lin1": block.inner,
                f"{at}.ffn.lin2": block.outer,
                f"{at}.output_layer_norm": block.output_norm,
            }
        yield from self._tensors(names)
