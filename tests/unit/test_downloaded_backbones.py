"""Downloaded networks as backbones: what is said of them without Keras, what they see, and the code taken home."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from exported import run_alone
from keras.src.legacy.saving import legacy_h5_format

from dlcore import applications, backbones, models
from dlcore.applications import APPLICATIONS
from dlcore.architectures.transfer import Transfer
from dlcore.backbones import BACKBONES
from dlcore.export.codegen import cells
from dlcore.parts import Split
from dlcore.problem import Problem
from dlcore.recipe import Recipe, RecipeError
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from dlcore.settings import Settings
from dlcore.training import train

pytestmark = pytest.mark.slow

STATISTICS = {"mean": np.array(applications.MEAN), "variance": np.array(applications.DEVIATION)}
"""What EfficientNet's file has in the layer that scales pixels: Keras takes the deviation for the variance."""
ROOT = np.sqrt(applications.DEVIATION)
PREPROCESSED = {
    "mobilenet_v2": keras.applications.mobilenet_v2.preprocess_input,
    "resnet50": keras.applications.resnet.preprocess_input,
    "inception_v3": keras.applications.inception_v3.preprocess_input,
    "vgg16": keras.applications.vgg16.preprocess_input,
    # Built without weights it lacks the last step of its scaling, which is made up for here.
    "efficientnet_b0": lambda pixels: 255 * ((pixels / 255 - applications.MEAN) / ROOT + applications.MEAN),
}
"""What each network is to be given of pixels from 0 to 255."""


def fill(model: keras.Model) -> None:
    """Weights such that every layer's count, none of them as it was at first."""
    rng = np.random.default_rng(1)
    for weight in model.weights:
        name, shape = weight.path.split("/")[-1], tuple(weight.shape)
        if name in STATISTICS:
            weight.assign(STATISTICS[name])
        elif name in ("moving_variance", "gamma"):
            weight.assign(rng.uniform(0.8, 1.2, shape))
        elif name != "count" and "kernel" not in name:
            weight.assign(rng.uniform(-0.2, 0.2, shape))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[Any, Any]]]:
    """The home in which Keras looks, with files as it publishes them; and for each network an image and its features
    as Keras has them."""
    home, seen = tmp_path_factory.mktemp("keras"), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_HOME", str(home))
        (home / "models").mkdir()
        for name, app in APPLICATIONS.items():
            side = app.trunk.smallest
            constructor = getattr(keras.applications, app.constructor)
            keras.utils.set_random_seed(1)
            model = constructor(weights=None, include_top=False, input_shape=(side, side, 3))
            fill(model)
            maps = keras.layers.GlobalAveragePooling2D()(model.output)
            image = np.random.default_rng(2).random((1, side, side, 3), dtype="float32")
            given = PREPROCESSED[name](255 * image)
            seen[name] = image, np.asarray(keras.Model(model.input, maps)(given, training=False))
            if name == "mobilenet_v2":  # a whole one; of the others the last layers would be large
                whole = constructor(weights=None)
                for weight, other in zip(whole.weights, model.weights, strict=False):
                    weight.assign(other)
                model = whole
            with h5py.File(app.target, "w") as file:
                legacy_h5_format.save_weights_to_hdf5_group(file, model)
    return home, seen


@pytest.fixture
def at_hand(published: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Any, Any]]:
    """The files are there; their hashes are not Keras'."""
    home, seen = published
    monkeypatch.setenv("KERAS_HOME", str(home))
    for name, app in APPLICATIONS.items():
        monkeypatch.setitem(applications.APPLICATIONS, name, replace(app, md5=""))
    return seen


@pytest.mark.parametrize("name", APPLICATIONS)
def test_what_is_said_of_it_is_what_keras_builds(name: str):
    app = APPLICATIONS[name]
    for side in (app.trunk.smallest, app.trunk.smallest + 21, app.side):
        x = keras.Input((side, side, 3))
        model = getattr(keras.applications, app.constructor)(weights=None, include_top=False, input_tensor=x)
        block, pool = BACKBONES[name].network(side).rows()
        assert block.output_shape == model.output_shape[1:] and pool.output_shape == (app.trunk.channels,)
        assert block.parameters == model.count_params()
        assert block.flops == flops(model)
        values = sum(np.prod(layer.output.shape[1:]) for layer in model.layers)
        assert block.values == pytest.approx(values, rel=0.02 if side == app.side else 0.2)  # rims are padded


def flops(model: keras.Model) -> int:
    """Of its convolutions and normalisations, counted as :mod:`dlcore.layers` does."""
    total = 0
    for layer in model.layers:
        values = int(np.prod(layer.output.shape[1:]))
        if isinstance(layer, keras.layers.DepthwiseConv2D):
            total += values * 2 * int(np.prod(layer.kernel_size))
        elif isinstance(layer, keras.layers.Conv2D):
            window = int(np.prod(layer.kernel_size)) * layer.input.shape[-1]
            total += values * (2 * window + layer.use_bias)
        elif isinstance(layer, keras.layers.BatchNormalization):
            total += 2 * values
    return total


@pytest.mark.parametrize("name", APPLICATIONS)
def test_it_sees_what_keras_sees(at_hand: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch):
    image, features = at_hand[name]
    side = image.shape[1]
    problem = Problem((side, side, 3), ("cat", "dog", "ship"))
    monkeypatch.setattr("dlcore.architectures.transfer.ENLARGED", 1)
    model = Transfer(backbone=name, unfreeze=2).build(problem, 1)
    ours = np.asarray(model.trunk()(image, training=True))
    scale = np.abs(features).max()
    assert np.isfinite(scale) and scale > 0
    assert ours / scale == pytest.approx(features / scale, abs=1e-5)
    described = Transfer(backbone=name).parts(problem)["network"].rows()
    assert sum(row.parameters for row in described) == model.count_params()
    kept = set(models.weights_of(model))
    again = Transfer(backbone=name, unfreeze=2).build(problem, 1)
    assert kept == set(models.weights_of(again)) and len(kept) > 2
    assert kept & {"head/kernel", "head/bias"} == {"head/kernel", "head/bias"}


def recipe(name: str, **fields: object) -> Recipe:
    training = {"epochs": 2, "batch_size": 16, "learning_rate": 0.01}
    architecture = {"kind": "transfer", "backbone": name, "dropout": 0, **fields}
    return Recipe.parse({"dataset": "digits", "architecture": architecture, "training": training})


RUNNER = """
import json, sys
import tensorflow as tf

tf.config.run_functions_eagerly(True)  # three steps are not worth compiling
losses = {}
for name, code in json.load(sys.stdin).items():
    names = {"__name__": "__main__"}
    exec(compile(code, name, "exec"), names)
    losses[name] = names["history"].history["loss"]
json.dump(losses, open("losses.json", "w"))
"""


def test_exported_scripts_have_the_same_losses(
    at_hand: dict[str, Any], published: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    whole = keras.Model.compile
    monkeypatch.setattr(
        keras.Model,
        "compile",
        lambda self, *given, **more: whole(self, *given, **more | {"run_eagerly": True}),
    )
    given = "import numpy\nx_train, y_train, x_test, y_test = numpy.load('few.npz').values()\nvalidation_split = 1 / 3"
    split = recipe("vgg16").dataset.load(1)
    few = Split(split.train[:16], split.validation[:8], split.test[:8])
    learned, watched = few.train, few.validation
    x, y = np.concatenate([learned.x, watched.x]), np.concatenate([learned.y, watched.y])
    np.savez(tmp_path / "few.npz", x_train=x, y_train=y, x_test=few.test.x, y_test=few.test.y)
    scripts, ours = {}, {}
    for name in APPLICATIONS:
        chosen = recipe(name)
        ours[name] = train(chosen, few).history["loss"]
        codes = [code for _, code in cells(chosen)]
        scripts[name] = "\n\n".join([*codes[:2], given, *codes[2:]])
    run_alone(RUNNER, scripts, tmp_path)
    theirs = json.loads((tmp_path / "losses.json").read_text())
    for name, losses in ours.items():
        assert losses[0] != losses[1]
        assert theirs[name] == pytest.approx(losses, rel=1e-5, abs=1e-5), name


# -- in the app ----------------------------------------------------------------------------------------


def test_one_that_is_not_here_is_named_and_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert set(backbones.at_hand()) == set(backbones.SHIPPED)
    assert "ResNet50" in backbones.others() and "Classify" in backbones.others()
    with pytest.raises(RecipeError, match=r"architecture\.backbone: resnet50 has not been downloaded yet"):
        recipe("resnet50")


def test_what_others_have_trained_is_in_no_limit(at_hand: dict[str, Any]):
    assert set(backbones.at_hand()) == set(BACKBONES) and not backbones.others()
    assert "94 MB of memory" in backbones.at_hand()["resnet50"]
    data = recipe("resnet50").model_dump()
    assert Recipe.parse(data, replace(Settings(), max_parameters=30_000))
    with pytest.raises(RecipeError, match="at most 20,000 parameters, received 20,490"):
        Recipe.parse(data, replace(Settings(), max_parameters=20_000))


def test_a_run_needs_its_backbone_and_says_so(at_hand: dict[str, Any], tmp_path: Path, monkeypatch: Any):
    store = open_store()
    chosen = recipe("mobilenet_v2", unfreeze=1)
    run = store.create(chosen, "someone")
    model = chosen.build()
    store.artifacts.write(f"{run}/model/weights.safetensors", models.save(model))
    store.start(run, "here")
    store.end(run, State.FINISHED, result={"metrics": {}})
    info = models.find(store, run)
    x = chosen.dataset.load(1).test.x[:2]
    assert np.asarray(models.load(store, info)(x)) == pytest.approx(np.asarray(model(x)), abs=1e-6)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(models.UnknownModel, match="weights of mobilenet_v2 are gone or damaged; download it"):
        models.load(store, info)
