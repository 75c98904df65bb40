"""A table of one's own: one column is predicted from the others, as a class or as a number."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from dlcore.datasets.base import DatasetError, Split, balance, split_code
from dlcore.datasets.own_columns import Columns, Input, OwnColumns, cells, opened, read_code, unit
from dlcore.datasets.tabular import SHOWN, Tabular
from dlcore.fields import derived
from dlcore.problem import Problem
from dlcore.uploads.columns import category
from dlcore.uploads.limits import MAX_ROWS
from dlcore.uploads.own_file import OwnFile


class OwnTable(OwnColumns, Tabular):
    """The recipe says how the columns are used; their cells are in the artifact store."""

    name: Literal["own_table"] = "own_table"
    title: ClassVar[str] = "Your table"
    order: ClassVar[int] = 31
    editor: ClassVar[str] = "table"
    description: ClassVar[str] = "A CSV file of your own: predict one of its columns, a class or a number."
    own: ClassVar[str] = "some of your rows (the columns that are used), beside what was predicted"

    columns: Columns = ()
    """What is predicted comes first."""
    examples: int = Field(default=0, ge=0, le=MAX_ROWS)
    drop: bool = Field(default=False)
    """Whether rows are left out in which a number is missing; else it becomes the mean of the training part."""
    delimiter: str = Field(default=",", max_length=1)
    encoding: str = Field(default="UTF-8", max_length=20)
    header: bool = Field(default=True)

    @property
    def predict(self) -> Input:
        """The column that is predicted."""
        return self.columns[0] if self.columns else Input()

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The columns that it is predicted from."""
        return self.columns[1:]

    @derived
    def task(self) -> str:
        return "classification" if self.predict.kind == "category" else "regression"

    @derived
    def classes(self) -> tuple[str, ...]:
        return self.predict.values

    @derived
    def target(self) -> str:
        return self.predict.name

    @derived
    def count(self) -> int:
        return self.examples

    @derived
    def features(self) -> tuple[str, ...]:
        return tuple(name for column in self.inputs for name in column.features) or ("",)

    @property
    def problem(self) -> Problem:
        if self.predict.kind == "category":
            return Problem(self.input_shape, self.classes)
        return Problem(self.input_shape, target_shape=(1,), unit=unit(self.target))

    @property
    def missing(self) -> str:
        ready = self.id and self.inputs and self.examples
        return "" if ready else "expected a table, received none yet: upload a CSV file"

    def rows(self) -> np.ndarray:
        file = opened(self.id)
        table, used = self.read(file)
        if used.sum() != self.examples:
            raise DatasetError("The uploaded table is another than the recipe says: upload it again.")
        return table[used]

    def read(self, file: OwnFile) -> tuple[np.ndarray, np.ndarray]:
        """Every row as numbers, what is to be predicted last, and whether it is used."""
        columns = [column.read(cells(file, column.name)) for column in self.inputs]
        target = self.answers(cells(file, self.predict.name))
        used = ~np.isnan(target)
        if self.drop:
            used &= ~np.isnan(np.concatenate(columns, axis=1)).any(axis=1)
        return np.concatenate([*columns, target[:, None]], axis=1), used

    def answers(self, texts: list[str]) -> np.ndarray:
        """What is to be predicted of each row: a number, or the place of a class; NaN where neither is said."""
        if self.predict.kind != "category":
            return self.predict.read(texts)[:, 0]
        place = {value: float(i) for i, value in enumerate(self.classes)}
        return np.array([place.get(category(text), np.nan) for text in texts])

    def scale(self, past: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Numbers are standardised by those that are there; the zeros and ones of categories stay as they are."""
        known = ~np.isnan(past)
        number = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, past, 0).sum(axis=0) / number
        deviation = np.sqrt((np.where(known, past - mean, 0) ** 2).sum(axis=0) / number)
        if past.ndim == 2:
            mean[self.ones], deviation[self.ones] = 0, 1
        return mean, np.where(deviation > 0, deviation, 1)

    @property
    def ones(self) -> list[int]:
        """Places of the features that are zeros and ones."""
        kinds = [column.kind for column in self.inputs for _ in column.features]
        return [place for place, kind in enumerate(kinds) if kind == "category"]

    def views(self, split: Split) -> list[dict[str, Any]]:
        file = opened(self.id)
        shown = np.random.default_rng(0).permutation(file.rows)[:SHOWN]
        columns = {column.name: [file.columns[column.name][row] for row in shown] for column in self.columns}
        view = {"kind": "table", "title": f"{self.title}: some of its {file.rows:,} rows", "columns": columns}
        if self.classes:
            return [view, balance(split, self.classes)]
        return [view, {"kind": "histogram", "title": self.target, "values": self.rows()[:, -1].tolist()}]

    def errors_view(self, split: Split, worst: np.ndarray, answers: dict[str, list[Any]]) -> dict[str, Any]:
        """Rows with categories and dates as they are named."""
        mean, deviation = split.columns
        values, start = split.test[worst].x * deviation + mean, 0
        known: dict[str, list[Any]] = {}
        for column in self.inputs:
            end = start + len(column.features)
            name = f"{column.name} (column)" if column.name in answers else column.name
            known[name] = column.named(values[:, start:end])
            start = end
        return {"kind": "table", "columns": answers | known}

    @derived
    def imports(self) -> tuple[str, ...]:
        return ("import numpy as np", "import pandas as pd")

    def code(self, seed: int) -> str:
        inputs = "".join(f"    {line},\n" for column in self.inputs for line in column.code())
        target = self.predict.code()[0]
        if self.classes:
            places = {value: place for place, value in enumerate(self.classes)}
            target = f"table[{self.target!r}].str.strip().map({places})"
        complete = " & ~np.isnan(x).any(axis=1)" if self.drop else ""
        kind = "int" if self.classes else "float"
        code = (
            f"{read_code('table.csv', self.delimiter, self.encoding, self.header)}"
            f"x = np.stack([\n{inputs}], axis=1).astype(float)\n"
            f"y = {target}.to_numpy(float)\n"
            f"known = ~np.isnan(y){complete}\n"
            f"x, y = x[known], y[known].astype({kind})\n"
            f"rng = np.random.default_rng({seed})"
        )
        standard = (
            "\nmean, deviation = np.nanmean(x_train, axis=0), np.nanstd(x_train, axis=0)\n"
            + (f"mean[{self.ones}], deviation[{self.ones}] = 0, 1  # categories\n" if self.ones else "")
            + "deviation[deviation == 0] = 1\n"
            "# a missing number becomes the mean of the training part\n"
            "x_train, x_test = (np.nan_to_num((part - mean) / deviation) for part in (x_train, x_test))"
        )
        if not self.classes:
            standard += (
                "\ncentre, spread = y_train.mean(), y_train.std()\n"
                "y_train, y_test = (y_train - centre) / spread, (y_test - centre) / spread"
            )
        return split_code(code, self.validation_share, self.test_share) + standard
