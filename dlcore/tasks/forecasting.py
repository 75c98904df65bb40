"""Forecasting: the next values of a series from a window of those before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dlcore.tasks.base import View
from dlcore.tasks.metric import Metric
from dlcore.tasks.regression import Regression, rounded, scores

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Split
    from dlcore.recipe import Recipe

SHOWN = 300
"""Moments of a forecast that are drawn."""


class Forecasting(Regression):
    """Its metrics are beside those of two forecasts that cost nothing: the last value, and that of a season ago."""

    name: ClassVar[str] = "forecasting"
    title: ClassVar[str] = "Forecasting"
    help: ClassVar[str] = "Predict the next values of a series."
    order: ClassVar[int] = 30
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("rmse", "RMSE", "Root of the mean squared error over all predicted values.", higher=False),
        Metric("mae", "MAE", "Mean absolute error over all predicted values.", higher=False),
        Metric(
            "skill",
            "Better than naive",
            "1 − RMSE / naive RMSE: 0 is as good as repeating the last value.",
            "{:.1%}",
        ),
    )
    preview_title: ClassVar[str] = "Forecast · validation data"
    windows: ClassVar[bool] = True

    def evaluate(self, model: keras.Model, recipe: Recipe, split: Split, **options: Any) -> dict[str, Any]:
        predicted = recipe.dataset.forecasts(split, split.test, self.predict(model, split.test.kept))
        true = recipe.dataset.forecasts(split, split.test, split.test.y)
        metrics = _errors(true, predicted)
        seen = recipe.dataset.windows(split, split.test)
        baselines = {
            title: _errors(true, forecast)
            for title, forecast in naive(seen, true.shape[1], recipe.dataset.season).items()
        }
        metrics["skill"] = 1 - metrics["rmse"] / baselines["Last value"]["rmse"]
        best = min(baselines, key=lambda title: baselines[title]["rmse"])
        return {
            "metrics": metrics,
            "baselines": baselines,
            "verdict": verdict(metrics["rmse"], best, baselines[best]["rmse"], recipe.problem.unit),
            "views": [self._forecast(recipe, true, predicted), self._by_step(recipe, true, predicted)],
            "errors": self._errors(recipe, split, true, predicted),
        }

    def _forecast(self, recipe: Recipe, true: np.ndarray, predicted: np.ndarray) -> View:
        """The end of the test part: what was, what was predicted one step ahead, and the last whole horizon."""
        shown = slice(-SHOWN, None)
        return {
            "kind": "forecast",
            "true": rounded(true[shown, 0]),
            "predicted": rounded(predicted[shown, 0]),
            "ahead": {"true": rounded(true[-1]), "predicted": rounded(predicted[-1])},
            "step": recipe.dataset.step,
            "of": recipe.dataset.target,
            "unit": recipe.problem.unit,
        }

    def _by_step(self, recipe: Recipe, true: np.ndarray, predicted: np.ndarray) -> View:
        """The error of each step of the horizon, or of one step the largest errors."""
        if true.shape[1] > 1:
            errors = np.sqrt(((predicted - true) ** 2).mean(axis=0))
            return {
                "kind": "bars",
                "title": f"RMSE by {recipe.dataset.step} ahead",
                "values": rounded(errors),
            }
        return {"kind": "residuals", "values": rounded((predicted - true)[:, 0])}

    def examples(self, recipe: Recipe, split: Split) -> dict[str, Any]:
        part = split.validation[-SHOWN:]
        return {"true": rounded(recipe.dataset.forecasts(split, part, part.y)[:, 0])}

    def preview(self, model: keras.Model, recipe: Recipe, split: Split) -> View:
        part = split.validation[-SHOWN:]
        predicted = recipe.dataset.forecasts(split, part, self.predict(model, part.kept))
        return {"kind": "forecast", "predicted": rounded(predicted[:, 0])}

    def views(self, recipe: Recipe, result: dict[str, Any]) -> list[View]:
        rows = {"network": result["metrics"], **result["baselines"]}
        table = {
            "forecast": [*rows],
            "RMSE": [row["rmse"] for row in rows.values()],
            "MAE": [row["mae"] for row in rows.values()],
        }
        note = {"kind": "baselines", "text": result["verdict"], "columns": table}
        return [*result["views"], note]

    def code(self, recipe: Recipe) -> str:
        return (
            "predicted = (model.predict(x_test, verbose=0) * size + base) * spread + centre\n"
            "true = (y_test * size + base) * spread + centre\n"
            f"last = values[second - 1:len(values) - {recipe.problem.target_shape[0]}, :1]\n"
            "rmse = np.sqrt(np.mean((predicted - true) ** 2))\n"
            'print(f"test RMSE {rmse:.4g}, of the last value {np.sqrt(np.mean((last - true) ** 2)):.4g}")\n'
            'model.save("model.keras")'
        )


def naive(seen: np.ndarray, horizon: int, season: int) -> dict[str, np.ndarray]:
    """Forecasts that cost nothing, from the windows of the target (n, window): by title, of shape (n, horizon)."""
    forecasts = {"Last value": np.repeat(seen[:, -1:], horizon, axis=1)}
    if season and seen.shape[1] >= season:
        back = -season + np.arange(horizon) % season
        forecasts["Same as a season ago"] = seen[:, back]
    return forecasts


def verdict(rmse: float, title: str, best: float, unit: str) -> str:
    """One honest sentence about a network and the better of the forecasts that cost nothing."""
    unit = f" {unit}" if unit else ""
    if rmse < best:
        return f"The network's RMSE is {rmse:.4g}{unit}, {1 - rmse / best:.0%} below “{title.lower()}” ({best:.4g}{unit})."
    return (
        f"The network does not beat “{title.lower()}”: {rmse:.4g}{unit} against {best:.4g}{unit}. "
        "What comes next may not follow from the window."
    )


def _errors(true: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    return {key: value for key, value in scores(true.ravel(), predicted.ravel()).items() if key != "r2"}
