"""The code that is taken home builds the recipe's network on the recipe's data, and trains it."""

from __future__ import annotations

import ast
import json
import re

import numpy as np
import pytest
from exported import run_alone

from dlcore.architectures import ARCHITECTURES
from dlcore.datasets import DATASETS
from dlcore.export.codegen import cells, modules, network, notebook, script
from dlcore.recipe import Recipe
from dlcore.training import compiled

pytestmark = pytest.mark.slow

RECIPES = {
    name: Recipe.parse(data)
    for name, data in {
        "spiral, two classes": {
            "dataset": {"name": "spiral", "examples": 300, "noise": 0.2},
            "training": {"epochs": 2, "seed": 3},
        },
        "gaussians, three classes": {
            "dataset": {"name": "gaussians", "examples": 200},
            "architecture": {
                "kind": "mlp",
                "hidden": [{"units": 9, "activation": "linear"}],
                "dropout": 0.25,
                "l1": 0.001,
            },
            "training": {"epochs": 3, "optimizer": "momentum", "learning_rate": 0.05},
        },
        "digits, everything on": {
            "dataset": {"name": "digits", "validation_share": 0.2, "test_share": 0.1},
            "architecture": {
                "kind": "cnn",
                "blocks": [{"filters": 4, "convolutions": 2}, {"filters": 6, "kernel_size": 5}],
                "pooling": "average",
                "head": "global average",
                "dense": [{"units": 12, "activation": "tanh"}],
                "dropout": 0.3,
                "batch_normalization": True,
                "l1": 0.0005,
                "l2": 0.001,
            },
            "training": {
                "epochs": 2,
                "batch_size": 100,
                "optimizer": "adamw",
                "schedule": "cosine",
                "early_stopping": True,
                "augmentation": {"flip": True, "rotation": 10, "shift": 0.1, "zoom": 0.1, "noise": 0.1},
            },
        },
        "digits, own layers": {
            "dataset": "digits",
            "architecture": {
                "kind": "custom",
                "layers": [
                    {"type": "Conv2D", "filters": 5, "strides": 2, "padding": "same"},
                    {"type": "BatchNormalization"},
                    {"type": "Activation", "activation": "swish"},
                    {"type": "MaxPooling2D", "pool_size": 3, "padding": "same"},
                    {"type": "Flatten"},
                    {"type": "Dropout", "rate": 0.1},
                    {"type": "Dense", "units": 11, "activation": "selu"},
                ],
            },
            "training": {"epochs": 1, "optimizer": "rmsprop", "schedule": "reduce on plateau"},
        },
        "digits, skips": {
            "dataset": "digits",
            "architecture": {"kind": "resnet", "stages": 2, "blocks": 1, "width": 4, "l2": 0.001},
            "training": {"epochs": 1, "augmentation": {"flip": True, "shift": 0.1}},
        },
        "digits, branches": {
            "dataset": "digits",
            "architecture": {"kind": "inception", "width": 4},
            "training": {"epochs": 1},
        },
        "digits, noise taken away": {
            "dataset": "digits",
            "architecture": {"kind": "autoencoder", "form": "convolutional", "width": 4, "noise": 0.3},
            "training": {"epochs": 1},
        },
        "drawn points": {
            "dataset": {"name": "drawn", "noise": 0.2, "blue": [[1.5, -2], [0.25, 1]]},
            "training": {"epochs": 1},
        },
        "mnist": {
            "dataset": {"name": "mnist", "examples": 1000},
            "architecture": {"kind": "mlp", "hidden": [{"units": 4}], "l2": 0.001},
            "training": {"epochs": 1, "optimizer": "sgd"},
        },
        "cifar10": {
            "dataset": "cifar10",
            "architecture": {"kind": "cnn", "blocks": [{"filters": 3}], "dense": []},
            "training": {"epochs": 1},
        },
    }.items()
}

RUNNER = """
import json, os, sys
import keras
import numpy as np

def arrived(side, depth):
    rng = np.random.default_rng(1)
    def part(n):
        shape = (n, side, side) + ((depth,) if depth else ())
        labels = (np.arange(n) % 10).astype("uint8")
        return rng.integers(256, size=shape, dtype="uint8"), labels[:, None] if depth else labels
    return lambda: (part(1200), part(200))

keras.datasets.mnist.load_data = arrived(28, 0)  # what a download would bring, only less of it
keras.datasets.cifar10.load_data = arrived(32, 3)
found = {}
for name, code in json.load(sys.stdin).items():
    space = {}
    exec(compile(code, name, "exec"), space)
    model = space["model"]
    np.savez(name, x=np.concatenate([space["x_train"], space["x_test"]]),
             y=np.concatenate([space["y_train"], space["y_test"]]))
    found[name] = {
        "parameters": model.count_params(),
        "layers": [[type(layer).__name__, layer.get_config()] for layer in model.layers],
        "loss": space["history"].history["loss"],
        "rate": float(model.optimizer.get_config()["learning_rate"]),
        "optimizer": type(model.optimizer).__name__,
        "momentum": getattr(model.optimizer, "momentum", None),
        "compiled_loss": model.loss,
        "test": len(space["x_test"]),
        "train": len(space["x_train"]),
        "validation_split": space["validation_split"],
        "saved": os.path.exists("model.keras"),
    }
print(json.dumps(found, default=str))
"""


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """What each script did, all of them in one process with Keras alone: no dlcore on its path."""
    folder = tmp_path_factory.mktemp("home")
    printed = run_alone(RUNNER, {name: script(recipe) for name, recipe in RECIPES.items()}, folder)
    answer = json.loads(printed.splitlines()[-1])
    for name in answer:
        with np.load(folder / f"{name}.npz") as arrays:
            answer[name] |= {"x": arrays["x"], "y": arrays["y"]}
    return answer


@pytest.fixture(params=RECIPES)
def case(request, executed):
    """(recipe, what its script did)"""
    return RECIPES[request.param], executed[request.param]


IN_TRAINING_ONLY = ("RandomFlip", "RandomRotation", "RandomTranslation", "RandomZoom")
SAME = (
    *("units", "filters", "kernel_size", "strides", "padding", "pool_size", "rate"),
    *("activation", "epsilon", "momentum", "use_bias"),
)


def penalty(config: dict) -> tuple[float, float]:
    """(l1, l2): Keras has a class for the two together and one for each alone."""
    found = (config.get("kernel_regularizer") or {}).get("config", {})
    return found.get("l1", 0), found.get("l2", 0)


def test_it_has_the_recipes_parameters(case):
    recipe, done = case
    assert done["parameters"] == recipe.network.describe()["parameters"]


def test_it_has_the_recipes_layers_with_their_arguments(case):
    recipe, done = case
    beside = (*IN_TRAINING_ONLY, "GaussianNoise", "InputLayer")
    theirs = [layer for layer in done["layers"] if layer[0] not in beside]
    ours = [[type(layer).__name__, layer.get_config()] for layer in compiled(recipe).layers]
    ours = [layer for layer in ours if layer[0] not in beside]
    assert [kind for kind, _ in theirs] == [kind for kind, _ in ours]
    ours = json.loads(json.dumps(ours, default=str))
    for (kind, their_config), (_, our_config) in zip(theirs, ours, strict=True):
        for argument in SAME:
            assert their_config.get(argument) == our_config.get(argument), (kind, argument)
        assert penalty(their_config) == pytest.approx(penalty(our_config))


def test_it_has_the_recipes_augmentation(executed):
    layers = dict(executed["digits, everything on"]["layers"])
    assert [name for name in layers if name in (*IN_TRAINING_ONLY, "GaussianNoise")] == [
        *IN_TRAINING_ONLY,
        "GaussianNoise",
    ]
    assert layers["RandomFlip"]["mode"] == "horizontal"
    degrees = [360 * part for part in layers["RandomRotation"]["factor"]]
    assert degrees == pytest.approx([-10, 10], rel=0.01)
    assert layers["RandomTranslation"]["height_factor"] == 0.1
    assert layers["RandomZoom"]["height_factor"] == [-0.1, 0.1]
    assert layers["GaussianNoise"]["stddev"] == 0.1
    plain = {kind for kind, _ in executed["digits, own layers"]["layers"]}
    assert not plain & set(IN_TRAINING_ONLY)


def test_it_trains_as_the_recipe_says(case):
    recipe, done = case
    model = compiled(recipe)
    assert len(done["loss"]) == recipe.training.epochs and np.isfinite(done["loss"]).all()
    assert done["optimizer"] == type(model.optimizer).__name__
    assert done["momentum"] == getattr(model.optimizer, "momentum", None)
    assert done["compiled_loss"] == model.loss
    if recipe.training.schedule == "constant":
        assert done["rate"] == pytest.approx(recipe.training.learning_rate)
    assert done["saved"]


def test_it_has_the_recipes_data(case):
    recipe, done = case
    if recipe.dataset.source == "download":
        assert done["train"] == min(recipe.dataset.examples, 1200) and done["test"] == 200
        assert done["x"].shape[1:] == recipe.dataset.input_shape
        assert done["x"].min() == 0 and done["x"].max() == 1 and done["y"].ndim == 1
        return
    split = recipe.dataset.load(recipe.training.seed)
    parts = (split.train, split.validation, split.test)

    def rows(x, y):
        return sorted(
            (*row, label) for row, label in zip(x.reshape(len(x), -1).tolist(), y.tolist(), strict=True)
        )

    ours = rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in "xy"))
    assert rows(done["x"], done["y"]) == ours


def test_its_parts_are_as_large_as_the_recipes(case):
    recipe, done = case
    if recipe.dataset.source == "download":
        assert done["validation_split"] == recipe.dataset.validation_share
        return
    split = recipe.dataset.load(1)
    assert done["test"] == len(split.test)
    validation = done["train"] * done["validation_split"]
    assert validation == pytest.approx(len(split.validation), abs=1)


def architecture(kind: str) -> dict:
    flat = [{"type": "Flatten"}, {"type": "Dense"}]
    return {"kind": kind, "layers": flat} if kind == "custom" else {"kind": kind}


EVERY = [
    Recipe.parse({"dataset": name, "architecture": architecture(kind)})
    for name, dataset in DATASETS.items()
    for kind in ARCHITECTURES
    if not dataset().missing and not ARCHITECTURES[kind]().lacks(dataset().problem)
]


@pytest.mark.parametrize(
    "recipe",
    [*RECIPES.values(), *EVERY],
    ids=lambda recipe: f"{recipe.dataset.name}-{recipe.architecture.kind}",
)
def test_script_and_notebook_are_the_same_sound_code(recipe):
    code = script(recipe)
    tree = ast.parse(code)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert "keras" in imported and not any(name.startswith("dlcore") for name in imported)
    if recipe.architecture.sources:
        assert all(source in code for _, source in modules(recipe))
    else:
        assert network(recipe) in code

    book = json.loads(notebook(recipe))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert set(book) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert book["metadata"]["kernelspec"]["language"] == "python"
    ids = [cell["id"] for cell in book["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in book["cells"]:
        assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"])
        wanted = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            wanted |= {"outputs", "execution_count"}
            assert cell["outputs"] == [] and cell["execution_count"] is None
        assert set(cell) == wanted and all(isinstance(line, str) for line in cell["source"])
    sources = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
    assert sources == [part for _, part in cells(recipe)]
    assert "\n\n".join(sources) + "\n" == code
