"""Own tables and series: what is right for each case."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cases import Check
from dlcore.datasets import DatasetError
from dlcore.datasets.own_columns import Input
from dlcore.datasets.own_series import OwnSeries
from dlcore.datasets.own_series_plan import plan
from dlcore.uploads.apart import File
from dlcore.uploads.columns import DECIMAL, numbers, recognise
from dlcore.uploads.dates import written
from dlcore.uploads.own_file import OwnFile, keep_file


def uploaded(path: Path) -> tuple[str, OwnFile]:
    return keep_file(File.of(path.name, path.read_bytes()))


def dates(folder: Path) -> None:
    dataset, notes = plan(*uploaded(folder / "day-first.csv"))
    assert notes[0] == "Time: “date”, from 2023-01-01 to 2023-03-28."
    assert dataset.values()[:12, 0].tolist() == [101.5 + 1.5 * i for i in range(12)]
    assert "1 gap from 2023-01-28 to 2023-02-01" in notes[2]

    upload, file = uploaded(folder / "gap-double-missing.csv")
    with pytest.raises(DatasetError) as short:
        plan(upload, file)
    assert "1 time occurs more than once" in str(short.value)
    assert "1 gap from 2023-03-02 to 2023-03-09" in str(short.value)
    series = OwnSeries(id=upload, time=("date",), columns=(Input(name="value"),))
    times = series.timeline(file)
    values, _ = series.whole(series.raw(file, times), times)
    assert values[:, 0].tolist() == [5, 6, 7]

    _, file = uploaded(folder / "mixed-zones.csv")
    times = OwnSeries(time=("time",)).timeline(file)
    assert written(times.seconds[0]) == "2023-03-26 00:30" and np.diff(times.seconds).tolist() == [3600, 3600]


def number_forms(folder: Path) -> None:
    _, file = uploaded(folder / "numbers.csv")
    kinds = {column.name: column.kind for column in recognise(file.columns, file.delimiter)}
    assert kinds.pop("code") == "left out" and set(kinds.values()) <= set(DECIMAL)
    expected = {
        **{name: [1234.5, 12345678, np.nan] for name in ("us", "de", "fr", "swiss")},
        "percent": [12, 7, 100],
        "money": [3.2, np.nan, 4],
    }
    for name, values in expected.items():
        np.testing.assert_array_equal(numbers(file.columns[name], kinds[name]), values)
    assert file.columns["code"] == ["007", "010", "011"]


def short_series(folder: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"window of 24 .* need 25 rows to learn from, and there are 8 \(of 12"
    ):
        plan(*uploaded(folder / "twelve.csv"), window=24)
    dataset, notes = plan(*uploaded(folder / "twelve.csv"))
    assert len(dataset.load(1).train) > 0 and "a window of 3 is suggested" in notes[-1]
    dataset, _ = plan(*uploaded(folder / "twentyfive.csv"))
    whole = dataset.model_copy(update={"window": 24})
    assert len(whole._windows(whole.values(), 0, 25)) == 1
    with pytest.raises(DatasetError, match=r"there are 17 \(of 25 in all\)"):
        whole.load(1)


CHECKS: dict[str, Check] = {
    "40-next-dates": dates,
    "41-next-number-forms": number_forms,
    "43-next-short-series": short_series,
}
