"""Tables that scikit-learn brings: a row is an example, its columns are what is known of it.

Every column is standardised with mean and deviation of the training part alone, because a network learns
badly from numbers of a thousand beside numbers of a thousandth.
"""

from __future__ import annotations

import csv
import gzip
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np

from dlcore.datasets.base import (
    Dataset,
    Part,
    Predict,
    Progress,
    Split,
    balance,
    divide,
    split_code,
    test_field,
    validation_field,
)
from dlcore.evaluation import confusion_matrix
from dlcore.fields import derived
from dlcore.layers import Shape
from dlcore.packaged import packaged
from dlcore.problem import Problem

SHOWN = 8
"""Rows of a table that are shown."""


@lru_cache(maxsize=8)
def numbers(file: str) -> np.ndarray:
    """The rows of a file that scikit-learn brings."""
    path = packaged("sklearn", "datasets", "data", file)
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        rows = list(csv.reader(lines, delimiter="," if path.suffix == ".csv" else " "))
    return np.array(rows[1:] if path.suffix == ".csv" else rows, "float64")


class Tabular(Dataset):
    """Rows of numbers; the last column of :meth:`rows` is what is to be predicted."""

    modality: ClassVar[str] = "tabular"
    order: ClassVar[int] = 30
    licence: ClassVar[str] = "UCI Machine Learning Repository, CC BY 4.0"
    suggested_epochs: ClassVar[int] = 60
    features: ClassVar[tuple[str, ...]]
    """Names of the columns that are known."""
    target: ClassVar[str]
    """Name of the column to predict."""
    count: ClassVar[int]
    loader: ClassVar[str]
    """Of ``sklearn.datasets``, in exported code."""

    validation_share: float = validation_field()
    test_share: float = test_field()

    @derived
    def input_shape(self) -> Shape:
        return (len(self.features),)

    @property
    def training_examples(self) -> int:
        return self.count - round(self.validation_share * self.count) - round(self.test_share * self.count)

    def rows(self) -> np.ndarray:
        """Every row, of shape (count, features + 1)."""
        raise NotImplementedError

    def load(self, seed: int, report: Progress | None = None) -> Split:
        table = self.rows()
        x, y = table[:, :-1], table[:, -1]
        classes = y.astype("int32") if self.classes else np.zeros(len(y), "int32")
        shares = (self.validation_share, self.test_share)
        # Cut by place: which rows come where depends on the classes alone.
        parts = divide(np.arange(len(x)), classes, shares, np.random.default_rng(seed))
        chosen = [part.kept for part in parts]
        mean, deviation = self.scale(x[chosen[0]])
        centre, spread = (0.0, 1.0) if self.classes else map(float, scale(y[chosen[0]]))
        target = classes if self.classes else ((y - centre) / spread).astype("float32")
        # What is missing becomes 0, the mean of the training part.
        standard = np.nan_to_num((x - mean) / deviation).astype("float32")
        train, validation, test = (Part(standard[rows], target[rows]) for rows in chosen)
        return Split(train, validation, test, (centre, spread), (mean, deviation))

    def scale(self, past: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """What is taken from every column, and what it is then divided by, from the rows of the training part."""
        return scale(past)

    def views(self, split: Split) -> list[dict[str, Any]]:
        table = self.rows()
        shown = table[np.random.default_rng(0).permutation(len(table))[:SHOWN]]
        answers = [self.classes[int(value)] if self.classes else float(value) for value in shown[:, -1]]
        columns = {name: shown[:, i].tolist() for i, name in enumerate(self.features)}
        view = {"kind": "table", "title": self.title, "columns": {self.target: answers} | columns}
        if self.classes:
            return [view, balance(split, self.classes)]
        return [view, {"kind": "histogram", "title": self.target, "values": table[:, -1].tolist()}]

    def examples_view(self, part: Part) -> dict[str, Any]:
        return {"y": part.y.tolist()}

    def predictions_view(self, predict: Predict, part: Part) -> dict[str, Any]:
        """The confusion matrix of the validation part."""
        matrix = confusion_matrix(part.y, predict(part.x).argmax(axis=1), len(self.classes))
        return {"kind": "confusion", "matrix": matrix.tolist(), "classes": list(self.classes)}

    def errors_view(self, split: Split, worst: np.ndarray, answers: dict[str, list[Any]]) -> dict[str, Any]:
        """Rows as they are in the table."""
        mean, deviation = split.columns
        values = split.test[worst].x * deviation + mean
        known = {
            f"{name} (column)" if name in answers else name: [float(f"{value:.5g}") for value in values[:, i]]
            for i, name in enumerate(self.features)
        }
        return {"kind": "table", "columns": answers | known}

    @derived
    def imports(self) -> tuple[str, ...]:
        return ("import numpy as np", f"from sklearn.datasets import {self.loader}")

    def code(self, seed: int) -> str:
        code = (
            f"x, y = {self.loader}(return_X_y=True{self._arguments()})\nrng = np.random.default_rng({seed})"
        )
        standardised = (
            "\nmean, deviation = x_train.mean(axis=0), x_train.std(axis=0)\n"
            "x_train, x_test = (x_train - mean) / deviation, (x_test - mean) / deviation"
        )
        if not self.classes:
            standardised += (
                "\ncentre, spread = y_train.mean(), y_train.std()\n"
                "y_train, y_test = (y_train - centre) / spread, (y_test - centre) / spread"
            )
        return split_code(code, self.validation_share, self.test_share) + standardised

    def _arguments(self) -> str:
        return ""


def scale(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each column; a column that never changes has deviation 1."""
    deviation = values.std(axis=0)
    return values.mean(axis=0), np.where(deviation > 0, deviation, 1)


class Iris(Tabular):
    name: Literal["iris"] = "iris"
    title: ClassVar[str] = "Iris"
    description: ClassVar[str] = "150 irises of three kinds, distinguished by four lengths."
    classes: ClassVar[tuple[str, ...]] = ("setosa", "versicolor", "virginica")
    features: ClassVar[tuple[str, ...]] = (
        "sepal length (cm)",
        "sepal width (cm)",
        "petal length (cm)",
        "petal width (cm)",
    )
    target: ClassVar[str] = "species"
    count: ClassVar[int] = 150
    loader: ClassVar[str] = "load_iris"

    def rows(self) -> np.ndarray:
        return numbers("iris.csv")


class Wine(Tabular):
    name: Literal["wine"] = "wine"
    title: ClassVar[str] = "Wine"
    description: ClassVar[str] = "178 wines of three growers, distinguished by a chemical analysis."
    classes: ClassVar[tuple[str, ...]] = ("grower 1", "grower 2", "grower 3")
    features: ClassVar[tuple[str, ...]] = (
        *("alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids"),
        *("nonflavanoid phenols", "proanthocyanins", "colour intensity", "hue", "OD280/OD315", "proline"),
    )
    target: ClassVar[str] = "grower"
    count: ClassVar[int] = 178
    loader: ClassVar[str] = "load_wine"

    def rows(self) -> np.ndarray:
        return numbers("wine_data.csv")


class BreastCancer(Tabular):
    name: Literal["breast_cancer"] = "breast_cancer"
    title: ClassVar[str] = "Breast cancer"
    description: ClassVar[str] = "569 tumours, malignant or benign, by 30 measures of cell nuclei."
    classes: ClassVar[tuple[str, ...]] = ("malignant", "benign")
    features: ClassVar[tuple[str, ...]] = tuple(
        f"{kind} {what}"
        for kind in ("mean", "error of", "worst")
        for what in (
            *("radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity"),
            *("concave points", "symmetry", "fractal dimension"),
        )
    )
    target: ClassVar[str] = "diagnosis"
    count: ClassVar[int] = 569
    loader: ClassVar[str] = "load_breast_cancer"

    def rows(self) -> np.ndarray:
        return numbers("breast_cancer.csv")


class Diabetes(Tabular):
    name: Literal["diabetes"] = "diabetes"
    title: ClassVar[str] = "Diabetes"
    description: ClassVar[str] = "442 patients: how far the disease had gone one year later, a number."
    licence: ClassVar[str] = "Efron, Hastie, Johnstone and Tibshirani 2004"
    task: ClassVar[str] = "regression"
    classes: ClassVar[tuple[str, ...]] = ()
    features: ClassVar[tuple[str, ...]] = (
        *("age", "sex", "body mass index", "blood pressure", "cholesterol", "LDL", "HDL"),
        *("cholesterol/HDL", "log triglycerides", "blood sugar"),
    )
    target: ClassVar[str] = "progression"
    count: ClassVar[int] = 442
    loader: ClassVar[str] = "load_diabetes"
    suggested_epochs: ClassVar[int] = 30

    @property
    def problem(self) -> Problem:
        return Problem(self.input_shape, target_shape=(1,))

    def rows(self) -> np.ndarray:
        x, y = numbers("diabetes_data_raw.csv.gz"), numbers("diabetes_target.csv.gz")
        return np.concatenate([x, y], axis=1)

    def _arguments(self) -> str:
        return ", scaled=False"
