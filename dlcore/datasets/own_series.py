"""A series of one's own: rows in the order of time, of which the next values are predicted."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from dlcore.cache import Cache
from dlcore.datasets.base import DatasetError
from dlcore.datasets.own_columns import Columns, OwnColumns, cells, opened, read_code, unit
from dlcore.datasets.series import Series
from dlcore.fields import derived
from dlcore.uploads.columns import DATES, Kind, category
from dlcore.uploads.limits import MAX_ROWS
from dlcore.uploads.own_file import OwnFile, is_kept
from dlcore.uploads.timeline import Timeline, filled, seconds_of, timeline

STEPS = 2500
"""Of a training, about: enough for the usual network, and one to three minutes."""
_read = Cache(64 * 2**20)
"""Rows by how they were read: a page loads them again at every move of a slider."""


class OwnSeries(OwnColumns, Series):
    """The recipe says how the columns are used; their cells are in the artifact store."""

    name: Literal["own_series"] = "own_series"
    title: ClassVar[str] = "Your series"
    order: ClassVar[int] = 41
    editor: ClassVar[str] = "series"
    description: ClassVar[str] = "A CSV file of your own whose rows are moments: predict what comes next."
    own: ClassVar[str] = "stretches of the column that is predicted, beside the forecasts"

    time: tuple[str, ...] = Field(default=(), max_length=5)
    """The column of times, or those that hold its parts; empty: the order of the rows."""
    time_kind: Kind = "date"
    group: str = Field(default="", max_length=110)
    """The column that tells several series in one file apart, and which of them it is."""
    member: str = Field(default="", max_length=110)
    columns: Columns = ()
    """What is predicted comes first."""
    count: int = Field(default=0, ge=0, le=MAX_ROWS)  # type: ignore[misc]
    spacing: str = Field(default="step", max_length=20)
    period: int = Field(default=0, ge=0, le=1000)
    delimiter: str = Field(default=",", max_length=1)
    encoding: str = Field(default="UTF-8", max_length=20)
    header: bool = Field(default=True)

    @derived
    def variables(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns) or ("",)

    @derived
    def unit(self) -> str:
        return unit(self.target)

    @derived
    def step(self) -> str:
        return self.spacing

    @derived
    def season(self) -> int:
        return self.period

    @derived
    def suggested_epochs(self) -> int:
        return int(np.clip(STEPS * 32 / self.training_examples, 4, 60))

    @property
    def missing(self) -> str:
        ready = self.id and self.columns and self.count
        return "" if ready else "expected a series, received none yet: upload a CSV file"

    def values(self) -> np.ndarray:
        if not is_kept(self.id):
            opened(self.id)  # says why
        read = (self.id, self.time, self.time_kind, self.group, self.member, self.columns)
        values: np.ndarray = _read.of(read, self._values, lambda array: array.nbytes)
        if len(values) != self.count:
            raise DatasetError("The uploaded series is another than the recipe says: upload it again.")
        # What is missing at the beginning of another column is the mean of the past.
        past = values[: self.cuts[0]]
        known = ~np.isnan(past)
        mean = np.where(known, past, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        return np.where(np.isnan(values), mean, values)

    def _values(self) -> np.ndarray:
        file = opened(self.id)
        times = self.timeline(file)
        return self.whole(self.raw(file, times), times)[0]

    def timeline(self, file: OwnFile) -> Timeline:
        """The rows in the order of time; those of other series, where the file holds several, have none."""
        if self.time:
            seconds = seconds_of([cells(file, name) for name in self.time], self.time_kind)
        else:
            seconds = np.arange(file.rows, dtype="float64")
        if self.group:
            mine = [category(text) == self.member for text in cells(file, self.group)]
            seconds = np.where(mine, seconds, np.nan)
        return timeline(seconds)

    def raw(self, file: OwnFile, times: Timeline) -> np.ndarray:
        """A row for each moment, NaN where a value is missing."""
        columns = (column.read(cells(file, column.name))[:, 0] for column in self.columns)
        return np.stack([times.means(values) for values in columns], axis=1)

    def whole(self, raw: np.ndarray, times: Timeline) -> tuple[np.ndarray, np.ndarray]:
        """Rows from the first to the last value of the target, and their moments.

        A missing value is the last before it, because that is what is known at the time.
        """
        known = np.flatnonzero(~np.isnan(raw[:, 0]))
        if not len(known):
            raise DatasetError(f"All values of “{self.target}” are missing: predict another column.")
        chosen = slice(known[0], known[-1] + 1)
        return np.stack([filled(column) for column in raw.T], axis=1)[chosen], times.seconds[chosen]

    @derived
    def imports(self) -> tuple[str, ...]:
        return ("import numpy as np", "import pandas as pd")

    def code_of_values(self) -> str:
        read = read_code("series.csv", self.delimiter, self.encoding, self.header)
        numbers = "".join(f"    {column.name!r}: {column.code()[0]},\n" for column in self.columns)
        group = f"table = table[table[{self.group!r}].str.strip() == {self.member!r}]\n" if self.group else ""
        return (
            f"{read}{group}series = pd.DataFrame({{\n{numbers}}})\n"
            f"{self._code_of_order()}"
            f"known = series[{self.target!r}].dropna().index\n"
            "values = series.ffill().loc[known[0]:known[-1]].to_numpy(float)\n"
            f"values = np.where(np.isnan(values), np.nanmean(values[:{self.cuts[0]}], axis=0), values)"
        )

    def _code_of_order(self) -> str:
        if not self.time:
            return "series = series.reset_index(drop=True)\n"
        if len(self.time) > 1:
            parts = ", ".join(f"{part!r}: table[{part!r}]" for part in self.time)
            day = "" if len(self.time) > 2 else ', "day": 1'
            when = f"pd.to_datetime(pd.DataFrame({{{parts}{day}}}))"
        else:
            first = ", dayfirst=True" if DATES.get(self.time_kind) is False else ""
            when = (
                f'pd.to_datetime(table[{self.time[0]!r}], format="mixed"{first}, utc=True, errors="coerce")'
            )
        return f"series = series.groupby({when}).mean()  # in the order of time\n"
