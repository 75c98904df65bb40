"""From an uploaded table to a data set: how its columns are used, what was assumed, and why it cannot be used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from dlcore.datasets.base import DatasetError
from dlcore.datasets.own_columns import Input, cells, fitting
from dlcore.datasets.own_table import OwnTable
from dlcore.uploads.classes import listed
from dlcore.uploads.columns import DATES, KINDS, Column, Kind, categories, category, recognise
from dlcore.uploads.limits import MAX_CLASSES, MAX_INPUTS, MIN_IN_CLASS, MIN_ROWS
from dlcore.uploads.numbers import is_missing
from dlcore.uploads.own_file import OwnFile

MOST_VALUES = 20
"""Categories of a column that become inputs; the others have zeros in all of them."""
FEW_NUMBERS = 10
"""At most so many different whole numbers are taken as classes."""


def usual_target(file: OwnFile, columns: list[Column]) -> tuple[str, Kind]:
    """The column that is probably to be predicted, the last that can be, and how it is read."""
    for column in reversed(columns):
        if column.kind != "left out" and column.kind not in DATES:
            return column.name, target_kind(file, column)
    raise DatasetError(
        f"No column can be predicted: {listed([f'“{c.name}” {c.about}' for c in columns], 3)}. "
        "A column of numbers or of a few categories is needed."
    )


def target_kind(file: OwnFile, column: Column) -> Kind:
    """Classes where a column holds categories or a few whole numbers, else a number."""
    different = {text.strip() for text in cells(file, column.name) if not is_missing(text)}
    few = len(different) <= FEW_NUMBERS and all(text.lstrip("-+").isdigit() for text in different)
    return "category" if few or column.kind in ("left out", *DATES) else column.kind


def plan(
    upload: str,
    file: OwnFile,
    target: str = "",
    kind: Kind | None = None,
    kinds: Mapping[str, Kind] | None = None,
    drop: bool = False,
) -> tuple[OwnTable, list[str]]:
    """The data set, and what was assumed and left out in a line each.

    Args:
        upload: The id of ``file``.
        target: Name of the column to predict; empty: the one that it probably is.
        kind: How that is read; None: as it seems.
        kinds: How others are read, where they are not to be read as it seems.
        drop: Whether rows are left out in which a number is missing.

    Raises DatasetError, in one line, where no network can learn from it.
    """
    _enough(file)
    columns = recognise(file.columns, file.delimiter)
    if not target:
        target, usual = usual_target(file, columns)
        kind = kind or usual
    cells(file, target)
    read = {column.name: (kinds or {}).get(column.name, column.kind) for column in columns}
    kind = kind or target_kind(file, next(column for column in columns if column.name == target))
    notes: list[str] = []
    predict = _target(file, target, kind, notes)
    inputs = tuple(
        _input(file, name, as_what, notes)
        for name, as_what in read.items()
        if name != target and as_what != "left out"
    )
    if not inputs:
        raise DatasetError(f"No column is left to predict “{target}” from: read another one, not “left out”.")
    count = sum(len(column.features) for column in inputs)
    if count > MAX_INPUTS:
        raise DatasetError(
            f"The columns make {count:,} inputs, and at most {MAX_INPUTS} can be used: leave some out."
        )
    dataset = OwnTable(
        id=upload,
        columns=fitting((predict, *inputs)),
        drop=drop,
        delimiter=file.delimiter,
        encoding=file.encoding,
        header=file.header,
    )
    table, used = dataset.read(file)
    return _counted(dataset, table, used, notes), notes


def _enough(file: OwnFile) -> None:
    if len(file.columns) < 2:
        raise DatasetError(
            "A table needs two columns at least, one to predict and one to predict it from; this one has one. "
            "If it should have more, separate them by commas, semicolons or tabs."
        )
    if file.rows < MIN_ROWS:
        rows = "is 1" if file.rows == 1 else f"are {file.rows}"
        raise DatasetError(f"At least {MIN_ROWS} rows are needed, and there {rows}: add some.")


def _target(file: OwnFile, name: str, kind: Kind, notes: list[str]) -> Input:
    texts = cells(file, name)
    said = [text for text in texts if not is_missing(text)]
    if not said:
        raise DatasetError(f"All values of “{name}” are missing: choose another column to predict.")
    if kind == "category":
        return Input(name=name, kind=kind, values=_classes(name, texts, notes))
    values = Input(name=name, kind=kind).read(said)[:, 0]
    if (odd := np.isnan(values)).mean() > 0.5:
        example = said[int(odd.argmax())]
        raise DatasetError(
            f"“{name}” holds texts such as “{category(example)}”, and a regression needs numbers: "
            "predict classes instead, or choose another column."
        )
    if len({*values[~odd].tolist()}) < 2:
        raise DatasetError(
            f"“{name}” is always {values[~odd][0]:g}, so there is nothing to predict: choose another column."
        )
    return Input(name=name, kind=kind)


def _classes(name: str, texts: list[str], notes: list[str]) -> tuple[str, ...]:
    """The classes with enough rows; a class may be called "none", so only what is empty is missing."""
    counts = Counter(category(text) for text in texts if text.strip())
    few = [value for value, count in counts.items() if count < MIN_IN_CLASS]
    enough = [value for value in categories(texts) if counts[value] >= MIN_IN_CLASS]
    if len(counts) == 1:
        raise DatasetError(
            f"“{name}” is always “{next(iter(counts))}”, so there is one class only: choose another column to predict."
        )
    if len(enough) < 2:
        raise DatasetError(
            f"“{name}” has {len(counts):,} different values, of which {len(enough)} occur in {MIN_IN_CLASS} rows "
            "or more; two are needed: predict it as a number, or choose another column."
        )
    if len(enough) > MAX_CLASSES:
        raise DatasetError(
            f"“{name}” has {len(enough):,} classes, and at most {MAX_CLASSES} can be told apart: "
            "predict it as a number, or choose another column."
        )
    if few:
        listing = listed([f"{value} ({counts[value]})" for value in few])
        notes.append(
            f"Left out: {len(few):,} of {len(counts):,} classes, with fewer than {MIN_IN_CLASS} rows each: {listing}."
        )
    return tuple(enough)


def _input(file: OwnFile, name: str, kind: Kind, notes: list[str]) -> Input:
    if kind != "category":
        return Input(name=name, kind=kind)
    texts = cells(file, name)
    most = {value for value, _ in Counter(map(category, texts)).most_common(MOST_VALUES)}
    every = categories(texts)
    if len(every) > len(most):
        notes.append(f"“{name}”: the {MOST_VALUES} most frequent of {len(every):,} categories are inputs.")
    return Input(name=name, kind=kind, values=tuple(value for value in every if value in most))


def _counted(dataset: OwnTable, table: np.ndarray, used: np.ndarray, notes: list[str]) -> OwnTable:
    """The data set with the number of rows that are used, and what is said of the others."""
    known = ~np.isnan(table[:, -1])
    holes = np.isnan(table[known, :-1])
    rows = int(holes.any(axis=1).sum())
    if unknown := int((~known).sum()):
        notes.append(f"Left out: {_rows(unknown)} without “{dataset.target}”.")
    if rows and dataset.drop:
        notes.append(f"Left out: {_rows(rows)} with a missing number.")
    elif rows:
        notes.append(
            f"Missing numbers ({int(holes.sum()):,} in {_rows(rows)}) become the mean of the training part."
        )
    if (count := int(used.sum())) < MIN_ROWS:
        raise DatasetError(
            f"{_rows(count).capitalize()} can be used, and at least {MIN_ROWS} are needed. {' '.join(notes)}"
        )
    table = table[used]
    still = [name for i, name in enumerate(dataset.features) if (table[:, i] == table[0, i]).all()]
    if len(still) == len(dataset.features):
        raise DatasetError("All inputs are the same in every row, so nothing follows from them.")
    return dataset.model_copy(update={"examples": count})


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def assumed(column: Column) -> str:
    """How a column is read, and why, in a line."""
    return f"“{column.name}”: {KINDS[column.kind]}, {column.about}."
