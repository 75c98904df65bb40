"""Transfer learning: a backbone keeps its weights, features are computed once, and a second phase unfreezes some."""

from __future__ import annotations

import json
import typing

import keras
import numpy as np
import pytest

from dlcore import models
from dlcore.architectures.transfer import Transfer
from dlcore.backbones import SHIPPED
from dlcore.parts import Split
from dlcore.previews import BATCH, at_once
from dlcore.problem import Problem
from dlcore.recipe import Recipe
from dlcore.training import train

pytestmark = pytest.mark.slow

COLOUR = Problem((32, 32, 3), ("cat", "dog", "ship"))


def recipe(**fields: object) -> Recipe:
    training = {"epochs": 3, "batch_size": 16, "learning_rate": 0.01}
    architecture = {"kind": "transfer", "backbone": "cifar10-resnet", "dropout": 0, **fields}
    return Recipe.parse({"dataset": "digits", "architecture": architecture, "training": training})


def few(recipe: Recipe) -> Split:
    split = recipe.dataset.load(1)
    return Split(split.train[:48], split.validation[:16], split.test[:16])


@pytest.mark.parametrize("name", SHIPPED)
def test_it_sees_what_the_backbone_saw(name: str):
    """Its features are what the whole shipped network has before its last layer."""
    info = next(info for info in models.shipped() if info.name == name)
    whole = models.load(typing.cast(typing.Any, None), info)
    side = SHIPPED[name].side
    x = np.random.default_rng(0).random((2, side, side, 3), dtype="float32")
    expected = keras.Model(whole.input, whole.layers[-1].input)(x, training=False)
    problem = Problem((side, side, 3), ("cat", "dog", "ship"))
    features = Transfer(backbone=name).build(problem, 1).trunk()(x, training=False)
    assert np.asarray(features) == pytest.approx(np.asarray(expected), abs=1e-5)


def test_images_and_their_features_get_the_same_answer():
    model = Transfer(backbone="cifar10-resnet").build(COLOUR, 1)
    x = np.random.default_rng(0).random((4, 32, 32, 3), dtype="float32")
    assert np.asarray(model(model.trunk()(x))) == pytest.approx(np.asarray(model(x)), abs=1e-6)


def test_a_frozen_backbone_does_not_change_and_is_not_saved(tmp_path):
    chosen = recipe()
    trained = train(chosen, few(chosen))
    arrays = SHIPPED["cifar10-resnet"].arrays()
    for layer in trained.model.layers[:-1]:
        for weight in layer.weights:
            assert (np.asarray(weight) == arrays[weight.path].astype("float32")).all()
    assert set(models.weights_of(trained.model)) == {"head/kernel", "head/bias"}
    assert len(models.save(trained.model)) < 10_000
    assert trained.history["loss"][-1] < trained.history["loss"][0]


def test_the_second_phase_trains_the_last_layers_and_keeps_the_statistics():
    chosen = recipe(unfreeze=2, tuning_epochs=2, tuning_rate=1e-3)
    trained = train(chosen, few(chosen))
    assert len(trained.history["loss"]) == 3 + 2
    arrays = SHIPPED["cifar10-resnet"].arrays()
    changed = {
        weight.path
        for layer in trained.model.layers[:-1]
        for weight in layer.weights
        if not (np.asarray(weight) == arrays[weight.path].astype("float32")).all()
    }
    assert {path.split("/")[1] for path in changed} == {"kernel"} and len(changed) == 2
    assert changed | {"head/kernel", "head/bias"} == set(models.weights_of(trained.model))
    fresh = chosen.build()
    models.set_weights(fresh, models.weights_of(trained.model))
    x = few(chosen).test.x
    assert np.asarray(fresh(x)) == pytest.approx(np.asarray(trained.model(x)), abs=1e-5)


def test_with_augmentation_it_learns_from_images():
    chosen = recipe()
    data = chosen.model_dump() | {"training": chosen.training.model_dump() | {"augmentation": {"shift": 0.1}}}
    augmented = Recipe.parse(json.loads(json.dumps(data)))
    assert augmented.architecture.advice(augmented)
    assert len(train(augmented, few(augmented)).history["loss"]) == 3


@pytest.mark.parametrize("name", SHIPPED)
def test_what_it_describes_ends_in_a_new_layer(name: str):
    network = Transfer(backbone=name).parts(COLOUR)["network"]
    assert network.rows()[-1].output_shape == (3,)
    assert [row.type for row in network.rows()[-2:]] == ["Dropout", "Dense"]


def test_a_large_network_is_called_on_few_images_at_once():
    large = Transfer().build(Problem((224, 224, 3), ("cat", "dog", "ship")), 1)
    assert at_once(large) <= 6
    assert at_once(Recipe.parse({"dataset": "digits"}).build()) == BATCH
