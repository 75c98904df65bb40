"""A GPT that is trained here: GPT-2's network in any size, and its loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from dlcore.language.gpt2 import GPT2, GPT2Config


class GPT(GPT2):
    """From tokens (batch, n) to the logits of the token after each, (batch, n, vocabulary).

    Args:
        architecture: ``blocks``, ``heads``, ``width`` and ``dropout``.
        problem: ``input_shape``, (context,), and ``vocabulary``, the number of tokens.
        seed: Decides the weights and what dropout silences.
    """

    def __init__(self, architecture: Any, problem: Any, seed: int):
        config = GPT2Config(
            vocab_size=problem.vocabulary,
            n_positions=problem.input_shape[0],
            n_embd=architecture.width,
            n_layer=architecture.blocks,
            n_head=architecture.heads,
            dropout=architecture.dropout,
        )
        made: list[Any] = []

        def start(scale: float = 1.0) -> Any:
            """Each weight begins with random numbers of its own."""
            made.append(keras.initializers.RandomNormal(0.02 * scale, seed=1000 * seed + len(made)))
            return made[-1]

        super().__init__(config, start, 1000 * seed)
        self.build()

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """Cross-entropy in nats a token: the mean surprise at the token that comes next."""
        logits = ops.cast(y_pred, "float32")
        return ops.mean(ops.sparse_categorical_crossentropy(y, logits, from_logits=True))
