"""Series that are always at hand: made by a formula, or brought by a package."""

from __future__ import annotations

import csv
import gzip
import inspect
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np

from dlcore.datasets.series import Series
from dlcore.fields import choice, number
from dlcore.packaged import packaged


class Sine(Series):
    name: Literal["sine"] = "sine"
    title: ClassVar[str] = "Sine"
    description: ClassVar[str] = "Two sine waves, one slow and one fast, with a little noise."
    variables: ClassVar[tuple[str, ...]] = ("value",)
    season: ClassVar[int] = 100
    count: ClassVar[int] = 2000

    horizon: int = number(10, 1, 48, "Horizon", "Values that it predicts at once.")
    noise: float = number(
        0.05, 0, 0.5, "Noise", "Standard deviation of what is added to every value.", step=0.01
    )

    def values(self) -> np.ndarray:
        t = np.arange(self.count)
        wave = np.sin(2 * np.pi * t / 50) + 0.5 * np.sin(2 * np.pi * t / 20)
        return (wave + self.noise * np.random.default_rng(0).normal(size=self.count))[:, None]


class Passengers(Series):
    name: Literal["passengers"] = "passengers"
    title: ClassVar[str] = "Passengers"
    description: ClassVar[str] = (
        "An airline's passengers, month by month for 30 years: a trend, and a year that grows."
    )
    variables: ClassVar[tuple[str, ...]] = ("passengers",)
    unit: ClassVar[str] = "thousand"
    season: ClassVar[int] = 12
    step: ClassVar[str] = "month"
    count: ClassVar[int] = 360
    suggested_epochs: ClassVar[int] = 60

    own_scale: bool = choice(
        True,
        "Scale each window",
        "By its own deviation and from its last value: where a series has grown, it is still like the past.",
    )

    def values(self) -> np.ndarray:
        rng, t = np.random.default_rng(0), np.arange(self.count)
        year = np.array([-0.09, -0.11, 0.02, -0.01, 0.0, 0.11, 0.21, 0.2, 0.06, -0.07, -0.2, -0.1])
        return (110 * np.exp(0.0045 * t + year[t % 12] + 0.03 * rng.normal(size=self.count)))[:, None]


class Weather(Series):
    name: Literal["weather"] = "weather"
    title: ClassVar[str] = "Weather"
    description: ClassVar[str] = (
        "A year of hours: temperature, pressure and humidity, made to look like a real station's."
    )
    variables: ClassVar[tuple[str, ...]] = ("temperature", "pressure", "humidity")
    unit: ClassVar[str] = "°C"
    season: ClassVar[int] = 24
    step: ClassVar[str] = "hour"
    count: ClassVar[int] = 8760
    suggested_epochs: ClassVar[int] = 5

    def values(self) -> np.ndarray:
        rng, hour = np.random.default_rng(0), np.arange(self.count)
        front = drift(rng, self.count, 0.985)  # days of high and low pressure
        clouds = np.clip(0.5 - 0.25 * front + 0.3 * drift(rng, self.count, 0.95), 0, 1)
        year = -np.cos(2 * np.pi * hour / self.count)
        day = -np.cos(2 * np.pi * (hour - 3) / 24)
        temperature = 10 + 9 * year + (5 - 3 * clouds) * day + 2 * drift(rng, self.count, 0.98)
        humidity = np.clip(95 - 2.2 * (temperature - 8 * year) + 15 * clouds, 15, 100)
        return np.stack([temperature, 1013 + 9 * front, humidity], axis=1)

    def code_of_values(self) -> str:
        return f"{inspect.getsource(drift)}\n\n{super().code_of_values()}"


def drift(rng: np.random.Generator, count: int, memory: float) -> np.ndarray:
    """An autoregressive series with standard deviation 1: each value is mostly the one before it."""
    pushes = (1 - memory**2) ** 0.5 * rng.normal(size=count)
    values = np.empty(count)
    values[0] = rng.normal()
    for i in range(1, count):
        values[i] = memory * values[i - 1] + pushes[i]
    return values


class Stocks(Series):
    imports: ClassVar[tuple[str, ...]] = ("import numpy as np", "import plotly.express as px")

    name: Literal["stocks"] = "stocks"
    title: ClassVar[str] = "Stocks"
    description: ClassVar[str] = (
        "Six companies' share prices, week by week, 2018 and 2019, relative to the first."
    )
    licence: ClassVar[str] = "bundled with plotly, MIT"
    step: ClassVar[str] = "week"
    count: ClassVar[int] = 105
    suggested_epochs: ClassVar[int] = 60
    variables: ClassVar[tuple[str, ...]] = ("GOOG", "AAPL", "AMZN", "FB", "NFLX", "MSFT")

    company: Literal["GOOG", "AAPL", "AMZN", "FB", "NFLX", "MSFT"] = choice(
        "GOOG", "Company", "Whose price is predicted."
    )
    window: int = number(8, 2, 40, "Window", "Values that it sees before it predicts.")
    own_scale: bool = choice(
        True,
        "Scale each window",
        "By its own deviation and from its last value: where a series has grown, it is still like the past.",
    )

    @property
    def target(self) -> str:
        return self.company

    def values(self) -> np.ndarray:
        return _stocks()

    def code_of_values(self) -> str:
        return f"values = px.data.stocks()[{list(self.variables)}].to_numpy()"


@lru_cache(maxsize=1)
def _stocks() -> np.ndarray:
    """The file plotly brings."""
    path = packaged("plotly", "package_data", "datasets", "stocks.csv.gz")
    with gzip.open(path, "rt") as lines:
        rows = list(csv.DictReader(lines))
    return np.array([[float(row[name]) for name in Stocks.variables] for row in rows])
