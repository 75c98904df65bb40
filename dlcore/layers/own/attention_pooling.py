"""All steps of a text in one vector, each as much as it matters (after Bahdanau et al. 2014)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("dlcore")
class AttentionPooling(keras.layers.Layer):
    """The mean of all steps, weighed by the softmax of a score that each step has; padding weighs nothing.

    Takes (batch, steps, width), gives (batch, width).
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.supports_masking = True

    def build(self, shape: Any) -> None:
        self.score = self.add_weight((shape[-1],), "zeros", name="score")
        self.built = True

    def weigh(self, x: Any, mask: Any = None) -> Any:
        """The weight of each step, (batch, steps): at first all steps weigh the same."""
        scores = ops.matmul(x, ops.cast(self.score, x.dtype)[:, None])[..., 0]
        if mask is not None:
            scores = ops.where(mask, scores, ops.full_like(scores, -1e4))
        return ops.softmax(scores, axis=-1)

    def call(self, x: Any, mask: Any = None) -> Any:
        return ops.sum(self.weigh(x, mask)[..., None] * x, axis=1)

    def compute_mask(self, x: Any, mask: Any = None) -> None:
        return None

    def compute_output_shape(self, shape: Any) -> tuple[Any, ...]:
        return (shape[0], shape[-1])
