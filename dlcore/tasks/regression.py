"""Regression: a number, or several, from what is known of an example."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dlcore.problem import Problem
from dlcore.tasks.base import MOST_ERRORS, Task, View
from dlcore.tasks.metric import Metric

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Split
    from dlcore.recipe import Recipe


class Regression(Task):
    """Networks learn standardised targets; whatever is shown is in the data's own unit."""

    name: ClassVar[str] = "regression"
    title: ClassVar[str] = "Regression"
    help: ClassVar[str] = "Predict a number from the columns of a table."
    order: ClassVar[int] = 20
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("rmse", "RMSE", "Root of the mean squared error, in the target's unit.", higher=False),
        Metric("mae", "MAE", "Mean absolute error, in the target's unit.", higher=False),
        Metric("r2", "R²", "Share of the target's variance explained: 1 all, 0 as the mean does.", "{:.3f}"),
    )
    curves: ClassVar[tuple[tuple[str, ...], ...]] = (("loss",), ("mae",))
    preview_title: ClassVar[str] = "Predicted against true · validation data"

    def compiled(self, problem: Problem) -> dict[str, Any]:
        return {"loss": "mse", "metrics": ["mae"]}

    def evaluate(self, model: keras.Model, recipe: Recipe, split: Split, **options: Any) -> dict[str, Any]:
        predicted = split.in_unit(self.predict(model, split.test.x)[:, 0])
        true = split.in_unit(split.test.y)
        mean = float(split.in_unit(split.train.y).mean())
        return {
            "metrics": scores(true, predicted),
            "baseline": {"title": "Always the mean", **scores(true, np.full_like(true, mean))},
            "views": [
                {"kind": "predicted", "true": rounded(true), "predicted": rounded(predicted)},
                {"kind": "residuals", "values": rounded(predicted - true)},
            ],
            "errors": self._errors(recipe, split, true, predicted),
        }

    def _errors(self, recipe: Recipe, split: Split, true: np.ndarray, predicted: np.ndarray) -> list[View]:
        """The examples with the largest residuals; of several numbers each, by their mean square."""
        size = ((predicted - true) ** 2).reshape(len(true), -1).mean(axis=1)
        worst = np.argsort(-size, kind="stable")[:MOST_ERRORS]
        answers = {"true": rounded(true[worst]), "predicted": rounded(predicted[worst])}
        title = f"Largest residuals · {len(worst)} of {len(true)}"
        return [recipe.dataset.errors_view(split, worst, answers) | {"title": title}]

    def examples(self, recipe: Recipe, split: Split) -> dict[str, Any]:
        return {"true": rounded(split.in_unit(split.validation.y))}

    def preview(self, model: keras.Model, recipe: Recipe, split: Split) -> View:
        predicted = split.in_unit(self.predict(model, split.validation.x)[:, 0])
        return {"kind": "predicted", "predicted": rounded(predicted)}

    def code(self, recipe: Recipe) -> str:
        return (
            "predicted = model.predict(x_test, verbose=0)[:, 0] * spread + centre\n"
            "true = y_test * spread + centre\n"
            "rmse = np.sqrt(np.mean((predicted - true) ** 2))\n"
            "r2 = 1 - np.sum((predicted - true) ** 2) / np.sum((true - true.mean()) ** 2)\n"
            'print(f"test RMSE {rmse:.4g}, R² {r2:.3f}")\n'
            'model.save("model.keras")'
        )


def scores(true: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """``rmse``, ``mae``, ``mse`` and ``r2`` of predictions, as scikit-learn has them."""
    true, predicted = true.astype("float64"), predicted.astype("float64")
    error = predicted - true
    mse = float(np.mean(error**2))
    variance = float(np.mean((true - true.mean()) ** 2))
    return {
        "rmse": mse**0.5,
        "mae": float(np.mean(np.abs(error))),
        "mse": mse,
        # Of targets that are all alike, scikit-learn says 1 where they are met and 0 where not.
        "r2": 1 - mse / variance if variance else float(mse == 0),
    }


def rounded(values: np.ndarray) -> list[Any]:
    """Five digits of each value: enough to draw."""
    rows = values.tolist()
    return [float(f"{row:.5g}") for row in rows] if values.ndim == 1 else [*map(rounded, values)]
