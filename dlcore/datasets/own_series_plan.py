"""From an uploaded table to a series: its time, what is predicted, what was assumed, and why it cannot be used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dlcore.datasets.base import DatasetError
from dlcore.datasets.own_columns import Input, cells, fitting
from dlcore.datasets.own_series import OwnSeries
from dlcore.uploads.classes import listed
from dlcore.uploads.columns import DATES, DECIMAL, Column, Kind, categories, recognise
from dlcore.uploads.dates import written
from dlcore.uploads.own_file import OwnFile
from dlcore.uploads.spacing import Spacing, spacing
from dlcore.uploads.timeline import Timeline, parts_of_time

SEVERAL = 0.25
"""Share of rows whose time has occurred before, from which a file may hold several series."""
USUAL_WINDOW = 24
MIN_MOMENTS = 10
GROWN = 0.2
"""Share of the validation part outside the range of the past from which a series is said to have grown."""


def usual_time(columns: Sequence[Column]) -> tuple[str, ...]:
    """The column of times, or those that hold its parts; empty where the order of the rows has to do."""
    parts = parts_of_time([column.name for column in columns])
    return parts or tuple([column.name for column in columns if column.kind in DATES][:1])


def plan(
    upload: str,
    file: OwnFile,
    predict: str = "",
    kinds: Mapping[str, Kind] | None = None,
    time: tuple[str, ...] | None = None,
    member: str = "",
    window: int = 0,
    horizon: int = 1,
) -> tuple[OwnSeries, list[str]]:
    """The data set, and what was assumed and left out in a line each.

    Args:
        upload: The id of ``file``.
        predict: Name of the column to predict; empty: the first of numbers.
        kinds: How columns are read, where they are not to be read as it seems.
        time: The column of times, or those that hold its parts; None: as it seems.
        member: Which series it is, where a file holds several; empty: the first.
        window: Values that a network sees; 0: as many as suit the length.
        horizon: Values that are predicted.

    Raises DatasetError, in one line, where no network can learn from it.
    """
    columns = [
        Column(column.name, (kinds or {}).get(column.name, column.kind), column.about)
        for column in recognise(file.columns, file.delimiter)
    ]
    time = usual_time(columns) if time is None else time
    numbers = [column.name for column in columns if column.kind in DECIMAL and column.name not in time]
    if predict:
        cells(file, predict)
        _is_number(next(column for column in columns if column.name == predict))
    elif not numbers:
        about = listed([f"“{column.name}” {column.about}" for column in columns], 3)
        raise DatasetError(f"A series needs a column of numbers, and there is none: {about}.")
    predict = predict or numbers[0]
    kind_of = {column.name: column.kind for column in columns}
    inputs = [
        Input(name=name, kind=kind_of[name]) for name in (predict, *(n for n in numbers if n != predict))
    ]
    dataset = OwnSeries(
        id=upload,
        time=time,
        time_kind=kind_of[time[0]] if len(time) == 1 else "date",
        columns=fitting(tuple(inputs)),
        horizon=horizon,
        delimiter=file.delimiter,
        encoding=file.encoding,
        header=file.header,
    )
    notes: list[str] = []
    times = dataset.timeline(file)
    if group := _group(file, columns, times):
        members = categories(cells(file, group))
        chosen = member if member in members else members[0]
        notes.append(f"It holds {len(members):,} series, told apart by “{group}”; that of {chosen} is used.")
        dataset = dataset.model_copy(update={"group": group, "member": chosen})
        times = dataset.timeline(file)
    return _measured(dataset, file, times, window, notes), notes


def _is_number(column: Column) -> None:
    if column.kind not in DECIMAL:
        raise DatasetError(
            f"“{column.name}” cannot be forecast ({column.about}): predict a column of numbers that change."
        )


def _group(file: OwnFile, columns: Sequence[Column], times: Timeline) -> str:
    """The column of categories that tells several series of the same times apart; empty where there is one."""
    if len(times.seconds) > (1 - SEVERAL) * len(times.rows):
        return ""
    for column in columns:
        if column.kind == "category":
            texts = np.array(cells(file, column.name))[times.rows]
            pairs = {*zip(texts.tolist(), times.moments.tolist(), strict=True)}
            if len(pairs) == len(times.rows):
                return column.name
    return ""


def _measured(dataset: OwnSeries, file: OwnFile, times: Timeline, window: int, notes: list[str]) -> OwnSeries:
    """The data set with its length, step and season, and what is said of rows that are not as they should be."""
    _tell_order(dataset, file, times, notes)
    raw = dataset.raw(file, times)
    values, seconds = dataset.whole(raw, times)
    _tell_missing(dataset.target, raw, len(values), notes)
    found = spacing(seconds) if dataset.time else Spacing("row")
    notes.extend(line for line in (found.about, found.gaps) if line)
    if len(values) < MIN_MOMENTS:
        rows = "is 1 row" if len(values) == 1 else f"are {len(values)} rows"
        raise DatasetError(
            f"There {rows} with “{dataset.target}”, and a series needs {MIN_MOMENTS} at least. {' '.join(notes)}"
        )
    if (values[:, 0] == values[0, 0]).all():
        raise DatasetError(f"“{dataset.target}” is always {values[0, 0]:g}: predict another column.")
    dataset = dataset.model_copy(update={"count": len(values), "spacing": found.step, "period": found.season})
    suited = int(np.clip((dataset.cuts[0] - dataset.horizon) // 2, 2, USUAL_WINDOW))
    grown = _has_grown(values[:, 0], *dataset.cuts)
    if grown:
        notes.append("The series leaves the range of its past, so each window is scaled by itself.")
    if not window and suited < USUAL_WINDOW:
        notes.append(f"The series is short, so a window of {suited} is suggested.")
    suggested = {"window": window or suited, "own_scale": grown}
    dataset = OwnSeries.model_validate(dataset.model_dump() | suggested)
    for field, why in dataset.unfit():
        raise DatasetError(f"{field}: {why}")
    return dataset


def _has_grown(values: np.ndarray, first: int, second: int) -> bool:
    """Whether much of the validation part is where the past has never been."""
    past, later = values[:first], values[first:second]
    return bool(((later > past.max()) | (later < past.min())).mean() > GROWN)


def _tell_missing(target: str, raw: np.ndarray, kept: int, notes: list[str]) -> None:
    missing = np.isnan(raw).sum(axis=0)
    outside = len(raw) - kept
    if outside:
        notes.append(f"Left out: {_rows(outside)} at the beginning or end without “{target}”.")
    holes = {f"{missing[0] - outside:,} of “{target}”": missing[0] - outside}
    holes[f"{missing[1:].sum():,} of other columns"] = missing[1:].sum()
    if told := [words for words, count in holes.items() if count]:
        notes.append(f"Missing values ({', '.join(told)}) become the last one before them.")


def _tell_order(dataset: OwnSeries, file: OwnFile, times: Timeline, notes: list[str]) -> None:
    if not dataset.time:
        notes.append("No column of times was found: the rows are taken in their order.")
        return
    named = " and ".join(dataset.time)
    if len(times.rows) == 0:
        raise DatasetError(
            f"No time can be read in “{named}”: choose another column, or the order of the rows."
        )
    first, last = written(times.seconds[0]), written(times.seconds[-1])
    notes.append(f"Time: “{named}”, from {first} to {last}.")
    if len(times.unreadable) and not dataset.group:
        example = cells(file, dataset.time[0])[times.unreadable[0]]
        notes.append(
            f"Left out: {_rows(len(times.unreadable))} without a readable time, such as “{example}”."
        )
    if not times.sorted and not dataset.group:
        notes.append(
            f"The rows were {'newest first' if times.backwards else 'unsorted'}; they are sorted by time."
        )
    if times.doubles:
        notes.append(
            f"{'1 time occurs' if times.doubles == 1 else f'{times.doubles:,} times occur'} more than once; "
            "the mean of the values is taken."
        )


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"
