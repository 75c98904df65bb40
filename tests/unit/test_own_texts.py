"""Texts of one's own: from a CSV file or a zip of folders to classes, and what is said where that cannot be."""

from __future__ import annotations

import csv
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dlcore import __main__ as command_line
from dlcore.datasets.base import DatasetError
from dlcore.datasets.own_texts import OwnTexts, plan, usual_columns
from dlcore.export.codegen import script
from dlcore.recipe import Recipe
from dlcore.runs.store import open_store
from dlcore.uploads.apart import File
from dlcore.uploads.limits import UploadError
from dlcore.uploads.text_zip import keep_texts

ROWS = [
    (f"the parcel number {i} came {when}", label)
    for i in range(20)
    for when, label in (("late", "complaint"), ("early", "praise"))
]
Text = str | bytes


def table(rows: list[tuple[str, str]], header: tuple[str, str] = ("message", "kind")) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([header, *rows])
    return out.getvalue().encode()


def zipped(files: dict[str, Text]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def file(name: str, data: bytes) -> File:
    return File(name, len(data), lambda: data)


def made(name: str, data: bytes) -> tuple[OwnTexts, list[str]]:
    upload, read = keep_texts(file(name, data))
    dataset, notes = plan(upload, read, *usual_columns(read))
    return dataset, [*read.notes, *notes]


def test_a_table_of_two_columns_is_learned_from():
    dataset, notes = made("post.csv", table(ROWS))
    assert (dataset.text, dataset.label) == ("message", "kind")
    assert dataset.classes == ("complaint", "praise") and dataset.examples == 40 and not notes
    assert Recipe.parse({"dataset": dataset.model_dump()}).training.epochs == 60  # of few texts many
    split = dataset.load(1)
    parts = (split.train, split.validation, split.test)
    assert [len(part) for part in parts] == [28, 6, 6] and len(split.train) == dataset.training_examples
    for part in parts:
        assert all(("early" in text) == bool(label) for text, label in zip(part.texts, part.y, strict=True))
    assert dataset.views(split)[0]["kind"] == "tokens"


def test_a_zip_of_folders_gives_the_same():
    files = {f"post/{label}/{i}.txt": text for i, (text, label) in enumerate(ROWS)}
    clutter = {
        "__MACOSX/post/._1.txt": b"\x00",
        "post/.DS_Store": b"\x00\x01",
        "post/praise/photo.jpg": b"\xff",
    }
    dataset, _ = made("post.zip", zipped(files | clutter))
    assert dataset.classes == ("complaint", "praise") and dataset.examples == 40
    assert sorted(dataset.all_texts()[0]) == sorted(text for text, _ in ROWS)


def test_a_link_holds_no_text_and_brings_the_data_back():
    dataset, _ = made("post.csv", table(ROWS))
    recipe = Recipe.parse({"dataset": dataset.model_dump()})
    assert Recipe.from_link(recipe.link()) == recipe
    assert "parcel" not in recipe.model_dump_json()
    assert "parcel" not in script(recipe) and "texts.csv" in script(recipe)
    again = OwnTexts.model_validate(json.loads(dataset.model_dump_json()))
    assert (again.load(1).train.kept == dataset.load(1).train.kept).all()


def test_what_was_deleted_is_gone():
    dataset, _ = made("post.csv", table(ROWS))
    store = open_store()
    store.claim_upload(dataset.id, "me")
    assert store.owns_upload(dataset.id, "me") and not store.owns_upload(dataset.id, "somebody")
    store.forget_upload(dataset.id, "me")
    with pytest.raises(DatasetError, match="not kept here, or no longer: upload them again"):
        dataset.load(1)


def test_other_texts_than_the_recipe_says_are_refused():
    dataset, _ = made("post.csv", table(ROWS))
    with pytest.raises(DatasetError, match="others than the recipe says"):
        dataset.model_copy(update={"examples": 39}).load(1)
    with pytest.raises(DatasetError, match="no column “topic”: choose one of message, kind"):
        dataset.model_copy(update={"label": "topic"}).load(1)


def test_rows_without_text_or_label_and_rare_labels_are_left_out_and_told():
    rows = [*ROWS, ("", "praise"), ("nothing said of it", ""), ("once", "rare"), ("twice", "rare")]
    dataset, notes = made("post.csv", table(rows))
    assert dataset.examples == 40
    assert any("2 rows without a text or without a label" in note for note in notes)
    assert any("fewer than 5 texts each: rare (2)" in note for note in notes)


BROKEN: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "one label": (
        "a.csv",
        lambda: table([(text, "praise") for text, _ in ROWS]),
        "1 different labels, .* two are needed",
    ),
    "a label each": (
        "a.csv",
        lambda: table([(text, f"x{i}") for i, (text, _) in enumerate(ROWS)]),
        "two are needed",
    ),
    "one column": (
        "a.csv",
        lambda: b"text\n" + b"\n".join(b"line" for _ in range(30)),
        "one column, and two are needed",
    ),
    "few rows": ("a.csv", lambda: table(ROWS[:12]), "There are 12 texts .* at least 20 are needed"),
    "too many labels": (
        "a.csv",
        lambda: table([(f"a text of number {i}", f"label {i % 201}") for i in range(201 * 5)]),
        "201 different labels, and at most 200",
    ),
    "empty": ("a.csv", lambda: b"", "no rows"),
    "no table": ("a.csv", lambda: b"\x89PNG\r\n\x1a\n\0\0\0", "no text file"),
    "one folder": (
        "a.zip",
        lambda: zipped({f"a/{i}.txt": "text" for i in range(30)}),
        "in one class: put them into a folder",
    ),
    "no texts": ("a.zip", lambda: zipped({"a/1.jpg": b"\xff"}), "holds no .txt files"),
    "no zip": ("a.zip", lambda: b"PK\x03\x04 and no more", "pack it again"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_used_says_why_in_one_line(name: str):
    path, data, reason = BROKEN[name]
    with pytest.raises((DatasetError, UploadError), match=reason) as error:
        made(path, data())
    assert "\n" not in str(error.value)


def test_a_zip_that_unpacks_to_more_than_it_may_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dlcore.uploads.text_zip.MAX_TOTAL_MB", 1)
    files = {f"{'ab'[i % 2]}/{i}.txt": "zeros " * 200_000 for i in range(20)}
    with pytest.raises(UploadError, match="holds more than 1 MB of texts: pack fewer"):
        made("a.zip", zipped(files))


def test_a_long_text_is_cut():
    rows = [(f"{text} {'and so on ' * 10_000}", label) for text, label in ROWS]
    dataset, _ = made("a.csv", table(rows))
    texts, labels = dataset.all_texts()
    assert max(map(len, texts)) == 20_000 and np.bincount(labels).tolist() == [20, 20]


def test_the_command_line_makes_the_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "post.csv").write_bytes(table(ROWS))
    monkeypatch.setattr(sys, "argv", ["dlcore", "datasets", "--texts", str(tmp_path / "post.csv"), "--json"])
    command_line.main()
    recipe = Recipe.parse(json.loads(capsys.readouterr().out))
    assert recipe.dataset.classes == ("complaint", "praise")
