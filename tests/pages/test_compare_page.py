"""Runs over each other, and one trained again with something changed; without an engine."""

from __future__ import annotations

from typing import Any

import pytest
from app_page import open_page
from streamlit.testing.v1 import AppTest
from test_pages import everything, private_run

from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from pages.parts.train import compared


def finished(recipe: dict[str, Any], name: str, accuracy: float = 0.9) -> str:
    """A run with a curve of three epochs."""
    store = open_store()
    run = store.create(Recipe.parse(recipe), "somebody", name)
    rows = [
        (i, i + 1.0, {"loss": 1 / (i + 1), "val_loss": 1.2 / (i + 1), "accuracy": accuracy}) for i in range(3)
    ]
    store.add_metrics(run, "epoch", rows)
    metrics = {"accuracy": accuracy, "loss": 0.3, "precision": 0.9, "recall": 0.9, "f1": 0.9}
    result = {"metrics": metrics, "confusion": [[9, 1], [1, 9]], "classes": []}
    store.end(run, State.FINISHED, result=result)
    return run


MOONS = {"dataset": "moons", "training": {"epochs": 3}}
OTHER = {"dataset": {"name": "moons", "noise": 0.4}, "architecture": {"kind": "mlp", "dropout": 0.2}}


def compared_table(app: AppTest) -> Any:
    return next(table.value for table in app.dataframe if "run" in table.value.columns)


def test_a_link_opens_runs_over_each_other_with_a_table_of_what_differs():
    first, second = finished(MOONS, "plain"), finished(OTHER, "noisy", 0.8)
    app = open_page("pages/train.py", **{"run": first, "with": second})
    table = compared_table(app)
    assert table["run"].tolist() == ["plain", "noisy"]
    assert table["Dropout"].tolist() == ["0", "0.2"]
    assert table["Data: Noise"].tolist() == ["0.1", "0.4"]
    assert table["test Accuracy"].tolist() == ["90.0%", "80.0%"]
    assert "Batch size" not in table.columns, "it is the same in both"
    app.button(key="compare.end").click().run()
    assert "with" not in app.query_params and not any("run" in table.value for table in app.dataframe)


def test_runs_that_are_deleted_or_private_are_left_out_and_said_so():
    first, second = finished(MOONS, "plain"), finished(OTHER, "noisy")
    app = open_page("pages/train.py", **{"run": first, "with": f"{second},{private_run()},gone"})
    assert compared_table(app)["run"].tolist() == ["plain", "noisy"]
    assert "my own animals" not in everything(app)
    assert any("2 more of the link" in caption.value for caption in app.caption)


def test_no_more_than_eight_are_compared_and_each_once():
    runs = [finished(MOONS, f"run {i}") for i in range(10)]
    app = open_page("pages/train.py", **{"run": runs[0], "with": ",".join([*runs, *runs])})
    assert len(compared_table(app)) == compared.MOST == 8


@pytest.mark.parametrize("others", ["", ",", "   ", "../..", "'; drop table runs", "x" * 5000])
def test_a_broken_link_shows_the_one_run(others: str):
    run = finished(MOONS, "plain")
    app = open_page("pages/train.py", **{"run": run, "with": others})
    assert "plain" in everything(app) and not app.error


def test_runs_of_different_tasks_are_compared_too():
    store = open_store()
    other = store.create(Recipe.parse({"dataset": "diabetes"}), "somebody", "numbers")
    store.add_metrics(other, "epoch", [(0, 1.0, {"loss": 1.0, "val_loss": 1.1, "mae": 0.7})])
    store.end(other, State.FINISHED, result={"metrics": {"rmse": 55.0, "mae": 44.0, "r2": 0.4}, "views": []})
    app = open_page("pages/train.py", **{"run": finished(MOONS, "plain"), "with": other})
    table = compared_table(app)
    assert table["Task"].tolist() == ["Classification", "Regression"]
    assert table["test RMSE"].tolist() == ["", "55"]


def test_a_run_is_trained_again_with_one_thing_changed(monkeypatch: pytest.MonkeyPatch):
    from dlcore.client import Client

    monkeypatch.setattr(Client, "_hand_over", lambda self: None)
    run = finished(MOONS, "plain")
    app = open_page("pages/train.py", run=run)
    assert app.button(key="again").disabled
    app.toggle(key=f"again.{run}.architecture.dropout").set_value(True).run()
    app.button(key="again").click().run()
    assert not app.exception, app.exception
    new = app.query_params["run"]
    assert app.query_params["with"] == run
    before, after = (open_store().run(one).parsed() for one in (run, new))
    assert open_store().run(new).name == "plain + Dropout 0.3" and after.architecture.dropout == 0.3
    assert after.training == before.training and after.dataset == before.dataset
    assert compared_table(app)["Dropout"].tolist() == ["0.3", "0"]


def test_who_may_not_open_the_data_cannot_train_on_it_again():
    run = private_run()
    open_store().share(run, True)
    app = open_page("pages/train.py", run=run)
    assert "my own animals" in everything(app)
    assert not [button for button in app.button if button.key == "again"]


def test_the_errors_gallery_is_seen_by_whoever_sees_the_run():
    run = private_run()
    view = {
        "kind": "table",
        "title": "Most confident errors",
        "columns": {"true": ["cat"], "predicted": ["dog"]},
    }
    open_store().artifacts.write_json(f"{run}/errors.json", [view])
    assert "Most confident errors" not in everything(open_page("pages/train.py", run=run))
    open_store().share(run, True)
    app = open_page("pages/train.py", run=run)
    assert "Most confident errors" in everything(app)
