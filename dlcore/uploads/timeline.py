"""The rows of a series in the order of time, whatever order they were uploaded in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlcore.uploads.columns import DATES, Kind, numbers
from dlcore.uploads.dates import read_dates

PARTS = ("year", "month", "day", "hour", "minute")
"""Names of columns that together hold a time."""


@dataclass(frozen=True)
class Timeline:
    """Which rows of a table make the moments of a series."""

    rows: np.ndarray
    """Places of the rows that have a time, in its order."""
    moments: np.ndarray
    """For each of them the number of its moment: rows of the same moment have the same."""
    seconds: np.ndarray
    """Of each moment; of rows without a time there are none."""
    unreadable: np.ndarray
    """Places of the rows whose time cannot be read."""
    backwards: bool = False
    sorted: bool = True

    @property
    def doubles(self) -> int:
        """Moments that occur more than once."""
        return int((np.bincount(self.moments) > 1).sum())

    def means(self, values: np.ndarray) -> np.ndarray:
        """One value for each moment: the mean of those that are there, NaN where none is."""
        chosen = values[self.rows]
        known = ~np.isnan(chosen)
        total = np.bincount(self.moments, np.where(known, chosen, 0))
        count = np.bincount(self.moments, known)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def parts_of_time(names: Sequence[str]) -> tuple[str, ...]:
    """Columns that hold a time in parts, such as year, month, day and hour; empty where there are none."""
    known = {name.strip().casefold(): name for name in names}
    found = []
    for part in PARTS:
        if part not in known:
            break
        found.append(known[part])
    return tuple(found) if len(found) > 1 else ()


def seconds_of(columns: Sequence[Sequence[str]], kind: Kind = "date") -> np.ndarray:
    """The moment of each row: from one column, or from several that hold its parts."""
    if len(columns) == 1:
        return read_dates(columns[0], "date", DATES.get(kind)).seconds
    parts = [numbers(cells, "number") for cells in columns]
    parts += [np.full(len(parts[0]), usual) for usual in (1.0, 1.0, 0.0, 0.0)[len(parts) - 1 :]]
    year, month, day, hour, minute = parts
    known = np.isfinite(year + month + day + hour + minute)
    months = (12 * (np.where(known, year, 1970) - 1970) + np.where(known, month, 1) - 1).astype(int)
    days = months.astype("datetime64[M]").astype("datetime64[D]").astype(int) + day - 1
    return np.where(known, 86400.0 * days + 3600 * hour + 60 * minute, np.nan)


def timeline(seconds: np.ndarray) -> Timeline:
    """Put rows into the order of their times; those of one moment stay together."""
    fine = np.flatnonzero(~np.isnan(seconds))
    order = fine[np.argsort(seconds[fine], kind="stable")]
    moments, places = np.unique(seconds[order], return_inverse=True)
    steps = np.diff(seconds[fine])
    return Timeline(
        order,
        places,
        moments,
        np.flatnonzero(np.isnan(seconds)),
        backwards=bool(len(steps) and (steps <= 0).all()),
        sorted=bool((steps >= 0).all()),
    )


def filled(values: np.ndarray) -> np.ndarray:
    """Each missing value is the last before it; those at the beginning stay missing."""
    known = ~np.isnan(values)
    last = np.maximum.accumulate(np.where(known, np.arange(len(values)), 0))
    return values[last]
