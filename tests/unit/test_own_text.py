"""A text of one's own: read in any encoding, kept once, cut by position, and seen by its owner alone."""

from __future__ import annotations

import pytest

from dlcore.client import Refused, Visitor, client
from dlcore.datasets import DatasetError
from dlcore.datasets.own_text import LEAST, MOST, OwnText, keep_text
from dlcore.recipe import Recipe, RecipeError
from dlcore.runs.store import open_store
from dlcore.uploads.apart import File

LINES = "\n".join(f"Zeile {i}: ein Satz über Öl und Wasser, der nie derselbe ist." for i in range(200)) + "\n"


def file(data: bytes, name: str = "lines.txt") -> File:
    return File(name, len(data), lambda: data)


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_text_is_the_same_in_every_encoding_and_kept_once(code: str) -> None:
    chosen, _ = keep_text(file(LINES.replace("\n", "\r\n").encode(code)))
    again, _ = keep_text(file(LINES.encode()))
    assert chosen == again and chosen.text() == LINES
    assert (chosen.size, chosen.alphabet) == (len(LINES), len({*LINES}))
    assert len(open_store().artifacts.names("uploads")) == 1


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"too short", "has 9 characters, and at least 2,000 are needed to learn from: add more text"),
        (b"\x89PNG\r\n\x1a\n" + bytes(5000), "This is no text file"),
        (b"", "has 0 characters"),
    ],
)
def test_what_is_no_text_is_refused_in_one_line(data: bytes, line: str) -> None:
    with pytest.raises(DatasetError, match=line) as caught:
        keep_text(file(data))
    assert "\n" not in str(caught.value) and str(caught.value).startswith("lines.txt")


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLCORE_MAX_UPLOAD_MB", "1")
    with pytest.raises(DatasetError, match="has 2 MB, and at most 1 MB are read"):
        keep_text(File("book.txt", 2 * 2**20, lambda: pytest.fail("it was read")))


def test_of_a_long_text_the_beginning_is_taken_and_it_is_said() -> None:
    chosen, notes = keep_text(file(b"abc def " * (MOST // 8 + 10)))
    assert chosen.size == MOST and notes == [f"The first {MOST:,} of its {MOST + 80:,} characters are taken."]


def test_it_is_an_example_like_any_other() -> None:
    chosen, _ = keep_text(file(LINES.encode()))
    recipe = Recipe.parse({"dataset": chosen.model_dump() | {"length": 32}})
    assert recipe.architecture.kind == "gpt" and recipe.training.epochs > 1
    split = recipe.dataset.load(1)
    assert len(split.train) == recipe.dataset.training_examples and len(split.test) > 0
    assert split.vocabularies["text"].decode(split.train.kept[0]) == LINES[:32]
    assert Recipe.from_link(recipe.link()) == recipe and "Zeile" not in str(recipe.model_dump())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"length": 512}, "at least 513 characters for a context of 512"),
        ({"tokens": "BPE", "length": 240}, "1,928"),
    ],
)
def test_parts_that_cannot_hold_a_window_are_refused_before_the_training(options: dict, words: str) -> None:
    chosen, _ = keep_text(file(LINES[:4000].encode()))
    with pytest.raises(RecipeError, match=words):
        Recipe.parse({"dataset": chosen.model_dump() | options})


def test_without_an_upload_it_says_what_to_do() -> None:
    with pytest.raises(RecipeError, match="expected a text, received none yet: upload one"):
        Recipe.parse({"dataset": "own_text"})
    with pytest.raises(DatasetError, match="upload it again"):
        OwnText(id="0" * 16, size=LEAST, alphabet=9).load(1)


def test_another_visitor_cannot_train_on_it_nor_see_what_it_became() -> None:
    chosen, _ = keep_text(file(LINES.encode()))
    ada, bob = Visitor("ada", False), Visitor("bob", False)
    store = client().store
    store.claim_upload(chosen.id, ada.id)
    recipe = Recipe.parse({"dataset": chosen.model_dump() | {"length": 32}})
    with pytest.raises(Refused):
        client().submit(recipe, bob)
    run = store.create(recipe, ada.id, name="mine")
    assert [r.id for r in store.list_runs(seen_by=ada.id)] == [run]
    assert not store.list_runs(seen_by=bob.id)
