"""A table of texts that somebody uploads: read carefully, given back with the answers."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

MOST_ROWS = 10_000
MOST_COLUMNS = 200
DELIMITERS = ",;\t|"


class TableError(ValueError):
    """A file that is no table; the message says why and what to do."""


@dataclass(frozen=True)
class Table:
    """Named columns of text."""

    columns: list[str]
    rows: list[list[str]]
    notes: list[str]
    """What was not read as it stands in the file, in sentences."""

    def column(self, name: str) -> list[str]:
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    @property
    def wordiest(self) -> str:
        """The column with the longest texts: probably the one to judge."""
        sizes = [sum(map(len, column)) for column in zip(*self.rows, strict=True)]
        return self.columns[sizes.index(max(sizes))]


def read_table(data: bytes, *, header: bool = True, most_rows: int = MOST_ROWS) -> Table:
    """The rows of a CSV file, whatever it is separated by and however it is encoded.

    Args:
        data: The file.
        header: Whether its first line names the columns.
        most_rows: Rows that are read; a note says how many there are.

    Raises:
        TableError: for an empty or binary file, or one with too many columns.
    """
    text, note = decoded(data)
    notes = [note] if note else []
    if "\0" in text:
        raise TableError("This is no text file. Save the table as CSV (UTF-8) and choose that file.")
    csv.field_size_limit(2**27)
    lines = [row for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text)) if any(row)]
    names = lines.pop(0) if header and lines else []
    if not lines:
        raise TableError("There are no rows in this file. Choose one with a text in each row.")
    if len(lines) > most_rows:
        notes.append(f"The first {most_rows:,} of its {len(lines):,} rows are read.")
    width = max(len(names), max(map(len, lines)))
    if width > MOST_COLUMNS:
        raise TableError(f"It has {width} columns; at most {MOST_COLUMNS} can be read.")
    ragged = sum(len(row) != (len(names) or width) for row in lines)
    if ragged:
        notes.append(f"{ragged:,} rows have more or fewer cells than the others; they were filled up.")
    rows = [row + [""] * (width - len(row)) for row in lines[:most_rows]]
    return Table(_unique(names + [""] * (width - len(names))), rows, notes)


def decoded(data: bytes) -> tuple[str, str]:
    """The text of a file, and a sentence where its encoding had to be guessed."""
    try:
        code = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        return data.decode(code), ""
    except UnicodeDecodeError:
        note = "The file is not UTF-8; it was read as Windows-1252."
        return data.decode("cp1252", "replace"), note


def _delimiter(text: str) -> str:
    """The separator that cuts the first lines into the same number of cells, and into most."""
    start = text[:65536].splitlines()[:20]

    def even(delimiter: str) -> tuple[bool, int]:
        counts = [len(row) for row in csv.reader(start, delimiter=delimiter) if row]
        return len(set(counts[:-1] or counts)) == 1 and counts[0] > 1, max(counts, default=0)

    found = max(DELIMITERS, key=even) if start else ","
    return found if start and even(found)[0] else ","


def _unique(names: list[str]) -> list[str]:
    """Column names without gaps and doubles."""
    found: list[str] = []
    for i, name in enumerate(names):
        name = name.strip()[:100] or f"column {i + 1}"
        while name in found:
            name += "′"
        found.append(name)
    return found


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
