"""One line of the table of results, and how a list of times is written in a few digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Result:
    """``met`` is None where a number is for comparison and has no limit."""

    what: str
    limit: str
    measured: str
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return {None: "", True: "met", False: "**missed**"}[self.met]


def spread(values: Sequence[float], unit: str = "", digits: int = 2) -> str:
    """Median, least and greatest: ``1.02 (0.99-1.05)``."""
    low, middle, high = (f"{v:.{digits}f}" for v in (min(values), median(values), max(values)))
    return f"{middle}{unit} ({low}-{high}, n={len(values)})"


def ratio(what: str, limit: float, ours: Sequence[float], theirs: Sequence[float]) -> Result:
    """Ours against theirs, measured in pairs; the median of the pairs' ratios counts."""
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    times = f"{median(ours):.2f} s against {median(theirs):.2f} s"
    return Result(what, f"≤ {limit:g}", f"{spread(ratios)}; {times}", median(ratios) <= limit)


def seconds(what: str, limit: float | None, values: Sequence[float]) -> Result:
    """Seconds; the median counts, where there is a limit."""
    met = None if limit is None else median(values) <= limit
    return Result(what, "" if limit is None else f"≤ {limit:g} s", spread(values, " s"), met)
