"""Cells as people write them: numbers, dates, categories, and what is assumed of a column."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore.uploads.columns import categories, numbers, recognise
from dlcore.uploads.dates import read_dates, written
from dlcore.uploads.numbers import decimal_sign, number
from dlcore.uploads.spacing import spacing
from dlcore.uploads.timeline import filled, parts_of_time, seconds_of, timeline


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1,234.50", 1234.5), ("1.234,50", 1234.5), ("1 234,50", 1234.5), ("1\u202f234,5", 1234.5)),
        *(("1'234.50", 1234.5), ("12.345.678,00", 12345678), ("12'345'678", 12345678)),
        *(("4,787,699", 4787699), ("6189026.0000", 6189026), ("0,123", 0.123), (".5", 0.5), ("5.", None)),
        *(("12 %", 12), ("€ 3,20", 3.2), ("$4.00", 4), ("3,20 EUR", 3.2), ("−5", -5), ("+1e-3", 0.001)),
        *(("007", None), ("12.03.2020", None), ("1.2.3", None), ("12,34,56", None), ("1,23.4,5", None)),
        *(("abc", None), ("-", None), ("", None), ("1-2", None), ("0", 0), ("0.0", 0)),
    ],
)
@pytest.mark.parametrize("decimal", [".", ","])
def test_a_number_that_leaves_nothing_open(text, value, decimal):
    assert number(text, decimal) == value


def test_what_a_number_leaves_open_is_decided_by_the_others():
    assert (number("1,234", "."), number("1,234", ",")) == (1234, 1.234)
    assert (number("1.234", "."), number("1.234", ",")) == (1.234, 1234)
    assert decimal_sign(["1,234", "1,5"]) == "," and decimal_sign(["1,234", "1.5"]) == "."
    assert decimal_sign(["1,234", "12"]) == ""
    kinds = [
        recognise({"a": ["1,234", "2,345"], "b": other}, delimiter)[0].kind
        for delimiter, other in (
            (",", ["1", "2"]),
            (";", ["1", "2"]),
            (";", ["1.5", "2"]),
            (",", ["1,5", "2"]),
        )
    ]
    assert kinds == ["number", "decimal comma", "number", "decimal comma"]
    assert numbers(["1,234", "n/a"], "number").tolist()[0] == 1234
    assert numbers(["1,234", "n/a"], "decimal comma")[0] == 1.234


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *(("2020-03-04", "2020-03-04"), ("2020/3/4", "2020-03-04"), ("4.3.2020", "2020-03-04")),
        *(("2020-03", "2020-03-01"), ("03/2020", "2020-03-01"), ("Mar 4 2020", "2020-03-04")),
        *(("4 March 2020", "2020-03-04"), ("4. März 2020", "2020-03-04"), ("March 4th, 2020", "2020-03-04")),
        *(("Wed, 04 Mar 2020", "2020-03-04"), ("4-Mar-2020", "2020-03-04"), ("31.12.99", "1999-12-31")),
        *(("2020-03-04 13:30", "2020-03-04 13:30"), ("2020-03-04T13:30:00Z", "2020-03-04 13:30")),
        *(("3/31/2020 1:30 PM", "2020-03-31 13:30"), ("2020-03-04T13:30:00.000+01:00", "2020-03-04 12:30")),
        *(
            ("11:34", None),
            ("2020-13-01", None),
            ("31.02.2020", None),
            ("2020-03-04 25:00", None),
            ("", None),
        ),
        *(("1.234,50", None), ("20200304", None), ("2020", None)),
    ],
)
def test_a_date(text, day):
    (seconds,) = read_dates([text]).seconds
    assert (None if np.isnan(seconds) else written(seconds)) == day


@pytest.mark.parametrize(
    ("text", "day"), [("20200304", "2020-03-04"), ("2020", "2020-01-01"), ("86400000", None)]
)
def test_bare_numbers_are_dates_under_a_name_of_time_only(text, day):
    (seconds,) = read_dates([text], "Date").seconds
    assert (None if np.isnan(seconds) else written(seconds)) == day
    assert written(read_dates(["1583329800"], "timestamp").seconds[0]) == "2020-03-04 13:50"


def days(*texts: str) -> list[str]:
    return [written(seconds) for seconds in read_dates(texts).seconds]


def test_the_dates_of_a_column_decide_together_which_comes_first():
    assert days("12/01/2023", "13/01/2023") == ["2023-01-12", "2023-01-13"]
    assert days("01/12/2023", "01/13/2023") == ["2023-01-12", "2023-01-13"]
    assert days("1/2/2020", "2/1/2020", "3/1/2020") == ["2020-01-02", "2020-02-01", "2020-03-01"], (
        "their order"
    )
    assert days("03/04/2020") == ["2020-04-03"] and read_dates(["03/04/2020"]).open
    assert not read_dates(["03.04.2020"]).open and days("03.04.2020") == ["2020-04-03"]


def test_a_time_without_a_zone_has_that_of_the_row_before():
    texts = ("2023-03-26T01:30:00+01:00", "2023-03-26T03:30:00+02:00", "26/03/2023 04:30")
    assert days(*texts) == ["2023-03-26 00:30", "2023-03-26 01:30", "2023-03-26 02:30"]


def test_columns_are_recognised():
    rows = 40
    table = {
        "id": [str(i) for i in range(rows)],
        "size": [f"{i},5" for i in range(rows)],
        "with gaps": ["n/a", "-"] + [str(i * i) for i in range(rows - 2)],
        "with a slip": ["oops"] + [str(i * i) for i in range(rows - 1)],
        "colour": ["red", "blue"] * (rows // 2),
        "code": [f"{i % 9:03}" for i in range(rows)],
        "note": [f"note {i}" for i in range(rows)],
        "same": ["7"] * rows,
        "empty": [""] * rows,
        "day": [f"2020-01-{i % 28 + 1:02}" for i in range(rows)],
        "american": [f"1/{i % 28 + 1}/2020" for i in range(rows)],
        "european": [f"{i % 28 + 1}.1.2020" for i in range(rows)],
    }
    found = {column.name: (column.kind, column.about) for column in recognise(table)}
    assert found == {
        "id": ("left out", "counts the rows"),
        "size": ("decimal comma", "0.5 to 39.5, decimal comma"),
        "with gaps": ("number", "0 to 1369; 2 missing"),
        "with a slip": ("number", "0 to 1444; 1 cell such as “oops” is taken as missing"),
        "colour": ("category", "2 categories"),
        "code": ("category", "9 categories; a code such as 007 is no number"),
        "note": ("left out", "40 different texts"),
        "same": ("left out", "always 7"),
        "empty": ("left out", "all values are missing"),
        "day": ("date", "2020-01-01 to 2020-01-28"),
        "american": ("month first", "2020-01-01 to 2020-01-28"),
        "european": ("day first", "2020-01-01 to 2020-01-28"),
    }
    assert categories(["10", "9", "b", "a", "", "9"]) == ["9", "10", "a", "b", "missing"]


# -- time ----------------------------------------------------------------------------------------------


def test_rows_are_put_in_order_and_those_of_one_moment_together():
    found = timeline(np.array([30.0, np.nan, 10, 20, 20]))
    assert found.seconds.tolist() == [10, 20, 30] and found.unreadable.tolist() == [1]
    assert not found.sorted and found.doubles == 1
    assert found.means(np.array([3.0, 9, 1, np.nan, 2])).tolist() == [1, 2, 3]
    assert timeline(np.array([3.0, 2, 1])).backwards
    assert filled(np.array([np.nan, 1, np.nan, np.nan, 2])).tolist()[1:] == [1, 1, 1, 2]


def test_a_time_in_several_columns():
    assert parts_of_time(["No", "Year", "month", "day", "hour", "x"]) == ("Year", "month", "day", "hour")
    assert parts_of_time(["year", "x"]) == parts_of_time(["month", "day"]) == ()
    seconds = seconds_of([["2020", "2021"], ["3", "x"], ["4", "5"], ["13", "1"]])
    assert written(seconds[0]) == "2020-03-04 13:00" and np.isnan(seconds[1])


def moments(*texts: str) -> np.ndarray:
    return read_dates(texts).seconds


@pytest.mark.parametrize(
    ("seconds", "step", "season", "gap"),
    [
        (3600.0 * np.arange(5), "hour", 24, ""),
        (600.0 * np.arange(5), "step", 144, ""),
        (moments("2020-01", "2020-02", "2020-03", "2020-04"), "month", 12, ""),
        (moments("2020-01-01", "2020-01-02", "2020-01-09"), "day", 7, "(6 days missing in all)"),
        (moments("2020-01-02", "2020-01-03", "2020-01-06", "2020-01-07"), "day", 5, ""),
        (moments("2020-01", "2020-02", "2020-03", "2020-05"), "month", 12, "(1 month missing in all)"),
        (np.array([0.0, 1, 5, 26]), "step", 0, "missing"),
    ],
)
def test_the_step_the_season_and_the_gaps_of_a_series(seconds, step, season, gap):
    found = spacing(seconds)
    assert (found.step, found.season) == (step, season)
    assert gap in found.gaps and bool(gap) == bool(found.gaps)
