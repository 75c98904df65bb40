"""What can be switched in a recipe: found in its fields, each gives a recipe that can be trained."""

from __future__ import annotations

from typing import Any

import pytest

from dlcore.architectures import ARCHITECTURES
from dlcore.comparison import differences
from dlcore.datasets import DATASETS
from dlcore.recipe import Recipe
from dlcore.switches import changed, switched, switches


def keys(data: dict[str, Any]) -> set[str]:
    return {switch.key for switch in switches(Recipe.parse(data))}


def test_what_a_recipe_has_no_field_for_or_may_not_have_is_not_offered():
    points = keys({"dataset": "spiral"})
    assert points == {
        "architecture.dropout",
        "architecture.l2",
        "architecture.batch_normalization",
        "training.early_stopping",
    }
    assert keys({"dataset": "digits"}) == points | {"training.augmentation"}
    assert "architecture.dropout" not in keys({"dataset": "spiral", "architecture": {"kind": "gan"}})


@pytest.mark.parametrize("kind", ARCHITECTURES)
def test_each_changes_its_field_alone_and_back(kind: str):
    family = ARCHITECTURES[kind]
    suited = (name for name, data in DATASETS.items() if not data().missing)
    name = next(name for name in suited if not family.usual().lacks(DATASETS[name]().problem))
    recipe = Recipe.parse({"dataset": name, "architecture": {"kind": kind}})
    for switch in switches(recipe):
        other = switched(recipe, [switch], {switch.key: not switch.on})
        assert other != recipe and other.dataset == recipe.dataset
        assert other.training.seed == recipe.training.seed
        (back,) = [again for again in switches(other) if again.key == switch.key]
        assert back.on is not switch.on and switch.title and switch.help
        if not switch.on:  # what was on comes back with the value to try, not with the one it had
            assert switched(other, [back], {back.key: False}) == recipe
        titles = differences([recipe, other])
        assert titles and all(title.startswith(switch.title) for title in titles)


def test_a_switch_that_is_on_keeps_its_value():
    recipe = Recipe.parse({"dataset": "digits", "architecture": {"kind": "cnn", "dropout": 0.55}})
    (dropout,) = [switch for switch in switches(recipe) if switch.field == "dropout"]
    assert dropout.on and dropout.label == "Dropout 0.55"
    assert switched(recipe, [dropout], {dropout.key: True}) == recipe
    assert changed([dropout], {dropout.key: False}) == "− Dropout 0.55"
    assert changed([dropout], {dropout.key: True}) == changed([dropout], {}) == ""


def test_layers_of_different_number_differ_by_place():
    one, two = ({"kind": "mlp", "hidden": [{"units": 8}] * count} for count in (1, 2))
    found = differences([Recipe.parse({"architecture": one}), Recipe.parse({"architecture": two})])
    assert found["Hidden layers"] == ["1", "2"]
    assert found["Hidden layers 2: Width"] == ["–", "8"]
    assert "Hidden layers 1: Width" not in found
