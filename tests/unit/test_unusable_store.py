"""A store that cannot be used costs one clear line, and nothing that does not need it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dlcore import models
from dlcore.__main__ import main
from dlcore.client import Client, Visitor
from dlcore.recipe import Recipe
from dlcore.runs.database import StoreError
from dlcore.runs.failures import disk_is_full
from dlcore.runs.store import Store, open_store

RECIPE = Recipe.parse({"dataset": "moons"})


def below_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    home.write_text("a file where a folder should be")
    monkeypatch.setenv("DLCORE_HOME", str(home / "studio"))
    return str(home)


def no_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    home.mkdir()
    (home / "studio.db").write_text("This is no database. " * 100)
    return "file is not a database"


def a_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (home / "studio.db").mkdir(parents=True)
    return "unable to open"


def deleted(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    open_store().create(RECIPE, "ada")
    (home / "studio.db").unlink()
    return "was deleted or replaced"


def replaced(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    open_store().create(RECIPE, "ada")
    (home / "studio.db").rename(home / "elsewhere.db")
    (home / "studio.db").write_bytes(b"")
    return "was deleted or replaced"


@pytest.fixture(params=[below_a_file, no_database, a_folder, deleted, replaced])
def said(request, studio_home, monkeypatch) -> str:
    """An unusable store, and a part of the line that says so."""
    return request.param(studio_home, monkeypatch)


def test_every_use_says_so_in_one_line_and_never_otherwise(said):
    store = open_store()
    uses = [
        store.list_runs,
        store.waiting,
        lambda: store.create(RECIPE, "ada"),
        lambda: store.run("0" * 12),
        lambda: Client().submit(RECIPE, Visitor("ada")),
    ]
    for use in uses:
        with pytest.raises(StoreError) as told:
            use()
        assert said in str(told.value) and "\n" not in str(told.value), told.value
    assert said in store.problem()


def test_shipped_models_still_answer(said):
    shipped = {info.name for info in models.shipped()}
    assert {info.name for info in models.available(open_store())} == shipped
    assert {info.name for info in Client().models(Visitor("ada"))} == shipped
    assert models.find(open_store(), "digits-cnn").name == "digits-cnn"


@pytest.mark.parametrize("command", [["runs"], ["runs", "abc"], ["evaluate", "abc"], ["train", "-"]])
def test_commands_say_it_on_one_line(said, command, capsys, monkeypatch, tmp_path):
    if command[-1] == "-":
        command = ["train", str(tmp_path / "recipe.json")]
        (tmp_path / "recipe.json").write_text(json.dumps({"dataset": "moons"}))
    assert main(command) == 1
    error = capsys.readouterr().err
    assert error.startswith("dlcore: ") and error.count("\n") == 1 and said in error


def test_the_command_that_lists_models_lists_the_shipped_ones_and_says_it(said, capsys):
    assert main(["models"]) == 0
    output = capsys.readouterr()
    assert "digits-cnn" in output.out and said in output.err and output.err.count("\n") == 1


def test_a_store_that_is_mended_is_used_again(studio_home):
    studio_home.mkdir()
    (studio_home / "studio.db").write_text("This is no database. " * 100)
    store = open_store()
    assert store.problem()
    (studio_home / "studio.db").unlink()
    assert not store.problem() and store.create(RECIPE, "ada")


def test_files_that_cannot_be_written_say_where(studio_home):
    store = Store(open_store().options)
    (studio_home / "artifacts").write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="artifacts"):
        store.artifacts.write("run/file", b"1")


def test_a_full_disk_is_still_told_from_other_failures(studio_home):
    store = open_store()
    with store.engine.connect() as db:
        db.exec_driver_sql("PRAGMA max_page_count = 1")
        with pytest.raises(StoreError, match="full") as told:
            db.exec_driver_sql("CREATE TABLE more (x)")
            db.exec_driver_sql("INSERT INTO more VALUES (zeroblob(1000000))")
    assert disk_is_full(told.value)
