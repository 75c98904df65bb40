"""The errors gallery: what a network is most wrong about comes first, as it is in the data."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.parts import Split
from dlcore.recipe import Recipe
from dlcore.tasks.base import MOST_ERRORS
from pages.parts.views import RENDERERS


def evaluated(data: dict[str, Any]) -> tuple[Recipe, Split, np.ndarray, list[dict[str, Any]]]:
    """What a network that answers at random is most wrong about."""
    recipe = Recipe.parse(data)
    split = recipe.dataset.load(1)
    outputs = recipe.problem.output().units
    weights = np.random.default_rng(2).normal(size=(int(np.prod(recipe.problem.input_shape)), outputs))

    def model(x: np.ndarray, training: bool = False) -> np.ndarray:
        logits = x.reshape(len(x), -1) @ weights
        if not recipe.classifies:
            return logits
        if outputs == 1:
            return 1 / (1 + np.exp(-logits))
        share = np.exp(logits - logits.max(axis=1, keepdims=True))
        return share / share.sum(axis=1, keepdims=True)

    answers = recipe.task.predict(model, split.test.kept)  # type: ignore[arg-type]
    return recipe, split, answers, recipe.task.evaluate(model, recipe, split)["errors"]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["digits", "iris", "moons", "breast_cancer", "toy_reviews"])
def test_the_most_confident_errors_come_first(name: str) -> None:
    recipe, split, answers, (view,) = evaluated({"dataset": name})
    shown, classes = view["answers" if "answers" in view else "columns"], recipe.dataset.classes
    wrong = answers.argmax(axis=1) != split.test.y
    expected = np.sort(answers.max(axis=1)[wrong])[::-1][:MOST_ERRORS]
    assert shown["probability"] == pytest.approx(expected, abs=6e-3)
    assert len(shown["true"]) == min(MOST_ERRORS, wrong.sum()) and str(wrong.sum()) in view["title"]
    assert all(true != said for true, said in zip(shown["true"], shown["predicted"], strict=True))
    assert {*shown["true"], *shown["predicted"]} <= {*classes}
    assert view["kind"] in RENDERERS and json.loads(json.dumps(view)) == view


@pytest.mark.parametrize(
    "data", [{"dataset": "diabetes"}, {"dataset": "sine"}, {"dataset": {"name": "sine", "horizon": 1}}]
)
def test_the_largest_residuals_come_first(data: dict[str, Any]) -> None:
    *_, (view,) = evaluated(data)
    shown = view["answers" if "answers" in view else "columns"]
    errors = np.subtract(shown["true"], shown["predicted"]).reshape(MOST_ERRORS, -1)
    size = (errors**2).mean(axis=1)
    assert (np.diff(size) <= 1e-3 * size[0]).all()
    assert view["kind"] in RENDERERS and json.loads(json.dumps(view)) == view


def test_rows_of_a_table_are_the_rows_of_its_file() -> None:
    recipe, *_, (view,) = evaluated({"dataset": "diabetes"})
    file = {tuple(row) for row in recipe.dataset.rows().round(2).tolist()}
    columns = view["columns"]
    rows = zip(*(columns[name] for name in recipe.dataset.features), columns["true"], strict=True)
    near = [tuple(np.round(row, 2).tolist()) for row in rows]
    assert {*near} <= file


@pytest.mark.parametrize("own_scale", [False, True])
def test_windows_are_shown_in_the_unit_of_the_series(own_scale: bool) -> None:
    recipe, *_, (view,) = evaluated({"dataset": {"name": "sine", "own_scale": own_scale}})
    every = np.lib.stride_tricks.sliding_window_view(recipe.dataset.values()[:, 0], recipe.dataset.window)
    for seen in view["seen"][:5]:
        assert np.abs(every - seen).max(axis=1).min() < 1e-3


def test_texts_are_shown_as_they_were_written() -> None:
    _, split, _, (view,) = evaluated({"dataset": "toy_reviews"})
    assert {*view["columns"]["text"]} <= {*split.test.texts}


def test_nothing_is_shown_where_nothing_is_wrong() -> None:
    recipe = Recipe.parse({"dataset": "iris"})
    split = recipe.dataset.load(1)
    right = iter([np.eye(3)[split.test.y]])
    assert recipe.task.evaluate(lambda x, training: next(right), recipe, split)["errors"] == []  # type: ignore[arg-type]


def draw(views: list) -> None:  # Streamlit runs its source alone
    from pages.parts.views import show_all

    show_all(views, "errors", "errors")


def test_they_are_drawn_with_truth_beside_prediction() -> None:
    views = [view for name in ("digits", "moons", "iris", "sine") for view in evaluated({"dataset": name})[3]]
    app = AppTest.from_function(draw, args=(views,), default_timeout=60).run()
    assert not app.exception, app.exception
    html = " ".join(element.proto.body for element in app.get("html"))
    shown = views[0]["answers"]
    assert f"{shown['true'][0]} → {shown['predicted'][0]}" in html
    assert html.count("image/svg") == MOST_ERRORS
