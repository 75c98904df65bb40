"""The same recipe as a Keras script or notebook: what the sliders mean, to read and to take home."""

from __future__ import annotations

import inspect
import json
import re
import textwrap
from pathlib import Path
from typing import Any

from dlcore.datasets.drawn import Drawn
from dlcore.datasets.points import Points
from dlcore.datasets.uploaded import Uploaded
from dlcore.layers import Layer, Weighted
from dlcore.network import INPUT
from dlcore.recipe import Recipe

MODULES = {"vae": ("vae",), "gan": ("gan",), "diffusion": ("noise_schedule", "unet", "diffusion")}
"""Of ``dlcore.generative``; each needs only Keras, TensorFlow, NumPy and those before it."""
FIRST_ARGUMENTS = ("units", "filters", "rate", "pool_size", "activation")
"""Positional in Keras, and clear without their name."""


def script(recipe: Recipe) -> str:
    """A Python script that needs only keras (and numpy or scikit-learn for embedded data)."""
    return "\n\n".join(code for _, code in cells(recipe)) + "\n"


def notebook(recipe: Recipe) -> str:
    """A Jupyter notebook (nbformat 4) with a line of text before each part."""
    found: list[dict[str, Any]] = []
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
            found.append(cell)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": found, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def cells(recipe: Recipe) -> list[tuple[str, str]]:
    """(title, code) of each part."""
    if recipe.generative:
        return [
            ("Set-up", _imports(recipe)),
            (f"Data: {recipe.dataset.title}", _data(recipe)),
            *((title, code) for title, code in modules(recipe)),
            ("The model", _model(recipe)),
            ("Training", _training(recipe)),
            ("New examples", _samples(recipe)),
        ]
    return [
        ("Set-up", _imports(recipe)),
        (f"Data: {recipe.dataset.title}", _data(recipe)),
        ("Network", network(recipe)),
        ("Training", _training(recipe)),
        (
            "Test",
            "loss, accuracy = model.evaluate(x_test, y_test, verbose=0)\n"
            'print(f"test accuracy {accuracy:.1%}, loss {loss:.4f}")\n'
            'model.save("model.keras")',
        ),
    ]


def _imports(recipe: Recipe) -> str:
    lines = ["import keras"]
    if recipe.dataset.source != "download" or recipe.generative:
        lines.append("import numpy as np")
    if recipe.dataset.name == "digits":
        lines.append("from sklearn.datasets import load_digits")
    if recipe.training.schedule == "cosine":
        lines.insert(0, "import math\n")
    return "\n".join([*lines, "", f"keras.utils.set_random_seed({recipe.training.seed})"])


def _data(recipe: Recipe) -> str:
    dataset: Any = recipe.dataset
    if dataset.source == "download":
        shape = ", ".join(map(str, dataset.input_shape))
        return (
            f"(x_train, y_train), (x_test, y_test) = keras.datasets.{dataset.name}.load_data()\n"
            f'x_train = x_train[:{dataset.examples}].reshape(-1, {shape}).astype("float32") / 255\n'
            f"y_train = y_train[:{dataset.examples}].ravel()\n"
            f'x_test = x_test.reshape(-1, {shape}).astype("float32") / 255\n'
            "y_test = y_test.ravel()\n"
            f"validation_split = {dataset.validation_share}"
        )
    if isinstance(dataset, Points):
        made = _formula(dataset, recipe.training.seed)
    elif isinstance(dataset, Uploaded):
        made = _folder(dataset) + f"rng = np.random.default_rng({recipe.training.seed})"
    else:
        made = (
            "x, y = load_digits(return_X_y=True)\n"
            'x = x.reshape(-1, 8, 8, 1).astype("float32") / 16\n'
            f"rng = np.random.default_rng({recipe.training.seed})"
        )
    share = round(dataset.validation_share / (1 - dataset.test_share), 4)
    return (
        f"{made}\n"
        "order = rng.permutation(len(x))\n"
        "x, y = x[order], y[order]\n"
        f"test = round({dataset.test_share} * len(x))\n"
        "x_train, y_train, x_test, y_test = x[:-test], y[:-test], x[-test:], y[-test:]\n"
        f"validation_split = {share}  # of what is left for training"
    )


def _formula(dataset: Points, seed: int) -> str:
    """The body of the data set's own ``place``, so that there is only one formula to be right."""
    source = textwrap.dedent(inspect.getsource(type(dataset).place))
    body = textwrap.dedent(source[source.index("\n") + 1 :])
    body = body.replace("self.noise", str(dataset.noise))
    body = body.replace("len(self.classes)", str(len(dataset.classes)))
    body = re.sub(r"^return ", "x = ", body, flags=re.MULTILINE).rstrip()
    drawn = ""
    if isinstance(dataset, Drawn):
        body = body.replace("self.strokes", "strokes")
        points = textwrap.fill(str([list(stroke) for stroke in dataset.strokes]), 96)
        drawn = f"# drawn points (x, y), one list for each colour\nstrokes = {points}\n"
    return (
        f"{drawn}"
        f"rng = np.random.default_rng({seed})\n"
        f"labels = np.arange({dataset.examples}) % {len(dataset.classes)}\n"
        f"{body}\n"
        'x, y = x.astype("float32"), labels'
    )


def _folder(dataset: Uploaded) -> str:
    """Pictures from a folder, cut and scaled as ``dlcore.pictures.fit`` does it."""
    code = (
        'folder = "pictures"  # put your pictures here, each into a folder named after its class\n'
        "loaded = keras.utils.image_dataset_from_directory(\n"
        f"    folder, class_names={list(dataset.classes)}, batch_size=None, shuffle=False,\n"
        f'    image_size=({dataset.side}, {dataset.side}), interpolation="lanczos3",\n'
        f'    color_mode="{"rgb" if dataset.colour else "grayscale"}", crop_to_aspect_ratio=True,\n'
        ")\n"
        "x, y = (np.array(part) for part in zip(*loaded.as_numpy_iterator()))\n"
        'x = x.clip(0, 255).astype("float32") / 255\n'
    )
    if not dataset.colour:
        code += (
            "border = np.concatenate([x[:, 0], x[:, -1], x[:, :, 0], x[:, :, -1]], axis=1)\n"
            "light = np.median(border, axis=(1, 2)) > 0.5\n"
            "x[light] = 1 - x[light]  # everything on a dark ground\n"
        )
    return code


def network(recipe: Recipe) -> str:
    """The network alone: ``keras.Sequential`` for a chain, else the functional interface."""
    return _sequential(recipe) if recipe.network.chain else _functional(recipe)


def _sequential(recipe: Recipe) -> str:
    regularizer = _regularizer(recipe)
    lines = [f"    keras.Input({recipe.network.input_shape}),"]
    lines += [f"    keras.layers.{layer},  # in training only" for layer in _augmentation(recipe)]
    for layer in recipe.network.layers:
        lines.append(f"    keras.layers.{layer.type}({_arguments(layer, regularizer)}),")
    return "model = keras.Sequential([\n" + "\n".join(lines) + "\n])\nmodel.summary()"


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
    lines = [f"inputs = keras.Input({graph.input_shape})"]
    for layer_code in _augmentation(recipe):
        lines.append(f"x = keras.layers.{layer_code}({values[INPUT]})  # in training only")
        values[INPUT] = "x" if len(takers[INPUT]) == 1 else "augmented"
        lines[-1] = lines[-1].replace("x = ", f"{values[INPUT]} = ", 1)
    for index, layer in enumerate(graph.layers):
        before = [values[place] for place in graph.inputs_of(index)]
        taken = before[0] if len(before) == 1 else f"[{', '.join(before)}]"
        lines.append(
            f"{values[index]} = keras.layers.{layer.type}({_arguments(layer, regularizer)})({taken})"
        )
    return "\n".join([*lines, f"model = keras.Model(inputs, {values[len(rows) - 1]})", "model.summary()"])


def _arguments(layer: Layer, regularizer: str) -> str:
    found: list[str] = []
    for name, value in layer.arguments().items():
        text = (
            f"{value:g}"
            if isinstance(value, float)
            else json.dumps(value)
            if isinstance(value, str)
            else str(value)
        )
        if not found and name in FIRST_ARGUMENTS:
            found.append(text)
        elif layer.keras_defaults.get(name) != value and value != "linear":
            found.append(f"{name}={text}")
    if regularizer and isinstance(layer, Weighted):
        found.append(f"kernel_regularizer={regularizer}")
    return ", ".join(found)


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
    """(title, source) of the modules that a generative model is made of: the code that runs here, too."""
    found = []
    for name in MODULES[recipe.architecture.kind]:
        source = (Path(__file__).parent / "generative" / f"{name}.py").read_text()
        source = re.sub(r"^from (__future__|dlcore\S*) import (\([^)]*\)|.*)\n", "", source, flags=re.M)
        found.append((name.replace("_", " ").capitalize(), source.strip()))
    return found


def _model(recipe: Recipe) -> str:
    problem = recipe.dataset.problem
    fields = "".join(f"    {name}={value!r},\n" for name, value in recipe.architecture.model_dump().items())
    name = type(recipe.architecture).__name__
    return (
        "from types import SimpleNamespace\n\n"
        f"architecture = SimpleNamespace(\n{fields})\n"
        f"problem = SimpleNamespace(input_shape={problem.input_shape}, classes={problem.classes})\n"
        f"model = {name}(architecture, problem, seed={recipe.training.seed})"
    )


def _samples(recipe: Recipe) -> str:
    """Sixteen pictures as a PNG file, or a thousand points as text."""
    points = recipe.dataset.modality == "points"
    count = 1000 if points else 16
    labels = f"np.arange({count}) % {len(recipe.dataset.classes)}" if recipe.told else "None"
    code = (
        f"latents = np.random.default_rng(0).normal(size=({count}, *model.latent_shape))\n"
        f"samples = model.sample(latents, {labels})\n"
    )
    if points:
        code += 'np.savetxt("samples.csv", samples, delimiter=",")\n'
    else:
        height, width, channels = recipe.dataset.input_shape
        code += (
            f"sheet = samples.reshape(4, 4, {height}, {width}, {channels}).swapaxes(1, 2)\n"
            f"sheet = sheet.reshape({4 * height}, {4 * width}, {channels})\n"
            'keras.utils.array_to_img(sheet).save("samples.png")\n'
        )
    return code + 'model.save_weights("model.weights.h5")'


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
    binary = recipe.dataset.problem.binary
    loss = "binary_crossentropy" if binary else "sparse_categorical_crossentropy"
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
        f"model.compile(\n    optimizer=keras.optimizers.{makers[training.optimizer]},\n"
        + ("" if recipe.generative else f'    loss="{loss}",\n    metrics=["accuracy"],\n')
        + ")\n"
        + (f"callbacks = [\n{lines}]\n" if callbacks else "")
        + "history = model.fit(\n    x_train, y_train,\n"
        f"    batch_size={training.batch_size},\n    epochs={training.epochs},\n"
        "    validation_split=validation_split,\n" + ("    callbacks=callbacks,\n" if callbacks else "") + ")"
    )
