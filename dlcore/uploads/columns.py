"""What the columns of an uploaded table hold: numbers, categories or dates, and what was assumed of each."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from dlcore.uploads.dates import Dates, read_dates, written
from dlcore.uploads.limits import MAX_CLASS_NAME
from dlcore.uploads.numbers import CODE, decimal_sign, is_missing, number

Kind = Literal["number", "decimal comma", "category", "date", "day first", "month first", "left out"]
KINDS: dict[Kind, str] = {
    "number": "number",
    "decimal comma": "number, decimal comma",
    "category": "category",
    "date": "date",
    "day first": "date, day first",
    "month first": "date, month first",
    "left out": "left out",
}
"""How a column can be read, and what that is called."""
assert set(KINDS) == set(get_args(Kind))
DECIMAL: dict[Kind, str] = {"number": ".", "decimal comma": ","}
"""Of the kinds that are numbers: the decimal sign where a number leaves it open, as in 1,234."""
DATES: dict[Kind, bool | None] = {"date": None, "day first": False, "month first": True}
"""Of the kinds that are dates: whether the month comes first where a date leaves that open."""
MOST_CATEGORIES = 50
"""Different texts in a column that is taken as categories."""
READABLE = 0.95
"""Share of the cells that must be numbers or dates for a column to be read as such."""
COUNTER = re.compile(r"column \d+|unnamed.*|no|nr|num|id|index|row|t|step|#", re.IGNORECASE)
"""Names of columns that may hold nothing but the rows' numbers."""
ABSENT = "missing"
"""What a category is called that stands for an empty cell."""


@dataclass(frozen=True)
class Column:
    """How a column is read at first, and in a few words why."""

    name: str
    kind: Kind
    about: str


def recognise(columns: dict[str, list[str]], delimiter: str = ",") -> list[Column]:
    """How each column of a table is probably to be read.

    Where numbers such as 1,234 leave the decimal sign open, the other numbers of the column decide, then those
    of the whole table, then how the table is separated: a comma in numbers goes with semicolons between them.
    """
    usual = decimal_sign(cell for cells in columns.values() for cell in set(cells))
    usual = usual or ("," if delimiter == ";" else ".")
    return [_recognise(name, cells, usual) for name, cells in columns.items()]


def _recognise(name: str, cells: list[str], usual: str) -> Column:
    different = Counter(cells)
    said = {text: count for text, count in different.items() if not is_missing(text)}
    if not said:
        return Column(name, "left out", "all values are missing")
    total = sum(said.values())
    if dates := _as_dates(name, said, total):
        return dates
    decimal = decimal_sign(said) or usual
    values = {text: number(text, decimal) for text in said}
    codes = sum(count for text, count in said.items() if CODE.fullmatch(text.strip()))
    readable = sum(count for text, count in said.items() if values[text] is not None)
    if not codes and readable >= READABLE * total and readable:
        return _as_numbers(name, cells, values, decimal, total - readable)
    return _as_texts(name, len(said), total, codes)


def _as_dates(name: str, said: dict[str, int], total: int) -> Column | None:
    texts = list(said)
    sample = read_dates(texts[:50], name).seconds
    if np.isnan(sample).mean() > 0.5:
        return None
    dates = read_dates(texts, name)
    readable = ~np.isnan(dates.seconds)
    odd = total - sum(count for count, known in zip(said.values(), readable, strict=True) if known)
    if odd > (1 - READABLE) * total:
        return None
    known = dates.seconds[readable]
    about = f"{written(known.min())} to {written(known.max())}{_order(dates)}"
    if odd:
        example = next(text for text, fine in zip(texts, readable, strict=True) if not fine)
        about += f"; {_cells(odd)} such as “{_short(example)}” {'is' if odd == 1 else 'are'} no date"
    kinds: dict[str, Kind] = {"": "date", "day": "day first", "month": "month first"}
    return Column(name, kinds[dates.first], about)


def _order(dates: Dates) -> str:
    said = f"; 3/4 is taken as {dates.first} first" if dates.open else ""
    return said + ("; in UTC, a time without a zone has that of the row before" if dates.zones else "")


def _as_numbers(
    name: str, cells: list[str], values: dict[str, float | None], decimal: str, odd: int
) -> Column:
    signs = any(set(text) & {",", "."} for text in values)
    kind: Kind = "decimal comma" if signs and decimal == "," else "number"
    known = [value for value in values.values() if value is not None]
    low, high = min(known), max(known)
    if low == high and not odd:
        return Column(name, "left out", f"always {low:g}")
    if COUNTER.fullmatch(name.strip(" .")) and _counts(cells, values):
        return Column(name, "left out", "counts the rows")
    about = f"{low:.6g} to {high:.6g}"
    if signs:
        about += ", decimal comma" if decimal == "," else ", decimal point"
    missing = sum(map(is_missing, cells))
    about += f"; {missing:,} missing" if missing else ""
    if odd:
        example = next(text for text, value in values.items() if value is None)
        about += f"; {_cells(odd)} such as “{_short(example)}” {'is' if odd == 1 else 'are'} taken as missing"
    return Column(name, kind, about)


def _counts(cells: list[str], values: dict[str, float | None]) -> bool:
    """Whether a column goes on by one from nearly every row to the next."""
    steps = np.diff([float("nan") if (value := values.get(cell)) is None else value for cell in cells])
    return len(steps) > 1 and bool((steps == 1).mean() > READABLE)


def _as_texts(name: str, different: int, total: int, codes: int) -> Column:
    if different == 1:
        return Column(name, "left out", "always the same text")
    why = "; a code such as 007 is no number" if codes else ""
    if different > MOST_CATEGORIES or different > max(2, total / 2):
        return Column(name, "left out", f"{different:,} different texts{why}")
    return Column(name, "category", f"{different:,} categories{why}")


def numbers(cells: Sequence[str], kind: Kind) -> np.ndarray:
    """The values of a column of numbers or dates, NaN where there is none; dates as days since 1970."""
    if kind in DATES:
        return read_dates(cells, "date", DATES[kind]).seconds / 86400
    known = {text: number(text, DECIMAL[kind]) for text in set(cells)}
    return np.array([np.nan if (value := known[text]) is None else value for text in cells], "float64")


def category(text: str) -> str:
    """The category that a cell names."""
    return _short(text.strip()) if text.strip() else ABSENT


def categories(cells: Sequence[str]) -> list[str]:
    """The categories of a column in order: numbers by size, then texts by alphabet."""
    counts = Counter(map(category, cells))
    return sorted(counts, key=_place)


def _place(text: str) -> tuple[float, str]:
    value = number(text)
    return (float("inf") if value is None else value, text)


def _short(text: str) -> str:
    return text if len(text) <= MAX_CLASS_NAME else f"{text[: MAX_CLASS_NAME - 1]}…"


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count:,} cells"
