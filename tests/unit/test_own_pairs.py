"""Pairs of one's own: two columns of a table, cleaned, split by source, trained on, and taken home."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dlcore import jobs
from dlcore.datasets.base import DatasetError
from dlcore.datasets.own_pairs import OwnPairs
from dlcore.datasets.own_pairs_plan import plan
from dlcore.export.codegen import script
from dlcore.language.translation import translated
from dlcore.models import find
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from dlcore.uploads.apart import File
from dlcore.uploads.own_file import keep_file

ANIMALS = ["cat", "dog", "horse", "bird", "cow"]
VERBS = {"sleeps": "dort", "eats": "mange", "runs": "court", "sings": "chante"}
FRENCH = dict(zip(ANIMALS, ["chat", "chien", "cheval", "oiseau", "vache"], strict=True))
ROWS = [
    (f"The {size} {animal} {verb}.", f"Le {FRENCH[animal]} {taille} {VERBS[verb]}.")
    for animal in ANIMALS
    for verb in VERBS
    for size, taille in (("big", "grand"), ("small", "petit"), ("old", "vieux"))
]
MORE = [(source, target.replace("Le ", "Ce ")) for source, target in ROWS[:20]]


def table(rows, header=("english", "french", "who")) -> bytes:
    return "\n".join("\t".join([*row, "x"][: len(header)]) for row in [header, *rows]).encode()


def kept(data: bytes, columns=()):
    upload, file = keep_file(File("pairs.tsv", len(data), lambda: data))
    return plan(upload, file, columns)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCORE_HOME", str(tmp_path / "home"))


def test_a_table_becomes_pairs():
    dataset, notes = kept(table(ROWS + MORE + ROWS[:5] + [("lonely", " ")]))
    assert dataset.columns == ("english", "french") and dataset.examples == 80
    assert notes == [
        "Left out: 6 rows that are there twice or lack a text.",
        "20 pairs have a source that occurs before: all of a source are in the same part.",
    ]
    assert not dataset.missing and dataset.titles == ("English", "French")


def test_no_source_is_in_two_parts_and_the_vocabulary_is_that_of_the_training_part():
    dataset, _ = kept(table(ROWS + MORE))
    split = dataset.load(3)
    parts = [{*part.texts["source"]} for part in (split.train, split.validation, split.test)]
    assert sum(map(len, parts)) == 60 and len(split.train) + len(split.validation) + len(split.test) == 80
    target = split.vocabularies["target"]
    assert [target.decode(row) for row in split.test.y] == split.test.texts["target"].tolist()
    assert dataset.model_copy(update={"tokens": "words"}).load(3).vocabularies["source"].kind == "words"


def test_what_is_too_long_is_left_out_and_told():
    long = [(" ".join(["word"] * 60 + [str(i)]), "mot") for i in range(9)]
    dataset, _ = kept(table(ROWS + long))
    split = dataset.model_copy(update={"source_length": 24}).load(1)
    assert sum(map(len, (split.train, split.validation, split.test))) == 60
    shown = dataset.model_copy(update={"source_length": 24}).views(split)[0]["title"]
    assert "9 of 69 are longer" in shown
    with pytest.raises(DatasetError, match="choose larger lengths"):
        dataset.model_copy(update={"source_length": 4, "tokens": "characters"}).load(1)


@pytest.mark.parametrize(
    ("data", "columns", "why"),
    [
        (b"a\n" + b"text\n" * 30, (), "need two columns"),
        (table(ROWS[:6]), (), "There are 6 different pairs, and 20 are needed"),
        (table(ROWS), ("english", "english"), "Both columns are"),
        (table(ROWS), ("english", "german"), "german"),
    ],
)
def test_what_cannot_be_used_says_why(data, columns, why):
    with pytest.raises(DatasetError, match=why) as error:
        kept(data, columns)
    assert "\n" not in str(error.value)


def test_pairs_that_are_gone_say_so():
    with pytest.raises(DatasetError, match="not kept here"):
        OwnPairs(id="0" * 16, examples=30).load(1)
    with pytest.raises(DatasetError, match="not kept here"):
        OwnPairs().load(1)
    assert OwnPairs().missing


@pytest.mark.slow
def test_a_run_on_own_pairs_translates_after_they_are_deleted():
    from dlcore.uploads.kept import delete

    dataset, _ = kept(table(ROWS))
    network = {"kind": "seq2seq", "units": 64, "embedding": 32}
    training = {"epochs": 2, "batch_size": 8, "learning_rate": 0.005}
    recipe = Recipe.parse({"dataset": dataset.model_dump(), "architecture": network, "training": training})
    store = open_store()
    run = store.create(recipe, "ada")
    assert jobs.train(run) == State.FINISHED, store.run(run).reason
    result = store.run(run).result
    assert 0 <= result["metrics"]["exact_match"] <= 1 and "bleu" in result["metrics"]
    delete(dataset.id, store.artifacts)
    answer = translated(store, find(store, run), "The big cat sleeps.", beams=2)
    assert answer["source"] and len(answer["texts"]) == 2


@pytest.mark.slow
def test_exported_code_runs_on_the_file(tmp_path):
    dataset, _ = kept(table(ROWS + MORE))
    recipe = Recipe.parse(
        {
            "dataset": dataset.model_dump(),
            "architecture": {"kind": "encoder_decoder", "width": 8, "blocks": 1, "heads": 2},
            "training": {"epochs": 1},
        }
    )
    (tmp_path / "pairs.csv").write_bytes(table(ROWS + MORE))
    ended = subprocess.run(
        [sys.executable, "-c", script(recipe) + "\nprint(len(x_train) + len(x_test))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "test exact match" in ended.stdout
    assert ended.stdout.split()[-1] == str(dataset.examples)


def test_quotation_marks_of_sentences_are_kept():
    rows = [*ROWS, ('He said "no".', 'Il a dit "non".')]
    dataset, _ = kept(table(rows))
    assert ('He said "no".', 'Il a dit "non".') in dataset.pairs(1)
