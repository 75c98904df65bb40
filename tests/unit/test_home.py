"""What the Studio keeps is for the user of the machine who runs it, and for nobody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dlcore.recipe import Recipe
from dlcore.runs.store import open_store
from dlcore.settings import settings


@pytest.fixture
def open_umask():
    """Files are for everybody unless who makes them says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o7777:o}"


def test_home_and_files_are_for_one_user(studio_home: Path, open_umask: None) -> None:
    store = open_store()
    run = store.create(Recipe.parse({}), "ada")
    store.artifacts.write(f"{run}/model/weights.safetensors", b"x")
    assert mode(studio_home) == "700"
    files = {path.name: mode(path) for path in studio_home.rglob("*") if path.is_file()}
    assert {"studio.db", "studio.db-wal", "weights.safetensors"} <= set(files)
    assert set(files.values()) == {"600"}


def test_a_home_of_an_earlier_version_is_closed(studio_home: Path, open_umask: None) -> None:
    studio_home.mkdir(mode=0o755)
    (studio_home / "studio.db").touch(0o644)
    open_store().count()
    assert mode(studio_home) == "700"
    assert mode(studio_home / "studio.db") == "600"


def test_a_folder_for_everybodys_temporary_files_stays_open(studio_home: Path, open_umask: None) -> None:
    studio_home.mkdir()
    studio_home.chmod(0o1777)
    settings()
    assert mode(studio_home) == "1777"


def test_files_that_a_deployment_puts_elsewhere_have_its_rights(
    tmp_path: Path, open_umask: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DLCORE_ARTIFACTS", str(tmp_path / "lab"))
    open_store().artifacts.write("run/x", b"x")
    assert mode(tmp_path / "lab" / "run" / "x") == "666"
