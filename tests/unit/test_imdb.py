"""IMDB: the files of Keras' loader, read without running what is in them, and one clear line without a network."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from dlcore.datasets.base import DatasetError
from dlcore.datasets.fetched import Remote
from dlcore.datasets.imdb import IMDB

WORDS = {word: rank for rank, word in enumerate(["the", "film", "was", "not", "good", "bad"], 1)}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path / "datasets"


def put(home: Path, monkeypatch: pytest.MonkeyPatch, reviews: np.ndarray) -> None:
    """Files as Keras has them, smaller."""
    home.mkdir()
    labels = np.arange(len(reviews)) % 2
    np.savez(home / "imdb.npz", x_train=reviews, y_train=labels, x_test=reviews, y_test=labels)
    (home / "imdb_word_index.json").write_text(json.dumps(WORDS))
    names = ("imdb.npz", "imdb_word_index.json")
    files = tuple(Remote("http://127.0.0.1:1/", name, (home / name).stat().st_size, "") for name in names)
    monkeypatch.setattr(IMDB, "files", files)


def test_reviews_are_words_again(home: Path, monkeypatch: pytest.MonkeyPatch):
    reviews = np.empty(1200, object)
    reviews[:] = [[1, 2, 3, 5] if i % 2 else [1, 2, 3, 4, 6, 6][: 4 + i % 3] for i in range(1200)]
    put(home, monkeypatch, reviews)
    dataset = IMDB(examples=1000, length=8)
    assert dataset.at_hand
    split = dataset.load(1)
    assert (len(split.train), len(split.validation), len(split.test)) == (900, 100, 1000)
    assert len(split.train) == dataset.training_examples
    good = split.train.texts[split.train.y == 1]
    assert {*good} == {"the film was good"}
    row = split.train.kept[split.train.y == 1][0]
    assert split.vocabularies["text"].decode(row) == "the film was good" and (row[4:] == 0).all()
    again = dataset.load(1)
    assert (again.train.kept == split.train.kept).all() and (again.test.y == split.test.y).all()


def test_nothing_but_arrays_is_made_of_the_file(home: Path, monkeypatch: pytest.MonkeyPatch):
    class Evil:
        def __reduce__(self):
            return Path.touch, (home / "done",)

    reviews = np.empty(2, object)
    reviews[:] = [[1], Evil()]
    put(home, monkeypatch, reviews)
    with pytest.raises(pickle.UnpicklingError, match="expected arrays"):
        IMDB().load(1)
    assert not (home / "done").exists()


def test_without_a_network_it_says_what_to_take_instead(home: Path, monkeypatch: pytest.MonkeyPatch):
    address = "http://127.0.0.1:1/imdb.npz"
    monkeypatch.setattr(IMDB, "files", (Remote(address, "imdb.npz", 10, ""), *IMDB.files[1:]))
    with pytest.raises(
        DatasetError, match=r"could not be downloaded .* choose Toy reviews, which is always"
    ) as error:
        IMDB().load(1)
    assert "\n" not in str(error.value)
