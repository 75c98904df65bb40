"""The gates of a trained recurrent network while it reads one window of the test part."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.datasets import Split
from dlcore.datasets.series import window_view
from dlcore.layers import Recurrent
from dlcore.recipe import Recipe


def gated_layers(recipe: Recipe) -> dict[str, tuple[int, bool]]:
    """By title, the place in its network of each layer with gates, and whether it is read from the end."""
    network = recipe.parts.get("network")
    if network is None or not recipe.task.windows:
        return {}
    found = {}
    for place, (layer, row) in enumerate(zip(network.layers, network.rows(), strict=True)):
        if isinstance(layer, Recurrent) and layer.shown:
            found[row.name] = (place, False)
            if layer.bidirectional:
                found[f"{row.name}, read from the end"] = (place, True)
    return found


def gates_over_window(recipe: Recipe, model: Any, split: Split, window: int, title: str) -> dict[str, Any]:
    """What the layer ``title`` of :func:`gated_layers` does at every step of one window.

    Returns ``count``, the number of windows; ``window``, the view of this one with what is ``predicted``; and
    ``gates``, lists of (steps, units) by name, in the order of time.
    """
    one = split.test[window : window + 1]
    place, backward = gated_layers(recipe)[title]
    steps = layer_steps(recipe, model, one.x, place, backward=backward)
    layer: Any = recipe.parts["network"].layers[place]
    predicted = recipe.dataset.forecasts(split, one, recipe.task.predict(model, one.kept))[0]
    return {
        "count": len(split.test),
        "window": window_view(recipe.dataset, split, one) | {"predicted": predicted.tolist()},
        "gates": {name: steps[name].round(3).tolist() for name in layer.shown},
    }


def layer_steps(
    recipe: Recipe, model: Any, x: np.ndarray, place: int, *, backward: bool = False
) -> dict[str, np.ndarray]:
    """All that the layer at ``place`` computes of one example ``x`` (1, steps, values), in the order of time."""
    import keras

    network = recipe.parts["network"]
    built = model.get_layer(network.rows()[place].name)
    given = keras.Model(model.inputs[0], built.input)(x, training=False)
    series = np.asarray(given, "float32")[0]
    layer: Any = network.layers[place]
    if layer.bidirectional:
        built = built.backward_layer if backward else built.forward_layer
    steps = layer.steps(series[::-1] if backward else series, *map(np.asarray, built.get_weights()))
    return {name: values[::-1] if backward else values for name, values in steps.items()}
