"""CSV files as people have them."""

from __future__ import annotations

import csv
import io

import pytest

from dlcore.uploads.text_table import (
    DELIMITERS,
    MOST_COLUMNS,
    TableError,
    read_table,
    text_lines,
    write_table,
)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_separator_and_encoding(delimiter: str, encoding: str):
    rows = [["id", "Text"], ["1", "Schön, wirklich; gut"], ["2", 'er sagte "nein"\nund ging']]
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    table = read_table(out.getvalue().encode(encoding))
    assert table.columns == ["id", "Text"]
    assert table.rows == rows[1:]
    assert table.wordiest == "Text"
    assert bool(table.notes) == (encoding == "cp1252")
    assert f"separated by {DELIMITERS[delimiter]}" in table.assumed
    name = encoding.upper().replace("-SIG", "").replace("CP1252", "Windows-1252")
    assert name in table.assumed


def test_one_column_with_commas_in_quotes_or_without_a_header():
    assert read_table(b'text\n"a, b"\nc\n').column("text") == ["a, b", "c"]
    assert read_table(b"I loved this film.\nThe worst ever.\n").rows[0] == ["I loved this film."]
    table = read_table(b"one\ntwo\n", header=False)
    assert (table.columns, table.rows) == (["column 1"], [["one"], ["two"]])


def test_uneven_rows_are_filled_up_and_that_is_said():
    table = read_table(b"a,b\n1\n1,2\n1,2,3\n")
    assert table.columns == ["a", "b", "column 3"]
    assert table.rows == [["1", "", ""], ["1", "2", ""], ["1", "2", "3"]]
    assert "2 rows" in table.notes[0] and "empty ones were added" in table.notes[0]


def test_doubled_and_empty_names_become_different():
    assert read_table(b"a,a,\n1,2,3\n").columns == ["a", "a′", "column 3"]


def test_more_rows_than_may_be_are_cut_and_that_is_said():
    table = read_table(b"t\n" + b"x\n" * 50, most_rows=20)
    assert len(table.rows) == 20
    assert table.notes == ["The first 20 of its 50 rows are read."]


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


# -- what a file does not say -----------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(ending: str):
    table = ending.join(["stars;review", '5;"good, film"', "1;bad", ""]).encode()
    assert read_table(table).rows == [["5", "good, film"], ["1", "bad"]]
    assert text_lines(ending.join(["one", "", "two", ""]).encode()) == (["one", "", "two"], "")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_lines_of_text_in_any_unicode(encoding: str):
    assert text_lines("Schön\nund gut".encode(encoding)) == (["Schön", "und gut"], "")


def test_half_a_character_is_marked_and_that_is_said():
    lines, note = text_lines("gut".encode("utf-16")[:-1])
    assert lines == ["gu\ufffd"] and "damaged" in note


@pytest.mark.parametrize("line", ["sep=;", "SEP=;", '"sep=;"', "sep=;;;"])
def test_the_line_in_which_excel_names_the_separator_is_no_row(line: str):
    table = read_table(f"{line}\r\na;b\r\n1;2\r\n".encode())
    assert (table.columns, table.rows) == (["a", "b"], [["1", "2"]])


COLUMNS = {
    "decimal commas": ("1,5;good film\n2,75;bad film\n", ["1,5", "good film"]),
    "decimal commas under names with a comma": ("a,b;c\n1,5;2\n1,7;3\n", ["1,5", "2"]),
    "commas of prose": ("5;A warm, fine film\n1;Bad, all of it\n", ["5", "A warm, fine film"]),
    "semicolons of prose": ("5,A warm; fine film\n1,Bad; all of it\n", ["5", "A warm; fine film"]),
    "a quoted comma in a name": ('"stars";"review, long"\n5;"good, film"\n', ["5", "good, film"]),
    "a row that is too long": ("a;b\n1;x, y\n3;4\n3;4;5\n", ["1", "x, y", ""]),
    "prose alone": ("text\nA warm, fine film\nBad, all of it, and long\n", ["A warm, fine film"]),
    "numbers": ("1,2\n3,4\n", ["1", "2"]),
    "inches": ('name,size\nscrew,5" long\n', ["screw", '5" long']),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_the_separator_is_what_makes_columns(case: str):
    text, row = COLUMNS[case]
    assert read_table(text.encode()).rows[0] == row


def test_a_first_line_with_numbers_names_no_columns():
    table = read_table(b"1,5;good film\n2,75;bad film\n")
    assert (table.columns, len(table.rows), table.header) == (["column 1", "column 2"], 2, False)
    assert "have no names" in table.assumed
    assert read_table(b"1;2\n3;4\n", header=True).columns == ["1", "2"]


@pytest.mark.parametrize("ending", ["", '\n9,"and, another"\n', '\n9,"two\nlines"\n'])
def test_a_quotation_mark_that_is_never_closed_costs_one_line(ending: str):
    table = read_table(f'stars,review\n5,"never, closed\n3,fine\n2,"good, film"\n1,bad{ending}'.encode())
    assert table.rows[:4] == [["5", "never, closed"], ["3", "fine"], ["2", "good, film"], ["1", "bad"]]
    assert len(table.rows) == 4 + bool(ending)
    assert table.notes == [
        "The quotation marks in line 2 do not match; such a line is read as a row of its own."
    ]


def test_many_unclosed_quotation_marks_are_counted():
    table = read_table(b"sep=,\nt,u\n" + b'1,"x\n2,y\n' * 400 + b"1,z\n")
    assert len(table.rows) == 801
    assert "lines 3, 5, 7 and 397 more do not match" in table.notes[0]
