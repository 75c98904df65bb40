"""Sequence to sequence (Sutskever et al. 2014), with Bahdanau's attention (Bahdanau et al. 2015) or without."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from dlcore.language.pair_model import PADDING, PairModel, initializers


class Seq2Seq(PairModel):
    """A recurrent encoder reads the source; a recurrent decoder writes the target, one token a step.

    Without attention all the decoder has of the source is the state that the encoder ends in. With attention it
    looks back at every step: each place of the source is scored by a small network that compares it with the
    decoder's state.

    Args:
        architecture: Has ``cell`` (lstm or gru), ``units``, ``embedding``, ``bidirectional``, ``attention``,
            ``teacher_forcing`` and ``dropout``.
        problem: Has ``input_shape`` (S,), ``target_shape`` (T,), ``vocabulary`` and ``target_vocabulary``.
    """

    def __init__(self, architecture: Any, problem: Any, seed: int, precision: str = "float32"):
        super().__init__(name="seq2seq", dtype=precision)
        self.teacher_forcing, self.attention = architecture.teacher_forcing, architecture.attention
        (self.longest,), (self.length,) = problem.input_shape, problem.target_shape
        units, start, dtype = architecture.units, initializers(seed), precision
        lstm = architecture.cell == "lstm"

        def recurrent(kind: Any, name: str, **options: Any) -> Any:
            orthogonal = keras.initializers.Orthogonal(seed=1000 * seed + len(name))
            return kind(
                units,
                kernel_initializer=start(),
                recurrent_initializer=orthogonal,
                dtype=dtype,
                name=name,
                **options,
            )

        def embedding(size: int, name: str) -> Any:
            return layers.Embedding(
                size, architecture.embedding, embeddings_initializer=start(), dtype=dtype, name=name
            )

        def dense(size: int, name: str, **options: Any) -> Any:
            return layers.Dense(size, kernel_initializer=start(), name=name, **{"dtype": dtype} | options)

        self.source_embedding = embedding(problem.vocabulary, "source_embedding")
        self.target_embedding = embedding(problem.target_vocabulary, "target_embedding")
        self.dropout = layers.Dropout(architecture.dropout, seed=seed, dtype=dtype)
        kind, every = layers.LSTM if lstm else layers.GRU, {"return_sequences": True, "return_state": True}
        self.forward = recurrent(kind, "forward", **every)
        self.backward = None
        if architecture.bidirectional:
            self.backward = recurrent(kind, "backward", go_backwards=True, **every)
        self.cell = recurrent(layers.LSTMCell if lstm else layers.GRUCell, "decoder")
        if self.attention:
            self.key = dense(units, "attention_key", use_bias=False)
            self.query = dense(units, "attention_query")
            self.score = dense(1, "attention_score", use_bias=False)
        self.answer = dense(problem.target_vocabulary, "answer", activation="softmax", dtype="float32")
        self.coin = keras.random.SeedGenerator(seed)
        self((ops.zeros((1, *problem.input_shape), "int32"), ops.zeros((1, *problem.target_shape), "int32")))

    def call(self, inputs: Any, training: bool = False) -> Any:
        source, written = self.both(inputs)
        memory, states = self.encode(source, training)
        embedded = self.dropout(self.target_embedding(written), training=training)
        outputs: list[Any] = []
        for place in range(written.shape[1]):
            token = embedded[:, place]
            if training and outputs and self.teacher_forcing < 1:
                token = self._maybe_own(token, outputs[-1])
            output, states, _ = self._advance(token, memory, states)
            outputs.append(output)
        return self.answer(self.dropout(ops.stack(outputs, axis=1), training=training))

    def encode(self, source: Any, training: bool = False) -> tuple[Any, Any]:
        mask = source != PADDING
        embedded = self.dropout(self.source_embedding(source), training=training)
        values, *states = self.forward(embedded, mask=mask, training=training)
        if self.backward is not None:
            back, *others = self.backward(embedded, mask=mask, training=training)
            values = ops.concatenate([values, ops.flip(back, axis=1)], axis=-1)
            states = [(one + other) / 2 for one, other in zip(states, others, strict=True)]
        keys = [self.key(values)] if self.attention else []
        return [mask, values, *keys], states

    def step(self, tokens: Any, place: Any, memory: Any, states: Any) -> tuple[Any, Any, Any]:
        output, states, weights = self._advance(self.target_embedding(tokens), memory, states)
        return self.answer(output), states, weights

    def _advance(self, token: Any, memory: Any, states: Any) -> tuple[Any, Any, Any]:
        """The decoder's output of one step, from an embedded token (n, embedding)."""
        mask, values, *keys = memory
        if not keys:
            output, states = self.cell(token, states)
            return output, states, ops.zeros_like(mask, dtype="float32")
        scores = self.score(ops.tanh(keys[0] + self.query(states[0])[:, None]))[..., 0]
        scores = ops.where(mask, ops.cast(scores, "float32"), -1e9)
        weights = ops.softmax(scores)
        context = ops.einsum("ns,nsv->nv", ops.cast(weights, values.dtype), values)
        output, states = self.cell(ops.concatenate([token, context], axis=-1), states)
        return ops.concatenate([output, context], axis=-1), states, weights

    def _maybe_own(self, token: Any, output: Any) -> Any:
        """The true token, or sometimes the one it would have written (scheduled sampling, Bengio et al. 2015)."""
        own = self.target_embedding(ops.argmax(self.answer(output), axis=-1))
        draws = keras.random.uniform((ops.shape(token)[0], 1), seed=self.coin)
        return ops.where(draws < self.teacher_forcing, token, own)
