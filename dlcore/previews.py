"""What there is to look at after an epoch, as JSON: a decision boundary, or example predictions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from math import prod
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore.parts import Data, Part, count, mapped, scaled

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Predict

BATCH = 512
"""Examples that a model is called on at once, at most."""
ACTIVATIONS = 60_000_000
"""Numbers that its layers may answer with then: 240 MB."""
GRID = 60
IMAGES = 20


def at_once(model: keras.Model) -> int:
    """Examples that a model is called on at once: fewer where all its layers' answers, which Keras holds until the
    last is there, would need much memory."""
    numbers = 1
    for layer in getattr(model, "layers", ()):
        with suppress(AttributeError, ValueError):  # a layer without one output
            numbers += prod(size or 1 for size in layer.output.shape[1:])
    return max(1, min(BATCH, ACTIVATIONS // numbers))


def outputs(model: keras.Model, x: Data, batch_size: int = 0) -> np.ndarray:
    """A model's outputs for examples, as float32; ``x`` as :attr:`Part.kept`, of which each batch is scaled.

    Called on the model itself, not through ``predict``: that keeps state on the model, which a training
    in another thread may be using.
    """
    batch_size = batch_size or at_once(model)
    call = looped(model)
    parts = [
        np.asarray(call(scaled(mapped(itemgetter(slice(i, i + batch_size)), x))), "float32")
        for i in range(0, count(x), batch_size)
    ]
    return np.concatenate(parts)


def looped(model: keras.Model) -> Callable[[Any], Any]:
    """The model's call. One that goes from step to step is compiled, and keeps that: a step from Python is slow."""
    import keras

    known: Callable[[Any], Any] | None = model.__dict__.get("compiled_loop")
    if known is not None:
        return known

    def call(x: Any) -> Any:
        return model(x, training=False)

    inputs, loops = getattr(model, "inputs", None), (keras.layers.RNN, keras.layers.Bidirectional)
    recurrent = any(isinstance(layer, loops) for layer in getattr(model, "layers", ()))
    if not recurrent or not inputs or len(inputs) > 1 or keras.backend.backend() != "tensorflow":
        return call
    import tensorflow as tf

    (given,) = inputs
    shape = tf.TensorSpec((None, *given.shape[1:]), given.dtype)
    compiled = model.__dict__["compiled_loop"] = tf.function(call, input_signature=[shape], autograph=False)
    return compiled


def probabilities(model: keras.Model, x: Data, batch_size: int = 0) -> np.ndarray:
    """Class probabilities of shape (n, classes), also for a model with one sigmoid output."""
    return of_outputs(outputs(model, x, batch_size))


def of_outputs(answers: np.ndarray) -> np.ndarray:
    """The same of what a classifier's last layer answers."""
    return np.concatenate([1 - answers, answers], axis=1) if answers.shape[1] == 1 else answers


def boundary(predict: Predict, validation: Part) -> dict[str, Any]:
    """Class probabilities on a square grid of ``GRID``×``GRID`` points that holds all the data.

    ``axis`` has the coordinates along either side; ``grid[c][row][column]`` is the probability of class
    c at y = axis[row], x = axis[column], in percent.
    """
    reach = float(np.abs(validation.x).max()) * 1.1
    axis = np.linspace(-reach, reach, GRID, dtype="float32")
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    percent = (100 * predict(points)).round().astype(int)
    grid = percent.T.reshape(-1, GRID, GRID)
    return {"kind": "boundary", "axis": axis.round(3).tolist(), "grid": grid.tolist()}


def predictions(predict: Predict, validation: Part) -> dict[str, Any]:
    """The answers for the first validation images; the images themselves are in ``examples``."""
    predicted = predict(validation[:IMAGES].kept)
    return {
        "kind": "guesses",
        "predicted": predicted.argmax(axis=1).tolist(),
        "probability": predicted.max(axis=1).round(3).tolist(),
    }


def pixels(images: np.ndarray) -> list[Any]:
    """Images of any shape with values in [0, 1], or of bytes, as lists of whole numbers from 0 to 255."""
    if images.dtype != np.uint8:
        images = (255 * images).round().astype(int)
    return list(images.tolist())
