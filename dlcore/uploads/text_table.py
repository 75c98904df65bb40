"""A table of texts that somebody uploads: read carefully, given back with the answers."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Any

MOST_ROWS = 10_000
MOST_COLUMNS = 200
MOST_CELLS = 2_000_000
MOST_LINES = 1_000_000
"""Beyond them nothing is taken into memory; rows are counted all the same."""
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
NONE = "\x1f"
"""What nobody writes: the separator of a file that has one column."""
LOOKED_AT = 65_536
"""Characters, and of them at most 20 rows, by which the separator is chosen."""
CONTROL = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x9f]")
"""Of a file in which many stand, bytes were taken for text."""
NUMBER = re.compile(r"\s*[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?\s*%?\s*")
SENTENCE = re.compile(r"[.!?…]\W*$|(?:\w+\W+){7}")
"""What a name of a column is not, where it is the only one."""


class TableError(ValueError):
    """A file that is no table; the message says why and what to do."""


@dataclass(frozen=True)
class Table:
    """Named columns of text."""

    columns: list[str]
    rows: list[list[str]]
    notes: list[str] = field(default_factory=list)
    """What was not read as it is in the file, in sentences."""
    assumed: str = ""
    """How the file was read: encoding, separator, names of the columns."""
    header: bool = True
    """Whether the first line of the file names the columns."""
    encoding: str = "UTF-8"
    delimiter: str = ","

    def column(self, name: str) -> list[str]:
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    @property
    def wordiest(self) -> str:
        """The column with the longest texts: probably the one to classify."""
        sizes = [sum(map(len, column)) for column in zip(*self.rows, strict=True)]
        return self.columns[sizes.index(max(sizes))]


def read_table(data: bytes, *, header: bool | None = None, most_rows: int = MOST_ROWS) -> Table:
    """The rows of a CSV file, whatever it is separated by and however it is encoded.

    Args:
        data: The file.
        header: Whether its first line names the columns; None: it does unless there is a number in it, or one sentence alone.
        most_rows: Rows that are read; a note says how many there are.

    Raises:
        TableError: for an empty or binary file, or one with too many columns.
    """
    text, encoding, note = decoded(data)
    notes = [note] if note else []
    lines = text.split("\n", MOST_LINES)
    beyond = lines.pop().count("\n") + 1 if len(lines) > MOST_LINES else 0
    named = re.fullmatch(r'"?sep=(.)"?[ ;,]*', lines[0], re.IGNORECASE)
    delimiter = named[1] if named else _delimiter(text)
    rows, count, mismatched = _rows(lines[1:] if named else lines, delimiter, most_rows + 1)
    count += beyond
    if mismatched:
        numbers = ", ".join(f"{line + bool(named):,}" for line in mismatched[:3])
        more = f" and {len(mismatched) - 3:,} more" if len(mismatched) > 3 else ""
        which = "line" if len(mismatched) == 1 else "lines"
        notes.append(
            f"The quotation marks in {which} {numbers}{more} do not match; "
            "such a line is read as a row of its own."
        )
    if header is None:
        sentence = len(rows) > 0 and len(rows[0]) == 1 and SENTENCE.search(rows[0][0])
        header = bool(rows) and not sentence and not any(map(NUMBER.fullmatch, rows[0]))
    names = rows.pop(0) if header and rows else []
    count -= bool(names)
    if not rows:
        raise TableError("There are no rows in this file: choose another one.")
    rows = rows[:most_rows]
    if count > len(rows):
        notes.append(f"The first {len(rows):,} of its {count:,} rows are read.")
    width = max(len(names), max(map(len, rows)))
    if width > MOST_COLUMNS:
        raise TableError(f"It has {width:,} columns; at most {MOST_COLUMNS} can be read.")
    ragged = sum(len(row) != (len(names) or width) for row in rows)
    if ragged:
        which = "row has" if ragged == 1 else "rows have"
        notes.append(f"{ragged:,} {which} more or fewer cells than the others; empty ones were added.")
    rows = [row + [""] * (width - len(row)) for row in rows]
    by = "as one column" if width == 1 else f"as separated by {DELIMITERS.get(delimiter, repr(delimiter))}"
    first = "the first line names the columns" if header else "the columns have no names"
    assumed = f"Read as {encoding}, {by}; {first}."
    columns = _unique(names + [""] * (width - len(names)))
    return Table(columns, rows, notes, assumed, header, encoding, delimiter)


def decoded(data: bytes) -> tuple[str, str, str]:
    r"""The text of a file with ``\n`` at the end of every line, and its encoding.

    Returns text, encoding and a sentence where the encoding had to be guessed.

    Raises:
        TableError: for a binary file.
    """
    code: str = json.detect_encoding(data)  # UTF-8, -16 or -32, by a byte order mark or by zeros
    note = ""
    try:
        text = data.decode(code)
    except UnicodeDecodeError:
        if code.startswith("utf-8"):
            code, note = "cp1252", "The file is not UTF-8; it was read as Windows-1252."
        else:
            note = f"Parts of the file are damaged; they are marked with {chr(0xFFFD)}."
        text = data.decode(code, "replace")
    beginning = text[:LOOKED_AT]
    if "\0" in text or len(CONTROL.findall(beginning)) > 0.1 * len(beginning):
        raise TableError("This is no text file. Save it as text or CSV in UTF-8 and choose that file.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    name = "Windows-1252" if code == "cp1252" else re.sub(r"-(sig|le|be)$", "", code).upper()
    return text, name, note


def text_lines(data: bytes) -> tuple[list[str], str]:
    """The lines of a text file, and a sentence where its encoding had to be guessed. Raises TableError."""
    text, _, note = decoded(data)
    return text.removesuffix("\n").split("\n") if text else [], note


def _rows(lines: list[str], delimiter: str, most: int) -> tuple[list[list[str]], int, list[int]]:
    """The cells of the first rows that hold something, the number of all of them, and the numbers of the lines
    in which quotation marks do not match.

    A mark that is never closed would take the rest of the file into one cell. Such a line is read
    alone, and reading goes on with the next.
    """
    csv.field_size_limit(2**27)
    rows: list[list[str]] = []
    mismatched: list[int] = []
    at = count = cells = 0

    def take(row: list[str]) -> None:
        nonlocal count, cells
        if any(row):
            count += 1
            cells += len(row)
            if count <= most and (cells <= MOST_CELLS or count <= 2):
                rows.append(row)

    while at < len(lines):
        reader, done = csv.reader(_from(lines, at), delimiter=delimiter, strict=True), 0
        try:
            for row in reader:
                take(row)
                done = reader.line_num
            break
        except csv.Error:
            at += done
            take(next(csv.reader([lines[at]], delimiter=delimiter)))
            at += 1
            mismatched.append(at)
    return rows, count, mismatched


def _from(lines: list[str], at: int) -> Any:
    return (lines[i] + "\n" for i in range(at, len(lines)))


def _delimiter(text: str) -> str:
    """The separator that makes columns of the first rows: as many cells in each, as few oddities as can be.

    Several may cut every row into the same number of cells. A comma within numbers or before a space is
    hardly a separator, and what is one leaves numbers whole and quotation marks in pairs.
    """
    merits = {delimiter: _merit(text[:LOOKED_AT], delimiter) for delimiter in DELIMITERS}
    best = max(merits, key=merits.__getitem__)
    return best if merits[best][0] else NONE


def _merit(text: str, delimiter: str) -> tuple[float, ...]:
    rows = [row for row in islice(csv.reader(io.StringIO(text), delimiter=delimiter), 20) if row]
    (width, count), *_ = Counter(map(len, rows)).most_common(1) or [(0, 0)]
    cells = [cell for row in rows for cell in row]
    cut = sum(cell.count('"') % 2 for cell in cells)
    pairs = [pair for row in rows for pair in pairwise(row)]
    odd = sum(b[:1].isspace() or (a[-1:].isdigit() and b[:1].isdigit()) for a, b in pairs)
    numbers = sum(bool(NUMBER.fullmatch(cell)) for cell in cells)
    prose = odd == len(pairs) and count < len(rows)
    even = 0.0 if width < 2 or prose else count / len(rows)
    return even, -cut, -odd / max(1, len(pairs)), numbers / max(1, len(cells)), width


def _unique(names: list[str]) -> list[str]:
    """Column names without gaps and doubles."""
    unique: list[str] = []
    for i, name in enumerate(names):
        name = name.strip()[:100] or f"column {i + 1}"
        while name in unique:
            name += "′"
        unique.append(name)
    return unique


def write_table(table: Table, answers: dict[str, list[Any]]) -> bytes:
    """The table as CSV (UTF-8 with a mark, which Excel wants) with the answers as further columns."""
    out = io.StringIO()
    writer = csv.writer(out)
    names = _unique([*table.columns, *answers])
    writer.writerow(names)
    writer.writerows(
        [*row, *more] for row, more in zip(table.rows, zip(*answers.values(), strict=True), strict=True)
    )
    return out.getvalue().encode("utf-8-sig")
