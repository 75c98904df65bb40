"""Regression: its metrics are scikit-learn's, its network beats the mean, its tables are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import datasets as theirs
from sklearn import metrics as reference

from dlcore.datasets import DATASETS
from dlcore.recipe import Recipe
from dlcore.tasks.regression import scores
from dlcore.training import train

TABLES = {
    "iris": theirs.load_iris,
    "wine": theirs.load_wine,
    "breast_cancer": theirs.load_breast_cancer,
    "diabetes": lambda: theirs.load_diabetes(scaled=False),
}


@pytest.mark.parametrize("predicted", [[3.0, 3.0], [3.0, 4.0]])
def test_targets_that_are_all_alike_have_scikit_learns_r2_too(predicted):
    true = np.array([3.0, 3.0])
    assert scores(true, np.array(predicted))["r2"] == reference.r2_score(true, predicted)


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_scikit_learns(name):
    dataset, whole = DATASETS[name](), TABLES[name]()
    assert np.allclose(dataset.rows(), np.column_stack([whole.data, whole.target]))
    assert len(dataset.features) == whole.data.shape[1] and dataset.count == len(whole.data)


@pytest.mark.parametrize("name", TABLES)
def test_it_is_standardised_with_what_the_training_part_alone_tells(name):
    split = DATASETS[name]().load(3)
    assert np.abs(split.train.x.mean(axis=0)).max() < 1e-5
    assert split.train.x.std(axis=0) == pytest.approx(1, abs=1e-4)
    assert np.abs(split.test.x.mean(axis=0)).max() > 1e-3
    sizes = [len(part) for part in (split.train, split.validation, split.test)]
    assert sum(sizes) == DATASETS[name].count and sizes[0] == DATASETS[name]().training_examples


def test_targets_are_standardised_and_come_back_in_their_unit():
    split = DATASETS["diabetes"]().load(1)
    assert split.train.y.mean() == pytest.approx(0, abs=1e-5)
    whole = np.concatenate([split.in_unit(p.y) for p in (split.train, split.validation, split.test)])
    assert sorted(whole.round(3)) == sorted(theirs.load_diabetes().target)


@pytest.fixture(scope="module")
def trained():
    recipe = Recipe.parse({"dataset": "diabetes", "training": {"epochs": 15}})
    split = recipe.dataset.load(recipe.training.seed)
    return recipe, split, train(recipe, split).model


@pytest.mark.slow
def test_a_network_is_better_than_the_mean(trained):
    recipe, split, model = trained
    result = recipe.task.evaluate(model, recipe, split)
    assert result["metrics"]["rmse"] < 0.9 * result["baseline"]["rmse"]
    assert result["baseline"]["r2"] == pytest.approx(0, abs=0.1)


@pytest.mark.slow
def test_its_views_are_in_the_targets_unit(trained):
    recipe, split, model = trained
    result = recipe.task.evaluate(model, recipe, split)
    views = {view["kind"]: view for view in recipe.task.views(recipe, result)}
    assert set(views["predicted"]["true"]) <= set(theirs.load_diabetes().target)
    worst = result["errors"][0]["columns"]
    errors = np.abs(np.subtract(worst["true"], worst["predicted"]))
    assert (np.diff(errors) <= 1e-3).all() and errors[0] == pytest.approx(
        np.abs(views["residuals"]["values"]).max(), rel=1e-3
    )
    shown = recipe.task.examples(recipe, split)
    preview = recipe.task.preview(model, recipe, split)
    assert len(shown["true"]) == len(preview["predicted"]) == len(split.validation)


def test_a_network_that_invents_takes_no_table():
    with pytest.raises(ValueError, match=r"vae expected a data set of images or of points .*diabetes"):
        Recipe.parse({"dataset": "diabetes", "architecture": {"kind": "vae"}})
