"""A network's call, compiled from the second answer on, while others are given without that.

Compiling takes up to seconds, and saves most of what each later call takes: TensorFlow then no longer starts every
layer from Python.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import numpy as np


class Forward:
    """Call it as the function that it is made of; answers are float32 arrays.

    Args:
        call: From tensors to a tensor, the same for the same.
        signature: ``tf.TensorSpec`` of each of its arguments.
    """

    def __init__(self, call: Callable[..., Any], *signature: Any):
        self._call, self._signature = call, signature
        self._compiled: Any = None
        self._answered = 0
        # No daemon: a process that ends while TensorFlow compiles would be aborted.
        self._thread = threading.Thread(target=self._compile)

    def __call__(self, *arguments: np.ndarray) -> np.ndarray:
        if self._compiled is not None:
            return np.asarray(self._compiled(*arguments), "float32")
        answer = np.asarray(self._call(*map(_tensor, arguments)), "float32")
        self._answered += 1
        if self._answered > 1 and self._thread.ident is None:  # a command with one question needs none
            with contextlib.suppress(RuntimeError):  # another caller was quicker
                self._thread.start()
        return answer

    def wait(self) -> None:
        """Until it is compiled, or cannot be."""
        self._thread.join()

    def _compile(self) -> None:
        import tensorflow as tf

        from dlcore.compute import lean

        compiled = tf.function(self._call, input_signature=self._signature, autograph=False)
        compiled(
            *(
                np.zeros([side or 1 for side in each.shape], each.dtype.as_numpy_dtype)
                for each in self._signature
            )
        )
        self._compiled = compiled
        lean.give_back()


def _tensor(array: np.ndarray) -> Any:
    import tensorflow as tf

    return tf.convert_to_tensor(array)


def forward(model: Any) -> Forward:
    """The one of a model for one example in a batch, (1, …) to (1, outputs), which the model keeps."""
    import tensorflow as tf

    kept: Forward | None = model.__dict__.get("forward_of_one")
    if kept is None:
        one = tf.TensorSpec((1, *model.inputs[0].shape[1:]), model.inputs[0].dtype)
        kept = model.__dict__["forward_of_one"] = Forward(lambda x: model(x, training=False), one)
    return kept
