"""A network's call on one example, compiled from the second answer on, while others are given without that.

Compiling takes seconds for a deep network, and saves most of what each later call takes: TensorFlow then no longer
starts every layer from Python.
"""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import numpy as np


class Forward:
    """Call it with one example in a batch: (1, …) to (1, outputs)."""

    def __init__(self, model: Any):
        self.model = model
        self._compiled: Any = None
        self._answered = 0
        # No daemon: a process that ends while TensorFlow compiles would be aborted.
        self._thread = threading.Thread(target=self._compile)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        if self._compiled is not None:
            return np.asarray(self._compiled(x), "float32")
        answer = np.asarray(self.model(x, training=False), "float32")
        self._answered += 1
        if self._answered > 1 and self._thread.ident is None:  # a command for one picture needs none
            with contextlib.suppress(RuntimeError):  # another caller was quicker
                self._thread.start()
        return answer

    def wait(self) -> None:
        """Until it is compiled, or cannot be."""
        self._thread.join()

    def _compile(self) -> None:
        import tensorflow as tf

        model = self.model
        shape = (1, *model.inputs[0].shape[1:])
        call = tf.function(
            lambda x: model(x, training=False), input_signature=[tf.TensorSpec(shape, model.inputs[0].dtype)]
        )
        call(np.zeros(shape, model.inputs[0].dtype))
        self._compiled = call


def forward(model: Any) -> Forward:
    """The one of a model, which it keeps."""
    kept: Forward | None = model.__dict__.get("forward_of_one")
    if kept is None:
        kept = model.__dict__["forward_of_one"] = Forward(model)
    return kept
