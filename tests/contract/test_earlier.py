"""What was kept before tasks and views were objects still opens: links, recipes, and runs with their networks.

``fixtures/earlier`` was written by the version of 26 November 2026: a data set stood in a recipe by its name
alone where its options were the usual ones, and results had no views.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.client import Client
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import Store, open_store

EARLIER = Path(__file__).parents[1] / "fixtures" / "earlier"
APP = str(Path(__file__).parents[2] / "app.py")
LINKS = json.loads((EARLIER / "links.json").read_text())
RUNS = [folder.name for folder in sorted((EARLIER / "artifacts").iterdir())]


@pytest.fixture
def store(studio_home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The home of somebody who has updated."""
    monkeypatch.setattr(Client, "warm_up", lambda self: None)  # these pages need no engine
    shutil.copytree(EARLIER / "artifacts", studio_home / "artifacts")
    with sqlite3.connect(studio_home / "studio.db") as database:
        database.executescript((EARLIER / "studio.sql").read_text())
    database.close()
    return open_store()


@pytest.mark.parametrize("kept", LINKS, ids=lambda kept: kept["recipe"]["architecture"]["kind"])
def test_a_link_is_the_recipe_that_it_was(kept: dict) -> None:
    recipe = Recipe.from_link(kept["link"])
    assert recipe == Recipe.parse(kept["recipe"]) == Recipe.stored(kept["recipe"])
    told = kept["recipe"]["dataset"]
    assert recipe.dataset.name == (told if isinstance(told, str) else told["name"])
    assert recipe.architecture.model_dump(mode="json").items() >= kept["recipe"]["architecture"].items()
    assert recipe.training.model_dump(mode="json").items() >= kept["recipe"]["training"].items()


def test_every_run_is_in_the_list(store: Store) -> None:
    runs = store.list_runs()
    assert {run.id for run in runs} == set(RUNS)
    assert {run.state for run in runs} == {State.FINISHED}


def open_page(path: str, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60).run()
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(path).run()
    assert not app.exception, app.exception
    return app


@pytest.mark.parametrize("run", RUNS)
def test_a_run_opens_on_the_train_page(store: Store, run: str) -> None:
    app = open_page("pages/train.py", run=run)
    kept = store.run(run)
    shown = {metric.label: metric.value for metric in app.metric}
    for metric in kept.parsed().task.metrics:
        if metric.key in kept.result["metrics"]:
            assert shown[metric.title] == metric.text(kept.result["metrics"][metric.key])
    assert not app.error


@pytest.mark.slow
@pytest.mark.parametrize("run", RUNS)
def test_its_network_is_as_good_as_it_was(store: Store, run: str) -> None:
    from dlcore import jobs

    kept, now = store.run(run).result["metrics"], jobs.evaluate(run)["metrics"]
    assert {key: now[key] for key in kept} == pytest.approx(kept, rel=1e-4)  # there may be more by now


@pytest.mark.parametrize("kept", LINKS, ids=lambda kept: kept["recipe"]["architecture"]["kind"])
def test_a_link_opens_on_the_build_page(store: Store, kept: dict) -> None:
    app = open_page("pages/build.py", recipe=kept["link"])
    assert not app.error
    assert app.session_state["build.last"] == Recipe.parse(kept["recipe"])
