"""What the recipe of a table or series of one's own says of a column, and the code that reads it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import AfterValidator, Field

from dlcore.datasets.base import DatasetError, Own
from dlcore.fields import Strict, derived
from dlcore.uploads.columns import ABSENT, DATES, DECIMAL, Kind, category, numbers
from dlcore.uploads.dates import written
from dlcore.uploads.limits import MAX_CLASSES
from dlcore.uploads.own_file import OwnFile, open_file


class Input(Strict):
    """A column and how it is read."""

    name: str = Field(default="", max_length=110)
    kind: Kind = "number"
    values: tuple[str, ...] = Field(default=(), max_length=MAX_CLASSES)
    """Of categories: those that are told apart."""

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the numbers that a network sees of it."""
        return tuple(f"{self.name} = {value}" for value in self.values) or (self.name,)

    def read(self, cells: Sequence[str]) -> np.ndarray:
        """Its numbers, of shape (rows, features): NaN where one is missing, a 1 where a category is named."""
        if self.kind != "category":
            return numbers(cells, self.kind)[:, None]
        place = {value: i for i, value in enumerate(self.values)}
        found = np.array([place.get(category(text), -1) for text in cells])
        return (found[:, None] == np.arange(len(self.values))).astype("float64")

    def named(self, features: np.ndarray) -> list[Any]:
        """What these numbers, of shape (rows, features), stand for: a category, a date or a number."""
        if self.kind == "category":
            values = [*self.values, "other"]
            return [values[row.argmax() if row.any() else -1] for row in features.round()]
        if self.kind in DATES:
            return [written(86400.0 * day) for day in features[:, 0].round()]
        return [float(f"{value:.5g}") for value in features[:, 0]]

    def code(self) -> list[str]:
        """An expression for each of its features."""
        cells = f"table[{self.name!r}]"
        if self.kind == "category":
            named = ("" if value == ABSENT else value for value in self.values)
            return [f"{cells}.str.strip() == {value!r}" for value in named]
        if self.kind in DATES:
            first = ", dayfirst=True" if DATES[self.kind] is False else ""
            days = f'pd.to_datetime({cells}, format="mixed"{first}, errors="coerce")'
            return [f'({days} - pd.Timestamp(0)) / pd.Timedelta("1D")']
        return [f"number({cells})" if DECIMAL[self.kind] == "." else f'number({cells}, ",")']


MOST_LETTERS = 10_000
"""In the names of all columns and categories together: so many fit in a link, whatever the script."""


def letters(columns: Sequence[Input]) -> int:
    """The length of all names of columns and categories."""
    return sum(len(column.name) + sum(map(len, column.values)) for column in columns)


def fitting(columns: tuple[Input, ...]) -> tuple[Input, ...]:
    """The columns themselves. Raises DatasetError where their names are too long together."""
    if letters(columns) > MOST_LETTERS:
        raise DatasetError(
            f"Names of columns and categories have more than {MOST_LETTERS:,} letters together, which is too much "
            "for a recipe: leave out columns of long texts."
        )
    return columns


def _for_a_link(columns: tuple[Input, ...]) -> tuple[Input, ...]:
    if (count := letters(columns)) > MOST_LETTERS:
        raise ValueError(
            f"at most {MOST_LETTERS:,} letters in names and categories, of which there are {count:,}"
        )
    return columns


Columns = Annotated[tuple[Input, ...], Field(max_length=200), AfterValidator(_for_a_link)]

NUMBER = '''

def number(texts, decimal="."):
    """Numbers as people write them; NaN where there is none."""
    plain = texts.str.replace(r"[^\\d.,eE+-]", "", regex=True)
    thousands = "," if decimal == "." else "."
    plain = plain.str.replace(thousands, "", regex=False).str.replace(decimal, ".", regex=False)
    return pd.to_numeric(plain, errors="coerce")


'''


def read_code(file: str, delimiter: str, encoding: str, header: bool) -> str:
    """Lines that read a file as text, and what its columns are read as numbers with."""
    return table_code(file, delimiter, encoding, header) + NUMBER


def table_code(file: str, delimiter: str, encoding: str, header: bool) -> str:
    """Lines that read a file as text."""
    options = "" if delimiter == "," else f", sep={delimiter!r}"
    options += "" if encoding == "UTF-8" else f", encoding={encoding!r}"
    options += "" if header else ", header=None"
    named = "" if header else '\ntable.columns = [f"column {i + 1}" for i in table.columns]'
    read = f'pd.read_csv("{file}"{options}, dtype=str, keep_default_na=False)  # your file{named}\n'
    return f"table = {read}"


class OwnColumns(Own):
    """Data of which one column is predicted."""

    if TYPE_CHECKING:
        columns: Columns

    @property
    def called(self) -> str:
        return self.columns[0].name if self.columns else self.name

    @derived
    def to_do(self) -> tuple[str, str]:
        unusable = "This file cannot be used as it is; the message under “Data” says why and what to change."
        return unusable if self.id else "No file yet: upload a CSV file first.", "Predict another column"


def opened(upload: str) -> OwnFile:
    """What was uploaded. Raises DatasetError where it is not kept here."""
    if not upload:
        raise DatasetError("No file yet: upload a CSV file first.")
    try:
        return open_file(upload)
    except FileNotFoundError:
        raise DatasetError("This file is not kept here, or no longer: upload it again.") from None


def cells(file: OwnFile, name: str) -> list[str]:
    """The cells of a column. Raises DatasetError where there is none of that name."""
    if name not in file.columns:
        known = ", ".join(list(file.columns)[:10])
        raise DatasetError(f"There is no column “{name}”: choose one of {known}.")
    return file.columns[name]


def unit(name: str) -> str:
    """The unit in a column's name, as in "length (cm)"; empty where there is none."""
    found = re.search(r"[(\[]([^()\[\]]{1,10})[)\]]\s*$", name)
    return found[1].strip() if found else ""
