"""CSV files as people have them."""

from __future__ import annotations

import csv
import io

import pytest

from dlcore.text_table import MOST_COLUMNS, TableError, read_table, write_table


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_separator_and_encoding(delimiter: str, encoding: str):
    rows = [["id", "Text"], ["1", "Schön, wirklich; gut"], ["2", 'er sagte "nein"\nund ging']]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    found = read_table(out.getvalue().encode(encoding))
    assert found.columns == ["id", "Text"]
    assert found.rows == rows[1:]
    assert found.wordiest == "Text"
    assert bool(found.notes) == (encoding == "cp1252")


def test_one_column_with_commas_in_quotes_or_without_a_header():
    assert read_table(b'text\n"a, b"\nc\n').column("text") == ["a, b", "c"]
    found = read_table(b"one\ntwo\n", header=False)
    assert (found.columns, found.rows) == (["column 1"], [["one"], ["two"]])


def test_uneven_rows_are_filled_up_and_that_is_said():
    found = read_table(b"a,b\n1\n1,2\n1,2,3\n")
    assert found.columns == ["a", "b", "column 3"]
    assert found.rows == [["1", "", ""], ["1", "2", ""], ["1", "2", "3"]]
    assert "2 rows" in found.notes[0]


def test_doubled_and_empty_names_become_different():
    assert read_table(b"a,a,\n1,2,3\n").columns == ["a", "a′", "column 3"]


def test_more_rows_than_may_be_are_cut_and_that_is_said():
    found = read_table(b"t\n" + b"x\n" * 50, most_rows=20)
    assert len(found.rows) == 20
    assert found.notes == ["The first 20 of its 50 rows are read."]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"only,a,header\n", b"PK\x03\x04\x00\x00\x00"])
def test_what_is_no_table_is_refused_with_a_reason(data: bytes):
    with pytest.raises(TableError):
        read_table(data)


def test_too_many_columns_are_refused():
    with pytest.raises(TableError, match=str(MOST_COLUMNS)):
        read_table(b",".join([b"x"] * 500) + b"\n1\n")


def test_answers_stand_beside_the_rows():
    table = read_table('id,label\n1,"ä, b"\n2,c\n'.encode())
    packed = write_table(table, {"label": ["positive", "negative"], "score": [0.9, 0.8]})
    rows = list(csv.reader(io.StringIO(packed.decode("utf-8-sig"))))
    assert rows == [
        ["id", "label", "label′", "score"],
        ["1", "ä, b", "positive", "0.9"],
        ["2", "c", "negative", "0.8"],
    ]
