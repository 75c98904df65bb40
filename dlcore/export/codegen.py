"""The same recipe as a Keras script or notebook: what the sliders mean, to read and to take home."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dlcore.layers import Layer, MultiHeadAttention, Recurrent, Weighted
from dlcore.network import INPUT, Network
from dlcore.recipe import Recipe

FIRST_ARGUMENTS = ("units", "filters", "rate", "pool_size", "activation")
"""Positional in Keras, and clear without their name."""


def script(recipe: Recipe) -> str:
    """A Python script that needs only keras (and numpy or scikit-learn for embedded data)."""
    return "\n\n".join(code for _, code in cells(recipe)) + "\n"


def notebook(recipe: Recipe) -> str:
    """A Jupyter notebook (nbformat 4) with a line of text before each part."""
    written: list[dict[str, Any]] = []
    for index, (title, code) in enumerate(cells(recipe)):
        for kind, text in (("markdown", f"## {title}"), ("code", code)):
            cell: dict[str, Any] = {
                "cell_type": kind,
                "id": f"{kind}-{index}",
                "metadata": {},
                "source": text.splitlines(keepends=True),
            }
            if kind == "code":
                cell |= {"execution_count": None, "outputs": []}
            written.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": written, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def cells(recipe: Recipe) -> list[tuple[str, str]]:
    """(title, code) of each part."""
    sources = modules(recipe)
    return [
        ("Set-up", _imports(recipe)),
        (f"Data: {recipe.dataset.title}", recipe.dataset.code(recipe.training.seed)),
        *(sources or [*layers(recipe), ("Network", network(recipe))]),
        *([("Networks", chains)] if (chains := _chains(recipe)) else []),
        *([("The model", _model(recipe))] if sources else []),
        ("Training", _training(recipe)),
        (recipe.task.code_title, recipe.task.code(recipe)),
    ]


def _imports(recipe: Recipe) -> str:
    wanted = {"import keras", *recipe.dataset.imports}
    if recipe.architecture.sources or "np." in recipe.task.code(recipe):
        wanted.add("import numpy as np")
    if recipe.architecture.files:
        wanted.add("from safetensors.numpy import load_file")
    if recipe.training.schedule == "cosine":
        wanted.add("import math")
    standard = [line for line in sorted(wanted) if line.split()[1].split(".")[0] in sys.stdlib_module_names]
    others = sorted(wanted - {*standard}, key=lambda line: (line.startswith("from"), line))
    lines = [*standard, "", *others] if standard else others
    return "\n".join([*lines, "", f"keras.utils.set_random_seed({recipe.training.seed})"])


def network(recipe: Recipe) -> str:
    """The network alone: ``keras.Sequential`` for a chain, else the functional interface."""
    if not recipe.network.chain:
        return "\n".join(filter(None, [_functional(recipe), recipe.architecture.network_code()]))
    layers = _layers(recipe.network, _regularizer(recipe), _augmentation(recipe))
    return f"model = keras.Sequential([\n{layers}\n])\nmodel.summary()"


def _chains(recipe: Recipe) -> str:
    """The networks that a generative model is given."""
    return "\n\n".join(
        f'{name} = keras.Sequential([\n{_layers(recipe.parts[name])}\n], name="{name}")\n{name}.summary()'
        for name in recipe.architecture.given
    )


def _layers(network: Network, regularizer: str = "", augmentation: Sequence[str] = ()) -> str:
    """The layers of a chain, one a line."""
    lines = [f"    {_input(network)},"]
    lines += [f"    keras.layers.{layer},  # in training only" for layer in augmentation]
    lines += [f"    {layer.code(_arguments(layer, regularizer))}," for layer in network.layers]
    return "\n".join(lines)


def _input(network: Network) -> str:
    dtype = f', dtype="{network.dtype}"' if network.dtype != "float32" else ""
    return f"keras.Input({network.input_shape}{dtype})"


def _functional(recipe: Recipe) -> str:
    """One line a layer. Its values are ``x`` where the next layer alone takes them, else they have its name."""
    graph, regularizer = recipe.network, _regularizer(recipe)
    rows = graph.rows()
    takers: dict[int, list[int]] = {}
    for index in range(len(rows)):
        for place in graph.inputs_of(index):
            takers.setdefault(place, []).append(index)
    values = {
        index: "x" if takers.get(index, [index + 1]) == [index + 1] else row.name
        for index, row in enumerate(rows)
    }
    values[INPUT] = "inputs"
    lines = [f"inputs = {_input(recipe.network)}"]
    for layer_code in _augmentation(recipe):
        lines.append(f"x = keras.layers.{layer_code}({values[INPUT]})  # in training only")
        values[INPUT] = "x" if len(takers[INPUT]) == 1 else "augmented"
        lines[-1] = lines[-1].replace("x = ", f"{values[INPUT]} = ", 1)
    for index, layer in enumerate(graph.layers):
        before = [values[place] for place in graph.inputs_of(index)]
        taken = ", ".join(
            f"[{', '.join(one)}]" if isinstance(one, list) else one for one in layer.taken(before)
        )
        arguments = _arguments(layer, regularizer)
        if recipe.architecture.files:  # which know the layers by name
            arguments = ", ".join(filter(None, [arguments, f'name="{rows[index].name}"']))
        lines.append(f"{values[index]} = {layer.code(arguments)}({taken})")
    kind = recipe.architecture.model_class
    return "\n".join([*lines, f"model = {kind}(inputs, {values[len(rows) - 1]})", "model.summary()"])


def _arguments(layer: Layer, regularizer: str) -> str:
    arguments: list[str] = []
    for name, value in layer.arguments().items():
        text = (
            f"{value:g}"
            if isinstance(value, float)
            else json.dumps(value)
            if isinstance(value, str)
            else str(value)
        )
        if not arguments and name in FIRST_ARGUMENTS:
            arguments.append(text)
        elif layer.keras_defaults.get(name) != value and value != "linear":
            arguments.append(f"{name}={text}")
    if regularizer and isinstance(layer, Weighted | Recurrent | MultiHeadAttention):
        arguments.append(f"kernel_regularizer={regularizer}")
    return ", ".join(arguments)


def _regularizer(recipe: Recipe) -> str:
    network = recipe.network
    l1, l2 = network.l1, network.l2
    if l1 and l2:
        return f"keras.regularizers.L1L2({l1:g}, {l2:g})"
    if l1 or l2:
        return f"keras.regularizers.L1({l1:g})" if l1 else f"keras.regularizers.L2({l2:g})"
    return ""


def _augmentation(recipe: Recipe) -> list[str]:
    """The layers that change training images, as code."""
    wanted, layers = recipe.training.augmentation, []
    nearest = 'fill_mode="nearest"'
    if wanted.flip:
        layers.append('RandomFlip("horizontal")')
    if wanted.rotation:
        layers.append(f"RandomRotation({wanted.rotation / 360:.4g}, {nearest})")
    if wanted.shift:
        layers.append(f"RandomTranslation({wanted.shift:g}, {wanted.shift:g}, {nearest})")
    if wanted.zoom:
        layers.append(f"RandomZoom((-{wanted.zoom:g}, {wanted.zoom:g}), {nearest})")
    if wanted.noise:
        layers.append(f"GaussianNoise({wanted.noise:g})")
    return layers


def modules(recipe: Recipe) -> list[tuple[str, str]]:
    """(title, source) of the modules that a model is made of: the code that runs here, too."""
    sources = []
    for name in recipe.architecture.sources:
        path = Path(__file__).parents[1].joinpath(*name.split(".")).with_suffix(".py")
        sources.append((path.stem.replace("_", " ").capitalize(), _source(path)))
    return sources


def layers(recipe: Recipe) -> list[tuple[str, str]]:
    """(title, source) of the network's layers that Keras does not have."""
    own = [*(layer.source for layer in recipe.network.layers), recipe.architecture.model_source]
    names = dict.fromkeys(filter(None, own))
    folder = Path(__file__).parents[1] / "layers" / "own"
    return [(name.replace("_", " ").capitalize(), _source(folder / f"{name}.py")) for name in names]


def _source(path: Path) -> str:
    """A module's code, without what it imports of the future and of ours."""
    imports = r"^from (__future__|dlcore\S*) import (\([^)]*\)|.*)\n"
    return re.sub(imports, "", path.read_text(), flags=re.M).strip()


def _model(recipe: Recipe) -> str:
    problem = recipe.problem
    fields = "".join(f"    {name}={value!r},\n" for name, value in recipe.architecture.model_dump().items())
    known = asdict(problem)
    given = [f"{name}={value!r}" for name, value in known.items() if value or name == "classes"]
    name = type(recipe.architecture).__name__
    parts = "".join(f", {part}={part}" for part in recipe.architecture.given)
    return (
        "from types import SimpleNamespace\n\n"
        f"architecture = SimpleNamespace(\n{fields})\n"
        f"problem = SimpleNamespace({', '.join(given)})\n"
        f"model = {name}(architecture, problem, seed={recipe.training.seed}{parts})"
    )


def _training(recipe: Recipe) -> str:
    training = recipe.training
    rate = f"{training.learning_rate:g}"
    makers = {
        "sgd": f"SGD({rate})",
        "momentum": f"SGD({rate}, momentum=0.9)",
        "rmsprop": f"RMSprop({rate})",
        "adam": f"Adam({rate})",
        "adamw": f"AdamW({rate})",
    }
    callbacks = []
    if training.schedule == "cosine":
        callbacks.append(
            "LearningRateScheduler(\n"
            f"        lambda epoch: {rate} * (0.01 + 0.99 * (1 + math.cos(math.pi * epoch"
            f" / {training.epochs})) / 2)\n    )"
        )
    if training.schedule == "reduce on plateau":
        patience = max(1, training.patience // 2)
        callbacks.append(f"ReduceLROnPlateau(factor=0.5, patience={patience})")
    if training.early_stopping:
        callbacks.append(f"EarlyStopping(patience={training.patience}, restore_best_weights=True)")
    lines = "".join(f"    keras.callbacks.{callback},\n" for callback in callbacks)
    return (
        recipe.task.code_before(recipe)
        + recipe.architecture.before_code(recipe)
        + f"model.compile(\n    optimizer=keras.optimizers.{makers[training.optimizer]},\n"
        + "".join(
            f"    {name}={json.dumps(value)},\n"
            for name, value in recipe.task.compiled(recipe.problem).items()
        )
        + ")\n"
        + (f"callbacks = [\n{lines}]\n" if callbacks else "")
        + f"history = model.fit(\n    {recipe.architecture.learned_code(recipe)}, {'x' if recipe.task.itself else 'y'}_train,\n"
        f"    batch_size={training.batch_size},\n    epochs={training.epochs},\n"
        "    validation_split=validation_split,\n"
        + ("    callbacks=callbacks,\n" if callbacks else "")
        + ")"
        + recipe.architecture.after_code(recipe)
    )
