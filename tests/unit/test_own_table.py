"""A table of one's own: how its columns are used, what is refused, and that nothing is learned from the test part."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from dlcore.__main__ import main
from dlcore.datasets import DatasetError
from dlcore.datasets.own_columns import MOST_LETTERS, Input, letters
from dlcore.datasets.own_table import OwnTable
from dlcore.datasets.own_table_plan import plan
from dlcore.export.codegen import cells as code_cells
from dlcore.recipe import Recipe, RecipeError
from dlcore.runs.store import open_store
from dlcore.uploads.apart import File
from dlcore.uploads.limits import UploadError
from dlcore.uploads.own_file import keep_file


def uploaded(text: str | bytes, **options):
    data = text.encode() if isinstance(text, str) else text
    return plan(*keep_file(File.of("table.csv", data)), **options)


def table(rows: int = 60, head: str = "size;colour;price;kind") -> str:
    lines = (
        f"{i % 7},5;{('red', 'green', 'blue')[i % 3]};{'' if i == 4 else 1000 + 10 * i};{'ab'[i % 2]}"
        for i in range(rows)
    )
    return "\n".join([head, *lines])


def test_the_last_column_is_predicted_from_the_others():
    dataset, notes = uploaded(table())
    assert dataset.classes == ("a", "b") and dataset.task == "classification" and dataset.examples == 60
    assert dataset.features == ("size", "colour = blue", "colour = green", "colour = red", "price")
    assert notes == ["Missing numbers (1 in 1 row) become the mean of the training part."]
    split = dataset.load(1)
    assert len(split.train) == dataset.training_examples
    assert set(np.unique(split.train.kept[:, 1:4])) == {0, 1}
    assert split.train.kept[:, [0, 4]].mean(axis=0) == pytest.approx([0, 0], abs=1e-6)
    whole = np.concatenate([part.kept for part in (split.train, split.validation, split.test)])
    assert (whole[:, 4] == 0).sum() == 1, "the missing one is the mean"
    (row,) = Recipe.parse({"dataset": dataset.model_dump()}).network.rows()[:1]
    assert row.output_shape


def test_another_column_is_a_number_to_predict_and_rows_without_it_are_left_out():
    dataset, notes = uploaded(table(), target="price")
    assert (dataset.task, dataset.classes, dataset.examples) == ("regression", (), 59)
    assert notes == ["Left out: 1 row without “price”."]
    split = dataset.load(1)
    assert split.train.y.mean() == pytest.approx(0, abs=1e-6)
    prices = np.concatenate([split.in_unit(part.y) for part in (split.train, split.validation, split.test)])
    assert sorted(prices) == pytest.approx([1000 + 10 * i for i in range(60) if i != 4])


def test_what_was_assumed_can_be_changed():
    dataset, _ = uploaded(table(), kinds={"size": "category", "price": "left out"})
    assert dataset.features[0] == "size = 0,5" and "price" not in dataset.features
    dataset, notes = uploaded(table(), drop=True)
    assert dataset.examples == 59 and notes == ["Left out: 1 row with a missing number."]
    dataset, _ = uploaded(table(), target="size", kind="category")
    assert len(dataset.classes) == 7
    dataset, _ = uploaded("x,y\n" + "\n".join(f"{i},{i % 3}" for i in range(30)), kind="number")
    assert dataset.task == "regression"


def test_few_whole_numbers_are_classes_and_rare_ones_are_left_out():
    dataset, notes = uploaded("x,y\n" + "\n".join(f"{i},{9 if i == 3 else i % 3}" for i in range(30)))
    assert dataset.classes == ("0", "1", "2") and dataset.examples == 29
    assert notes[0] == "Left out: 1 of 4 classes, with fewer than 5 rows each: 9 (1)."


def test_the_most_frequent_categories_become_inputs():
    lines = [f"{chr(97 + min(i, 24) if i < 25 else 97 + i % 5)},{i % 2}" for i in range(80)]
    dataset, notes = uploaded("c,y\n" + "\n".join(lines))
    assert len(dataset.features) == 20
    assert notes == ["“c”: the 20 most frequent of 25 categories are inputs."]


def test_the_scale_is_that_of_the_training_part_alone():
    dataset, _ = uploaded("x,y\n" + "\n".join(f"{i * i},{i % 2}" for i in range(100)))
    split = dataset.load(3)
    assert split.train.kept.mean() == pytest.approx(0, abs=1e-6) and split.train.kept.std() == pytest.approx(
        1
    )
    assert abs(split.test.kept.mean()) > 1e-3


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("", {}, "no rows in this file"),
        ("a,b\n", {}, "no rows in this file"),
        ("a\n" + "1\n" * 50, {}, "needs two columns at least"),
        ("a,b\n1,2", {}, "At least 20 rows are needed, and there is 1"),
        ("a,b\n" + "1,x\n2,x\n" * 20, {"target": "b"}, "“b” is always “x”, so there is one class only"),
        ("a,b\n" + "1,2\n2,2\n" * 20, {"target": "b", "kind": "number"}, "“b” is always 2"),
        (
            table(),
            {"target": "colour", "kind": "number"},
            "holds texts such as “red”, and a regression needs",
        ),
        ("a,b\n" + "1,\n2,n/a\n" * 20, {"target": "b"}, "All values of “b” are missing"),
        ("a,b\n" + ",\n-,n/a\n" * 20, {}, "No column can be predicted: “a” all values are missing"),
        ("a,b\n" + "\n".join(f"{i},v{i}" for i in range(50)), {"target": "b"}, "50 different values"),
        (
            "a,b\n" + "\n".join(f"{i},v{i % 201}" for i in range(1005)),
            {"target": "b"},
            "201 classes, and at most 200",
        ),
        (table(), {"target": "colours"}, "no column “colours”: choose one of size, colour"),
        (table(), {"kinds": dict.fromkeys(("size", "colour", "price"), "left out")}, "No column is left"),
        ("a,b\n" + "1,x\n1,y\n" * 20, {"kinds": {"a": "number"}}, "the same in every row"),
        (b"\0" * 1000, {}, "This is no text file"),
        (b"PK\x03\x04" + bytes(100), {}, "an Excel workbook or a zip, and only CSV is read"),
        ("<!DOCTYPE html><html>", {}, "a web page"),
        ('{"a": [1, 2]}', {}, "JSON"),
        (
            "A letter.\nIt has lines, of words,\nbut no columns.\n" * 20,
            {},
            "needs two columns|can be predicted|2",
        ),
        (",".join(["x"] * 300) + "\n" + ",".join(["1"] * 300), {}, "300 columns; at most 200"),
        (
            ",".join([f"c{i}" for i in range(60)] + ["y"])
            + "\n"
            + "\n".join(",".join([f"v{(i + j) % 20}" for j in range(60)] + [f"{i % 2}"]) for i in range(60)),
            {},
            "make 1,200 inputs, and at most 500",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(text, options, why):
    with pytest.raises((DatasetError, UploadError), match=why) as refused:
        uploaded(text, **options)
    assert "\n" not in str(refused.value) and str(refused.value).endswith(".")


def test_two_hundred_classes_are_told_apart():
    dataset, _ = uploaded("a,b\n" + "\n".join(f"{i},v{i % 200:03}" for i in range(1000)), target="b")
    assert len(dataset.classes) == 200 and set(dataset.load(1).train.y) == set(range(200))


def test_a_gigabyte_is_not_read():
    file = File("zeros.csv", 2**30, lambda: pytest.fail("it was read"))
    with pytest.raises(UploadError, match="has 1,024 MB, and at most 20 MB are read"):
        keep_file(file)


def test_of_too_many_rows_the_first_are_taken():
    data = b"x,y\n" + b"0,0\n1,1\n" * 60_000
    upload, file = keep_file(File.of("many.csv", data))
    assert file.rows == 100_000 and file.notes == ["The first 100,000 of its 120,000 rows are read."]
    dataset, _ = plan(upload, file)
    assert dataset.examples == 100_000


# -- kept, found again, deleted -------------------------------------------------------------------------


def test_the_recipe_holds_the_choices_and_the_store_the_cells():
    dataset, _ = uploaded(table())
    recipe = Recipe.parse({"dataset": dataset.model_dump(mode="json")})
    assert Recipe.from_link(recipe.link()).dataset == dataset and "1010" not in recipe.model_dump_json()
    same, _ = uploaded(table())
    assert same.id == dataset.id
    open_store().forget_upload(dataset.id, None)
    with pytest.raises(DatasetError, match="not kept here, or no longer"):
        dataset.load(1)


def test_a_run_is_called_after_what_is_predicted():
    store = open_store()
    recipe = Recipe.parse({"dataset": uploaded(table(), target="price")[0].model_dump(mode="json")})
    assert store.run(store.create(recipe, "me")).name == "price mlp"


def test_a_recipe_that_says_something_else_is_refused():
    dataset, _ = uploaded(table())
    for change in (
        {"examples": 40},
        {"columns": (dataset.predict, dataset.inputs[0].model_copy(update={"name": "gone"}))},
    ):
        with pytest.raises(DatasetError, match=r"another than|no column “gone”"):
            dataset.model_copy(update=change).load(1)
    with pytest.raises(RecipeError, match="upload a CSV file"):
        Recipe.parse({"dataset": "own_table"})
    assert OwnTable().missing


def test_a_link_holds_as_many_letters_as_there_may_be():
    draw = random.Random(1)

    def word(length: int) -> str:
        return "".join(chr(draw.randint(0x4E00, 0x9FFF)) for _ in range(length))

    columns = [
        Input(name=word(30), kind="category", values=tuple(word(20) for _ in range(20))) for _ in range(23)
    ]
    dataset = OwnTable(id="0" * 16, columns=tuple(columns), examples=100)
    recipe = Recipe.parse({"dataset": dataset.model_dump()})
    assert letters(columns) > 0.95 * MOST_LETTERS and Recipe.from_link(recipe.link()) == recipe
    rows = [",".join(str((i + j) % 7) for j in range(150)) for i in range(40)]
    text = "\n".join([",".join(word(90) for _ in range(150)), *rows])
    with pytest.raises(DatasetError, match="more than 10,000 letters"):
        uploaded(text)


@pytest.mark.parametrize("target", ["kind", "price"])
@pytest.mark.parametrize("drop", [False, True])
def test_exported_code_reads_the_same_numbers(tmp_path, monkeypatch, target, drop):
    text = table().replace("\n6,5;", "\n-6.000,5;")
    dataset, _ = uploaded(text.encode("utf-16"), target=target, drop=drop)
    recipe = Recipe.parse({"dataset": dataset.model_dump()})
    (tmp_path / "table.csv").write_bytes(text.encode("utf-16"))
    monkeypatch.chdir(tmp_path)
    found: dict = {}
    for _, code in code_cells(recipe)[:2]:
        exec(code.replace("import keras", "").replace("keras.utils.set_random_seed(1)", ""), found)
    split = dataset.load(1)
    assert len(found["x_train"]) + len(found["x_test"]) == dataset.examples
    assert found["x_train"].shape[1:] == dataset.input_shape
    if not dataset.classes:
        ours = np.concatenate([split.in_unit(part.y) for part in (split.train, split.validation, split.test)])
        theirs = np.concatenate([found["y_train"], found["y_test"]]) * found["spread"] + found["centre"]
        assert sorted(theirs) == pytest.approx(sorted(ours), rel=1e-6)
    else:
        assert set(found["y_train"]) == {0, 1}


def test_the_command_line_makes_one(tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text(table(), "cp1252")
    assert main(["datasets", "--table", str(path), "--target", "price", "--json"]) == 0
    printed = capsys.readouterr()
    dataset = json.loads(printed.out)["dataset"]
    assert dataset["name"] == "own_table" and dataset["columns"][0]["name"] == "price"
    assert "separated by semicolons" in printed.err and "Left out: 1 row" in printed.err
    assert main(["datasets", "--table", str(path), "--target", "nothing"]) == 2
    assert capsys.readouterr().err.startswith("dlcore: There is no column “nothing”")
