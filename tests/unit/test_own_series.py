"""A series of one's own: its time, its order, its gaps, and that only the past is known."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta

import numpy as np
import pytest

from dlcore.__main__ import main
from dlcore.datasets import DatasetError
from dlcore.datasets.own_series_plan import plan
from dlcore.export.codegen import cells as code_cells
from dlcore.recipe import Recipe, RecipeError
from dlcore.runs.store import open_store
from dlcore.uploads.apart import File
from dlcore.uploads.limits import UploadError
from dlcore.uploads.own_file import keep_file

GROWN = "The series leaves the range of its past, so each window is scaled by itself."


def uploaded(text: str | bytes, **options):
    data = text.encode() if isinstance(text, str) else text
    return plan(*keep_file(File.of("series.csv", data)), **options)


def hours(count: int = 100, order: int = 1) -> str:
    rows = [f"2020-01-{1 + i // 24:02} {i % 24:02}:00,{i},{i * i},x{i % 3}" for i in range(count)]
    return "\n".join(["when,Temperature (°C),pressure,weather", *rows[::order]])


def test_the_first_column_of_numbers_is_predicted_and_the_others_are_seen():
    dataset, notes = uploaded(hours())
    assert dataset.variables == ("Temperature (°C)", "pressure") and dataset.problem.unit == "°C"
    assert (dataset.count, dataset.step, dataset.season, dataset.window) == (100, "hour", 24, 24)
    assert notes == ["Time: “when”, from 2020-01-01 to 2020-01-05 03:00.", "One row an hour.", GROWN]
    assert dataset.own_scale
    assert not uploaded("v\n" + "\n".join(f"{i % 12}" for i in range(90)))[0].own_scale
    dataset, _ = uploaded(hours(), predict="pressure", kinds={"Temperature (°C)": "left out"}, horizon=3)
    assert dataset.variables == ("pressure",) and dataset.problem.target_shape == (3,)


def test_rows_are_sorted_by_time_and_the_parts_are_in_its_order():
    dataset, notes = uploaded(hours(order=-1))
    assert "The rows were newest first; they are sorted by time." in notes
    assert dataset.values()[:, 0].tolist() == list(range(100))
    split = dataset.load(1)
    ends = [
        dataset.forecasts(split, part, part.y)[-1, 0] for part in (split.train, split.validation, split.test)
    ]
    first, second = dataset.cuts
    assert ends == pytest.approx([first - 1, second - 1, 99], abs=1e-3)
    assert split.scale == pytest.approx((np.arange(first).mean(), np.arange(first).std()))
    assert Recipe.parse({"dataset": dataset.model_dump(mode="json")}).dataset.training_examples == len(
        split.train
    )


def test_doubles_gaps_and_missing_values_are_told():
    lines = [f"{i % 28 + 1:02}.{i // 28 + 1:02}.2023;{i}" for i in range(56)]
    lines[10] = lines[10].split(";")[0] + ";"
    lines.insert(5, lines[5].split(";")[0] + ";7")
    del lines[40]
    lines.append("later;9")
    dataset, notes = uploaded("date;value\n" + "\n".join(lines))
    assert notes[1:] == [
        "Left out: 1 row without a readable time, such as “later”.",
        "1 time occurs more than once; the mean of the values is taken.",
        "Missing values (1 of “value”) become the last one before them.",
        "One row a day.",
        "2 gaps, the longest from 2023-01-28 to 2023-02-01 (4 days missing in all); "
        "rows on both sides are taken as following each other.",
        GROWN,
        "The series is short, so a window of 19 is suggested.",
    ]
    values = dataset.values()[:, 0]
    assert values[5] == 6 and values[10] == 9 and np.isfinite(values).all() and len(values) == 55


def test_what_another_column_lacks_at_the_beginning_is_the_mean_of_the_past():
    dataset, notes = uploaded("a,b\n" + "\n".join(f"{i % 7},{'' if i < 3 else i}" for i in range(60)))
    assert notes[1] == "Missing values (3 of other columns) become the last one before them."
    past = np.arange(3, dataset.cuts[0])
    assert dataset.values()[:3, 1] == pytest.approx([past.mean()] * 3)


def test_a_file_of_several_series_is_told_apart():
    rows = [
        f"{name},{2000 + m // 12}-{m % 12 + 1:02},{m + offset}"
        for offset, name in ((0, "B"), (100, "A"))
        for m in range(48)
    ]
    dataset, notes = uploaded("symbol,date,price\n" + "\n".join(rows))
    assert notes[0] == "It holds 2 series, told apart by “symbol”; that of A is used."
    assert dataset.values()[:3, 0].tolist() == [100, 101, 102] and dataset.season == 12
    assert uploaded("symbol,date,price\n" + "\n".join(rows), member="B")[0].values()[0, 0] == 0


def test_a_time_in_parts_and_no_time_at_all():
    rows = [f"{i + 1},2020,1,{1 + i // 24},{i % 24},{i * i}" for i in range(90)]
    dataset, notes = uploaded("No,year,month,day,hour,value\n" + "\n".join(rows))
    assert dataset.time == ("year", "month", "day", "hour") and dataset.variables == ("value",)
    assert dataset.step == "hour"
    dataset, notes = uploaded("value\n" + "\n".join(str(i * i % 50) for i in range(90)))
    assert notes == ["No column of times was found: the rows are taken in their order."]
    assert (dataset.step, dataset.time) == ("row", ())


@pytest.mark.parametrize(
    ("text", "options", "why"),
    [
        ("", {}, "no rows in this file"),
        ("a,b\n1,2", {}, "needs a column of numbers, and there is none: “a” always 1"),
        ("a,b\n1,2\n2,3", {}, "There are 2 rows with “a”, and a series needs 10 at least"),
        (
            "date,name\n" + "\n".join(f"2020-01-{i + 1:02},n{i}" for i in range(30)),
            {},
            "needs a column of numbers",
        ),
        (hours(), {"predict": "weather"}, "“weather” cannot be forecast .3 categories."),
        (hours(), {"predict": "wind"}, "no column “wind”"),
        ("date,v\n" + "\n".join(f"2020-01-{i + 1:02},-" for i in range(30)), {}, "all values are missing"),
        ("a,v\n" + "1,5\n" * 30, {"kinds": {"v": "number"}}, "“v” is always 5"),
        (hours(), {"time": ("weather",)}, "No time can be read in “weather”"),
        (
            hours(30),
            {"window": 24},
            "window of 24 and a horizon of 1 need 25 rows to learn from, and there are 22",
        ),
        (hours(30), {"horizon": 8}, "expected at most 4"),
        (b"\0" * 1000, {}, "no text file"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(text, options, why):
    with pytest.raises((DatasetError, UploadError), match=why) as refused:
        uploaded(text, **options)
    assert "\n" not in str(refused.value)


def test_a_short_series_gets_a_window_that_fits_and_a_longer_one_is_refused_by_name():
    dataset, notes = uploaded(hours(20))
    assert dataset.window == 6 and notes[-1] == "The series is short, so a window of 6 is suggested."
    dataset.load(1)
    with pytest.raises(RecipeError, match=r"dataset.window: expected at most 13.*window of 20.*need 21 rows"):
        Recipe.parse({"dataset": dataset.model_dump() | {"window": 20}})
    with pytest.raises(RecipeError, match=r"dataset.horizon: expected at most 3"):
        Recipe.parse({"dataset": dataset.model_dump() | {"horizon": 8}})


@pytest.mark.parametrize(
    "options",
    [{"own_scale": False}, {"own_scale": True}, {"own_scale": False, "change": False, "together": False}],
)
@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%b %d %Y %H:%M"])
def test_exported_code_makes_the_same_windows(tmp_path, monkeypatch, options, form):
    lines = hours(90).splitlines()
    times = [datetime(2020, 1, 9) + timedelta(hours=i) for i in range(90)]
    rows = [
        f"{time.strftime(form)},{line.split(',', 1)[1]}" for time, line in zip(times, lines[1:], strict=True)
    ]
    text = "\n".join([lines[0], *rows[::-1]])
    text = text.replace(",7,", ",,").replace(",50,", ",,")
    dataset = uploaded(text)[0].model_copy(update=options)
    assert dataset.step == "hour"
    recipe = Recipe.parse({"dataset": dataset.model_dump()})
    (tmp_path / "series.csv").write_text(text)
    monkeypatch.chdir(tmp_path)
    found: dict = {}
    for _, code in code_cells(recipe)[:2]:
        exec(code.replace("import keras", "").replace("keras.utils.set_random_seed(1)", ""), found)
    split = dataset.load(1)
    assert found["x_test"] == pytest.approx(split.test.kept, abs=1e-5)
    assert found["y_test"] == pytest.approx(split.test.y, abs=1e-4)
    assert len(found["x_train"]) == len(split.train) + len(split.validation)


def test_what_was_deleted_is_gone_also_from_memory():
    dataset, _ = uploaded(hours())
    dataset.load(1)
    open_store().forget_upload(dataset.id, None)
    with pytest.raises(DatasetError, match="not kept here, or no longer"):
        dataset.load(1)


def test_the_command_line_makes_one(tmp_path, capsys):
    path = tmp_path / "mine.csv"
    path.write_text(hours())
    arguments = ["--predict", "pressure", "--window", "12", "--horizon", "2", "--json"]
    assert main(["datasets", "--series", str(path), *arguments]) == 0
    printed = capsys.readouterr()
    dataset = json.loads(printed.out)["dataset"]
    assert (dataset["window"], dataset["horizon"], dataset["columns"][0]["name"]) == (12, 2, "pressure")
    assert "One row an hour." in printed.err
    assert main(["datasets", "--series", str(path), "--window", "1000"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_twenty_megabytes_of_zeros_take_little_memory():
    code = (
        "import resource\n"
        "from dlcore.uploads.apart import File\n"
        "from dlcore.uploads.own_file import keep_file\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "upload, file = keep_file(File.of('zeros.csv', b'v\\n' + b'0\\n' * (10 * 2**20 - 1)))\n"
        "assert file.rows == 100_000, file.rows\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert ended.returncode == 0, ended.stderr
    assert int(ended.stdout) < 400
