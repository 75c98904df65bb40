"""Networks learn from tables and series of one's own as from any other data: metrics, views, pages."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dlcore import jobs
from dlcore.datasets import own_series_plan, own_table_plan
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from dlcore.uploads.apart import File
from dlcore.uploads.own_file import keep_file
from pages.parts.views import RENDERERS

pytestmark = pytest.mark.slow
HEAD = "day,colour,size,weight,kind\n"
ROWS = "\n".join(
    f"2020-0{1 + i % 9}-03,{('red', 'green', '')[i % 3]},{i % 13},{'' if i % 20 == 0 else 3 * (i % 13)},{'ab'[i % 13 > 6]}"
    for i in range(200)
)


def dataset(make, text: str, **options):
    return make.plan(*keep_file(File.of("mine.csv", text.encode())), **options)[0].model_dump()


@pytest.mark.parametrize(
    ("make", "text", "options", "metric", "least"),
    [
        (own_table_plan, HEAD + ROWS, {"target": "kind"}, "accuracy", 0.9),
        (own_table_plan, HEAD + ROWS, {"target": "weight"}, "r2", 0.8),
        (
            own_series_plan,
            "v,w\n" + "\n".join(f"{i % 12},{i}" for i in range(300)),
            {"window": 12},
            "skill",
            0.5,
        ),
    ],
)
def test_a_network_learns_from_own_data(make, text, options, metric, least):
    training = {"epochs": 15, "learning_rate": 0.01, "batch_size": 16}
    architecture = {"kind": "mlp", "hidden": [{"units": 32}]}
    recipe = Recipe.parse(
        {"dataset": dataset(make, text, **options), "architecture": architecture, "training": training}
    )
    store = open_store()
    run = store.create(recipe, "ada")
    assert jobs.train(run) == State.FINISHED, store.run(run).reason
    result = json.loads(json.dumps(store.run(run).result))
    assert result["metrics"][metric] > least and all(np.isfinite([*result["metrics"].values()]))
    views = recipe.task.views(recipe, result)
    assert views and all(view["kind"] in RENDERERS for view in views)


def test_the_rows_it_is_wrong_about_are_named_as_in_the_table():
    recipe = Recipe.parse({"dataset": dataset(own_table_plan, HEAD + ROWS, target="weight")})
    split = recipe.dataset.load(1)
    columns = recipe.dataset.errors_view(split, np.arange(9), {"true": [*range(9)]})["columns"]
    assert set(columns["colour"]) <= {"red", "green", "missing"} and columns["size"][0] in range(13)
    assert all(day.startswith("2020-0") and day.endswith("-03") for day in columns["day"])
