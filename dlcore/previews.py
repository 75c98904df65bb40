"""What there is to look at after an epoch, as JSON: a decision boundary, or example predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore.datasets.base import Part, scaled

if TYPE_CHECKING:
    import keras

GRID = 60
PICTURES = 20


def probabilities(model: keras.Model, x: np.ndarray, batch_size: int = 512) -> np.ndarray:
    """Class probabilities of shape (n, classes), also for a model with one sigmoid output.

    ``x`` is float32, or uint8 of which each batch is scaled.

    Called on the model itself, not through ``predict``: that keeps state on the model, which a training
    in another thread may be using.
    """
    parts = [
        np.asarray(model(scaled(x[i : i + batch_size]), training=False), "float32")
        for i in range(0, len(x), batch_size)
    ]
    found = np.concatenate(parts)
    return np.concatenate([1 - found, found], axis=1) if found.shape[1] == 1 else found


def preview(model: keras.Model, modality: str, validation: Part) -> dict[str, Any]:
    """What to draw for this kind of data: see the two functions below."""
    return boundary(model, validation) if modality == "points" else guesses(model, validation)


def boundary(model: keras.Model, validation: Part) -> dict[str, Any]:
    """Class probabilities on a square grid of ``GRID``×``GRID`` points that holds all the data.

    ``axis`` has the coordinates along either side; ``grid[c][row][column]`` is the probability of class
    c at y = axis[row], x = axis[column], in percent.
    """
    reach = float(np.abs(validation.x).max()) * 1.1
    axis = np.linspace(-reach, reach, GRID, dtype="float32")
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    percent = (100 * probabilities(model, points, len(points))).round().astype(int)
    grid = percent.T.reshape(-1, GRID, GRID)
    return {"kind": "boundary", "axis": axis.round(3).tolist(), "grid": grid.tolist()}


def guesses(model: keras.Model, validation: Part) -> dict[str, Any]:
    """The model's answer for the first validation pictures; the pictures themselves are in ``examples``."""
    found = probabilities(model, validation[:PICTURES].kept)
    return {
        "kind": "guesses",
        "predicted": found.argmax(axis=1).tolist(),
        "probability": found.max(axis=1).round(3).tolist(),
    }


def examples(modality: str, validation: Part) -> dict[str, Any]:
    """The data that every preview of a run is drawn over, written once."""
    if modality == "points":
        return {"x": validation[:500].x.round(3).tolist(), "y": validation.y[:500].tolist()}
    pixels = (255 * validation[:PICTURES].x).round().astype(int)
    return {"x": pixels.tolist(), "y": validation.y[:PICTURES].tolist()}
