"""Every page says in one line that the run store cannot be used, and the shipped models are still there."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_page import APP
from streamlit.testing.v1 import AppTest

from dlcore.client import Client
from dlcore.recipe import Recipe
from dlcore.runs.store import open_store

PAGES = ["home", "build", "train", "classify", "text", "generate"]


@pytest.fixture(autouse=True)
def no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "attend", lambda self: None)


def lines(app: AppTest) -> list[str]:
    assert not app.exception, app.exception
    return [error.value for error in app.error]


@pytest.mark.parametrize("page", PAGES)
def test_no_database(page: str, studio_home: Path):
    studio_home.mkdir()
    (studio_home / "studio.db").write_text("This is no database. " * 100)
    app = AppTest.from_file(APP, default_timeout=30).run()
    app.switch_page(f"pages/{page}.py").run()
    (line,) = lines(app)
    assert "file is not a database" in line and "DLCORE" in line
    if page in ("classify", "generate"):
        assert any("digits" in str(box.options) for box in app.selectbox), "the shipped models"
    if page == "build":
        app.button(key="train").click().run()
        assert lines(app)


@pytest.mark.parametrize("page", PAGES)
def test_a_home_that_cannot_be_made(page: str, studio_home: Path, monkeypatch: pytest.MonkeyPatch):
    studio_home.write_text("a file where a folder should be")
    monkeypatch.setenv("DLCORE_HOME", str(studio_home / "studio"))
    app = AppTest.from_file(APP, default_timeout=30).run()
    app.switch_page(f"pages/{page}.py").run()
    assert len(lines(app)) == 1


def test_deleted_under_a_page_that_shows_a_run(studio_home: Path):
    run = open_store().create(Recipe.parse({"dataset": "moons"}), "ada")
    app = AppTest.from_file(APP, default_timeout=30).run()
    app.query_params["run"] = run
    app.switch_page("pages/train.py").run()
    assert not lines(app)
    (studio_home / "studio.db").unlink()
    app.run()
    (line,) = lines(app)
    assert "was deleted or replaced" in line
