"""A network that was trained here on texts, read as a :class:`Classifier`: for the Text page and what it explains."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from dlcore.cache import Cache
from dlcore.language.classifier import Classifier, Encoded
from dlcore.language.vocabulary import PAD, UNKNOWN
from dlcore.models import ModelInfo, UnknownModel, load, vocabularies
from dlcore.network import Network
from dlcore.runs.store import Store


class Masked(keras.layers.Layer):
    """Vectors (texts, tokens, width), with a mask that says which tokens are there."""

    def __init__(self) -> None:
        super().__init__()
        self.supports_masking = True

    def call(self, inputs: list[Any]) -> Any:
        return inputs[0]

    def compute_mask(self, inputs: list[Any], previous: Any) -> Any:
        return ops.cast(inputs[1], "bool")


class Opened:
    """A trained network cut open where its tokens have become vectors, and before its last layer.

    Args:
        model: The Keras model of ``network``, with an embedding in the beginning and a Dense layer at the end.
        network: Its description.
    """

    def __init__(self, model: keras.Model, network: Network):
        self.network = network
        self.layers = [model.get_layer(row.name) for row in network.rows()]
        self.first = next(i for i, layer in enumerate(network.layers) if layer.reads_tokens)
        self.masked = Masked()
        self.looks = any(layer.looks for layer in network.layers)

    def words(self, tokens: Any) -> Any:
        """The vectors of tokens: (…, tokens) to (…, tokens, width)."""
        return ops.take(self.layers[self.first].embeddings, tokens, axis=0)

    def run(self, vectors: Any, mask: Any) -> tuple[Any, list[Any]]:
        """Logits (texts, classes) of vectors (texts, tokens, width), of which ``mask`` says which are there.

        And of each layer that looks, how much each token looks at each other one: (texts, heads, from, to).
        """
        values, weights = {self.first: self.masked([vectors, mask])}, []
        for index in range(self.first + 1, len(self.layers) - 1):
            layer, described = self.layers[index], self.network.layers[index]
            taken = described.taken([values[i] for i in self.network.inputs_of(index)])
            if described.looks:
                values[index], looks = layer(*taken, return_attention_scores=True)
                weights.append(looks)
            else:
                values[index] = layer(*taken)
        last, before = self.layers[-1], values[self.network.inputs_of(len(self.layers) - 1)[0]]
        sums = ops.matmul(before, last.kernel) + last.bias
        if sums.shape[-1] == 1:  # a sigmoid: the log-odds of the second class
            sums = ops.concatenate([ops.zeros_like(sums), sums], axis=-1)
        return sums, weights


class Trained(Classifier):
    """A run that has learned to classify texts, with its vocabulary; compiled once.

    Raises UnknownModel where weights or vocabulary are gone or damaged, or it classifies no texts.
    """

    padding = PAD

    def __init__(self, store: Store, info: ModelInfo):
        recipe = info.recipe
        if not (recipe.classifies and recipe.problem.vocabulary):
            raise UnknownModel(f"model: {info.name} does not classify texts; choose a network that does")
        self.vocabulary = vocabularies(store, info)["text"]
        network = load(store, info)
        self.bytes = 4 * network.count_params()
        self.model = Opened(network, recipe.network)
        self.labels = list(recipe.dataset.classes)
        (self.context,) = recipe.problem.input_shape
        rows = tf.TensorSpec((None, self.context), "int32")
        self._compiled = tf.function(
            lambda tokens, mask: self.model.run(self.model.words(tokens), mask)[0],
            input_signature=[rows, rows],
            autograph=False,
        )

    def filled(self, length: int) -> int:
        """Its network takes texts of one length."""
        return self.context

    def encode(self, text: str) -> Encoded:
        tokens, spans = self.vocabulary.spans(text)
        read = tokens[: self.context]
        return Encoded(
            text,
            read,
            spans[: self.context],
            truncated=len(tokens) > self.context,
            unknown=bool(read) and set(read) == {UNKNOWN},
        )

    def names(self, tokens: list[int]) -> list[str]:
        return self.vocabulary.pieces(tokens)

    def _logits(self, tokens: np.ndarray, mask: np.ndarray) -> Any:
        return self._compiled(tokens, mask)

    def attention(self, tokens: list[int]) -> np.ndarray | None:
        if not self.model.looks:
            return None
        filled, mask = map(ops.convert_to_tensor, self.fill([tokens]))
        _, layers = self.model.run(self.model.words(filled), mask)
        count = len(tokens)
        return np.stack([np.asarray(weights)[0, :, :count, :count] for weights in layers])


_trained = Cache()


def trained(store: Store, info: ModelInfo) -> Trained:
    """The reader of a run, from memory where it has been used lately."""
    key = (info.source, info.name, info.version)
    return _trained.of(key, lambda: Trained(store, info), lambda new: new.bytes)
