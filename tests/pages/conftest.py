"""Pages without an engine: they wait, or a test answers. tests/browser looks at pages that an engine answers."""

from __future__ import annotations

from functools import partial

import pytest
from app_page import answer_here

from dlcore.client import Client
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from pages.parts import shell


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "_warm_up", lambda: None)
    monkeypatch.setattr(Client, "warm_up", lambda self: None)


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where ada has trained the network ``TINY`` of a module, called ``NAME``."""
    from dlcore import jobs

    home = str(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCORE_HOME", home)
        store = open_store()
        run = store.create(Recipe.parse(request.module.TINY), "ada", name=request.module.NAME)
        assert jobs.train(run) == State.FINISHED, store.run(run).reason
    return home


@pytest.fixture
def run(home: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """That network, and the worker's jobs done in this process."""
    from dlcore import jobs

    monkeypatch.setenv("DLCORE_HOME", home)
    answer_here(monkeypatch, partial(getattr, jobs))
    (run,) = open_store().list_runs()
    return run.id
