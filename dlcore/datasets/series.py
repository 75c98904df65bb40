"""Series: values in the order of time. A network sees a window of them and predicts those that follow.

Split by time: it learns from the past, is watched on what follows, and is tested on the end. The scale is that
of the past alone, and a window may reach back into the part before it, as it would on the day itself.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from dlcore.datasets.base import Dataset, DatasetError, Part, Progress, Split, test_field, validation_field
from dlcore.fields import choice, derived, number
from dlcore.layers import Shape
from dlcore.problem import Problem

SHOWN = 400
"""Values of a series that are drawn, and examples of a preview."""


@dataclass(frozen=True)
class Windows(Part):
    """Windows of a series and what follows each of them, from a base and in a size of their own."""

    base: Any = 0.0
    """What was taken from the target of each window, of shape (n, 1), in deviations of the past."""
    size: Any = 1.0
    """What it was then divided by."""

    def __getitem__(self, chosen: Any) -> Windows:
        return Windows(self.kept[chosen], self.y[chosen], base=self.base[chosen], size=self.size[chosen])


LEAST_SIZE = 1e-3
"""Of a window that hardly changes, in deviations of the past."""


class Series(Dataset):
    """A table whose rows are moments; one of its columns is predicted."""

    modality: ClassVar[str] = "series"
    task: ClassVar[str] = "forecasting"
    order: ClassVar[int] = 40
    usual_architecture: ClassVar[str] = "lstm"
    classes: ClassVar[tuple[str, ...]] = ()
    licence: ClassVar[str] = "made by a formula; no licence needed"
    suggested_epochs: ClassVar[int] = 15
    variables: ClassVar[tuple[str, ...]]
    """Names of the columns."""
    unit: ClassVar[str] = ""
    season: ClassVar[int] = 0
    """Steps after which the series is much as it was; 0 where there is no such number."""
    step: ClassVar[str] = "step"
    """What lies between two rows."""
    count: ClassVar[int]

    window: int = number(24, 2, 168, "Window", "Values that it sees before it predicts.")
    horizon: int = number(1, 1, 48, "Horizon", "Values that it predicts at once.")
    change: bool = choice(
        True, "Predict the change", "From the last value seen: a trend then leads nowhere it has not been."
    )
    own_scale: bool = choice(
        False,
        "Scale each window",
        "By its own deviation and from its last value: where a series has grown, it is still like the past.",
    )
    together: bool = choice(True, "All variables", "See all columns, not only the one that is predicted.")
    validation_share: float = validation_field()
    test_share: float = test_field()

    @property
    def target(self) -> str:
        """The column that is predicted."""
        return self.variables[0]

    @property
    def seen(self) -> list[int]:
        """Places of the columns that a network sees; that of the target is the first."""
        place = self.variables.index(self.target)
        others = [i for i in range(len(self.variables)) if i != place]
        return [place, *(others if self.together else [])]

    @derived
    def input_shape(self) -> Shape:
        return (self.window, len(self.seen))

    @property
    def problem(self) -> Problem:
        return Problem(self.input_shape, target_shape=(self.horizon,), unit=self.unit)

    @property
    def training_examples(self) -> int:
        return max(1, self.cuts[0] - self.window - self.horizon + 1)

    @property
    def cuts(self) -> tuple[int, int]:
        """The first moment of the validation part and of the test part."""
        test = self.count - round(self.test_share * self.count)
        return test - round(self.validation_share * self.count), test

    def unfit(self) -> list[tuple[str, str]]:
        first, second = self.cuts
        if first < self.window + self.horizon:
            why = (
                f"a window of {self.window} and a horizon of {self.horizon} need {self.window + self.horizon}"
            )
            why += f" rows to learn from, and there are {first} (of {self.count} in all)"
            return [("window", f"expected at most {max(0, first - self.horizon)}, because {why}")]
        if (shortest := min(second - first, self.count - second)) < self.horizon:
            why = f"validation and test parts need a horizon each, and one of them has {shortest} rows"
            return [("horizon", f"expected at most {shortest}, because {why}; received {self.horizon}")]
        return []

    def values(self) -> np.ndarray:
        """All rows, of shape (count, variables), oldest first."""
        raise NotImplementedError

    def load(self, seed: int, report: Progress | None = None) -> Split:
        for field, why in self.unfit():
            raise DatasetError(f"{field}: {why}")
        values = self.values()
        first, second = self.cuts
        past = values[:first]
        mean, deviation = past.mean(axis=0), past.std(axis=0)
        deviation[deviation == 0] = 1
        scaled = ((values - mean) / deviation).astype("float32")[:, self.seen]
        target = self.seen[0]
        ends = ((0, first), (first, second), (second, self.count))
        learn, watch, test = (self._windows(scaled, *pair) for pair in ends)
        return Split(learn, watch, test, (float(mean[target]), float(deviation[target])))

    def _windows(self, scaled: np.ndarray, start: int, end: int) -> Windows:
        """Every example whose horizon lies within [start, end)."""
        firsts = np.arange(max(start, self.window), end - self.horizon + 1)
        x = scaled[firsts[:, None] + np.arange(-self.window, 0)]
        y = scaled[firsts[:, None] + np.arange(self.horizon), 0]
        last, size = x[:, -1:], np.ones_like(x[:, -1:])
        if self.own_scale:
            size = np.maximum(x.std(axis=1, keepdims=True), LEAST_SIZE)
            x = (x - last) / size
        base = last[:, :, 0] if self.change or self.own_scale else np.zeros_like(last[:, :, 0])
        return Windows(x, (y - base) / size[:, :, 0], base=base, size=size[:, :, 0])

    def forecasts(self, split: Split, part: Part, y: np.ndarray) -> np.ndarray:
        """Targets of ``part``, or predictions of them, as values of the series in its own unit."""
        return split.in_unit(y * part.size + part.base)  # type: ignore[attr-defined]

    def windows(self, split: Split, part: Part) -> np.ndarray:
        """What is seen of the target, of shape (n, window), in its own unit."""
        seen = part.kept[:, :, 0]
        if self.own_scale:
            seen = seen * part.size + part.base  # type: ignore[attr-defined]
        return split.in_unit(seen)

    def views(self, split: Split) -> list[dict[str, Any]]:
        values = self.values()[:, self.seen[0]]
        first, second = self.cuts
        stride = max(1, len(values) // SHOWN)
        drawn = [float(f"{value:.5g}") for value in values[::stride]]
        whole = {
            "kind": "series",
            "title": f"{self.title}",
            "x": list(range(0, len(values), stride)),
            "y": drawn,
            "cuts": [first, second],
            "step": self.step,
            "of": self.target,
            "unit": self.unit,
        }
        middle = len(split.train) // 2
        return [whole, window_view(self, split, split.train[middle : middle + 1])]

    def errors_view(self, split: Split, worst: np.ndarray, answers: dict[str, list[Any]]) -> dict[str, Any]:
        """Windows with what followed and what was predicted."""
        windows = self.windows(split, split.test[worst])
        seen = [[float(f"{value:.5g}") for value in window] for window in windows]
        return {"kind": "fits", "seen": seen, "answers": answers, "unit": self.unit}

    def code(self, seed: int) -> str:
        first, second = self.cuts
        return (
            f"{self.code_of_values()}\n"
            f"values = values[:, {self.seen}]  # what is predicted comes first\n"
            f"first, second = {first}, {second}  # where validation and test begin, in time\n"
            "mean, deviation = values[:first].mean(axis=0), values[:first].std(axis=0)\n"
            'scaled = ((values - mean) / deviation).astype("float32")\n'
            "centre, spread = mean[0], deviation[0]\n\n\n"
            "def windows(start, end):\n"
            f"    firsts = np.arange(max(start, {self.window}), end - {self.horizon} + 1)\n"
            f"    x = scaled[firsts[:, None] + np.arange(-{self.window}, 0)]\n"
            f"    y = scaled[firsts[:, None] + np.arange({self.horizon}), 0]\n"
            f"{self._code_of_scale()}"
            "    return x, (y - base) / size, base, size\n\n\n"
            "x_test, y_test, base, size = windows(second, len(values))\n"
            "x_validation, y_validation, *_ = windows(first, second)\n"
            "x_train, y_train = (np.concatenate(pair) for pair in zip(windows(0, first)[:2], windows(first, second)))\n"
            "validation_split = len(x_validation) / len(x_train)  # Keras takes them from the end"
        )

    def _code_of_scale(self) -> str:
        if self.own_scale:
            return (
                f"    size = np.maximum(x.std(axis=1, keepdims=True), {LEAST_SIZE})\n"
                "    base = x[:, -1, :1]  # the last value\n"
                "    x = (x - x[:, -1:]) / size\n"
                "    size = size[:, :, 0]\n"
            )
        return f"    base, size = {'x[:, -1, :1]' if self.change else '0'}, 1\n"

    def code_of_values(self) -> str:
        """Lines that make ``values``: the body of the data set's own method."""
        source = textwrap.dedent(inspect.getsource(type(self).values))
        body = textwrap.dedent(source[source.index("\n") + 1 :])
        body = body.replace("self.count", str(self.count)).replace(
            "self.noise", str(getattr(self, "noise", 0))
        )
        return re.sub(r"^return ", "values = ", body, flags=re.MULTILINE).rstrip()


def window_view(dataset: Series, split: Split, one: Part) -> dict[str, Any]:
    """One example: the window that is seen and what is to be predicted."""
    return {
        "kind": "window",
        "seen": [float(f"{v:.5g}") for v in dataset.windows(split, one)[0]],
        "true": [float(f"{v:.5g}") for v in dataset.forecasts(split, one, one.y)[0]],
        "step": dataset.step,
        "of": dataset.target,
        "unit": dataset.unit,
    }
