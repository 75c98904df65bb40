"""Every metric of a task is scikit-learn's, to 1e-12, on random answers to random data."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn import decomposition
from sklearn import metrics as reference

from dlcore.evaluation import evaluate, roc_curve
from dlcore.parts import Part, Split
from dlcore.recipe import Recipe
from dlcore.tasks import TASKS
from dlcore.tasks.forecasting import naive
from dlcore.tasks.reconstruction import noised

Scores = dict[str, float]
NAMES = ("ant", "bee", "cat", "dog")
SEEDS = range(3)


def answers(seed: int, n: int, classes: int, *, digits: int = 12, never: int | None = None) -> Any:
    """Random labels, and probabilities with so many digits; class ``never`` is predicted for no example."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(n) % classes).astype("int32")
    scores = rng.gamma(1.0, size=(n, classes)) + 0.8 * np.eye(classes)[labels]
    if never is not None:
        scores[:, never] = 0.01 * scores.min(axis=1)
    share = (scores / scores.sum(axis=1, keepdims=True)).round(digits).clip(0.01)
    return share / share.sum(axis=1, keepdims=True), labels


def classified(seed: int, n: int, classes: int, **options: Any) -> tuple[Scores, Scores]:
    probabilities, labels = answers(seed, n, classes, **options)
    predicted, every = probabilities.argmax(axis=1), range(classes)
    ours = evaluate(probabilities, labels, NAMES[:classes])
    precision, recall, f1, _ = reference.precision_recall_fscore_support(
        labels, predicted, average="macro", zero_division=0
    )
    theirs = {
        "accuracy": reference.accuracy_score(labels, predicted),
        "loss": reference.log_loss(labels, probabilities, labels=every),
        "precision": precision,
        "recall": recall,
        "f1": f1,
    }
    if classes == 2:
        theirs["auc"] = reference.roc_auc_score(labels, probabilities[:, 1])
    by_class = reference.precision_recall_fscore_support(labels, predicted, labels=every, zero_division=0)
    for kind, values in zip(("precision", "recall", "f1", "support"), by_class, strict=True):
        for row, value in zip(ours["classes"], values, strict=True):
            ours["metrics"][f"{kind} of {row['class']}"] = row[kind]
            theirs[f"{kind} of {row['class']}"] = value
    assert ours["confusion"] == reference.confusion_matrix(labels, predicted, labels=every).tolist()
    return ours["metrics"], theirs


def random_split(recipe: Recipe, seed: int) -> Split:
    """Examples and targets of the right shapes, in parts of 60, 40 and 50; of a series its own windows."""
    if recipe.task.windows:
        return recipe.dataset.load(seed)
    rng = np.random.default_rng(seed)
    problem = recipe.dataset.problem

    def part(n: int) -> Part:
        x = rng.normal(size=(n, *problem.input_shape)).astype("float32")
        if problem.classes:
            return Part(x, rng.integers(len(problem.classes), size=n).astype("int32"))
        shape = () if problem.target_shape == (1,) else problem.target_shape
        return Part(x, rng.normal(size=(n, *shape)).astype("float32"))

    return Split(part(60), part(40), part(50), (200.0, 30.0))


def answering(recipe: Recipe, seed: int) -> Any:
    """What answers at random, though always the same to the same example."""
    sizes = np.prod(recipe.problem.input_shape), np.prod(recipe.problem.target_shape)
    weights = np.random.default_rng(seed).normal(size=[*map(int, sizes)], scale=0.1)

    def model(x: np.ndarray, training: bool = False) -> np.ndarray:
        answers = np.tanh(x.reshape(len(x), -1) @ weights)
        return answers.reshape(len(x), *recipe.problem.target_shape)

    code = SimpleNamespace(name=getattr(recipe.architecture, "code_layer", ""))
    model.layers = [type("Code", (), {"name": code.name, "__call__": lambda self, x, training: x})()]
    return model


def regressed(data: Any, seed: int, truth: Callable[[Recipe, Split, Part, np.ndarray], np.ndarray]) -> Any:
    recipe = Recipe.parse(data)
    split, model = random_split(recipe, seed), answering(recipe, seed)
    ours = recipe.task.evaluate(model, recipe, split)["metrics"]
    pair = [
        truth(recipe, split, split.test, y) for y in (split.test.y, recipe.task.predict(model, split.test.x))
    ]
    true, predicted = (values.astype("float64").ravel() for values in pair)
    theirs = {
        "rmse": reference.root_mean_squared_error(true, predicted),
        "mse": reference.mean_squared_error(true, predicted),
        "mae": reference.mean_absolute_error(true, predicted),
        "r2": reference.r2_score(true, predicted),
    }
    if "skill" in ours:
        last = naive(recipe.dataset.windows(split, split.test), 10, 0)["Last value"].astype("float64").ravel()
        theirs["skill"] = 1 - theirs["rmse"] / reference.root_mean_squared_error(true, last)
    return ours, theirs


def reconstructed(data: Any, seed: int) -> tuple[Scores, Scores]:
    recipe = Recipe.parse(data)
    split, model = random_split(recipe, seed), answering(recipe, seed)
    ours = recipe.task.evaluate(model, recipe, split)["metrics"]
    left_out, noise = recipe.architecture.left_out, recipe.architecture.noise
    train, test = (part.kept[part.y != left_out] for part in (split.train, split.test))

    def squares(x: np.ndarray, clean: np.ndarray) -> np.ndarray:
        return ((recipe.task.predict(model, x).astype("float64") - clean) ** 2).reshape(len(x), -1)

    pca = decomposition.PCA(recipe.architecture.bottleneck, svd_solver="full").fit(train.astype("float64"))
    linear = pca.inverse_transform(pca.transform(test.astype("float64")))
    mse = reference.mean_squared_error(
        test.astype("float64"), recipe.task.predict(model, test).astype("float64")
    )
    noisy = noised(test, noise, recipe.training.seed)
    before, after = (noisy - test.astype("float64")) ** 2, squares(noisy, test)
    every = squares(split.test.kept, split.test.kept).mean(axis=1)
    return ours, {
        "mse": mse,
        "against_pca": mse / reference.mean_squared_error(test.astype("float64"), linear),
        "gain": 10 * np.log10(before.mean() / after.mean()),
        "auc": reference.roc_auc_score(split.test.y == left_out, every),
    }


ODD_ONE = {"kind": "autoencoder", "left_out": 1, "noise": 0.3, "bottleneck": 2}
CASES: dict[str, tuple[str, Callable[[int], tuple[Scores, Scores]]]] = {
    "two classes": ("classification", lambda seed: classified(seed, 300, 2)),
    "two classes, ties": ("classification", lambda seed: classified(seed, 300, 2, digits=1)),
    "four classes": ("classification", lambda seed: classified(seed, 500, 4)),
    "a class never predicted": ("classification", lambda seed: classified(seed, 400, 4, never=2)),
    "few examples": ("classification", lambda seed: classified(seed, 5, 4)),
    "a number": (
        "regression",
        lambda seed: regressed({"dataset": "diabetes"}, seed, lambda r, s, p, y: s.in_unit(y)),
    ),
    "a horizon": (
        "forecasting",
        lambda seed: regressed(
            {"dataset": {"name": "sine", "horizon": 10}},
            seed,
            lambda r, s, p, y: r.dataset.forecasts(s, p, y),
        ),
    ),
    "rows of a table": (
        "reconstruction",
        lambda seed: reconstructed({"dataset": "iris", "architecture": ODD_ONE}, seed),
    ),
}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("case", CASES)
def test_every_metric_is_scikit_learns(case: str, seed: int) -> None:
    task, compared = CASES[case]
    ours, theirs = compared(seed)
    shown = {metric.key for metric in TASKS[task].metrics} & {*ours}
    assert shown and shown <= {*theirs}, "a metric without its reference"
    for key in {*ours} & {*theirs}:
        assert ours[key] == pytest.approx(theirs[key], rel=1e-12, abs=1e-12), key


@pytest.mark.parametrize("task", sorted({task for task, _ in CASES.values()}))
def test_every_metric_of_the_task_was_compared(task: str) -> None:
    compared = {key for name, case in CASES.values() if name == task for key in case(0)[1]}
    assert {metric.key for metric in TASKS[task].metrics} <= compared


@pytest.mark.parametrize("digits", [1, 2, 12])
def test_the_roc_curve_is_scikit_learns(digits: int) -> None:
    probabilities, labels = answers(7, 120, 2, digits=digits)
    ours = roc_curve(probabilities[:, 1], labels)
    false, true, _ = reference.roc_curve(labels, probabilities[:, 1], drop_intermediate=False)
    every = {*zip(false.round(5), true.round(5), strict=True)}
    assert {*zip(ours["false"], ours["true"], strict=True)} <= every, "corners of theirs"
    assert reference.auc(ours["false"], ours["true"]) == pytest.approx(reference.auc(false, true), abs=1e-5)


def test_a_long_roc_curve_is_thinned_and_keeps_its_ends_and_its_area() -> None:
    probabilities, labels = answers(8, 20_000, 2)
    ours = roc_curve(probabilities[:, 1], labels)
    assert len(ours["true"]) == len(ours["false"]) == 200
    assert (ours["false"][0], ours["true"][0], ours["false"][-1], ours["true"][-1]) == (0, 0, 1, 1)
    area = reference.auc(ours["false"], ours["true"])
    assert area == pytest.approx(reference.roc_auc_score(labels, probabilities[:, 1]), abs=0.002)


@pytest.mark.parametrize("labels", [[0, 0, 0], [1, 1, 1]])
def test_there_is_no_curve_where_only_one_of_two_classes_occurs(labels: list[int]) -> None:
    result = evaluate(np.full((3, 2), 0.5), np.array(labels, "int32"), NAMES[:2])
    assert "roc" not in result and "auc" not in result["metrics"]
