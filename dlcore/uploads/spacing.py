"""How far apart the rows of a series are: the step between two, its season, and where rows are missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlcore.uploads.dates import written

MINUTE, HOUR, DAY = 60, 3600, 86400
UNITS = {"second": 1, "minute": MINUTE, "hour": HOUR, "day": DAY, "week": 7 * DAY}
SEASONS = {"hour": 24, "day": 7, "weekday": 5, "week": 52, "month": 12, "quarter": 4}
"""Steps after which a series is often much as it was."""
MOST_SEASON = 168


@dataclass(frozen=True)
class Spacing:
    """The step between rows."""

    step: str = "step"
    """Such as "hour"; "step" where it has no name."""
    season: int = 0
    about: str = ""
    """A line about the step."""
    gaps: str = ""
    """A line about the moments that are missing; empty where none is."""


def spacing(seconds: np.ndarray) -> Spacing:
    """Of moments in their order, each of them once."""
    if len(seconds) < 3:
        return Spacing()
    days = seconds.astype("datetime64[s]").astype("datetime64[D]")
    places, step, about = _places(seconds, days)
    season = SEASONS.get(step, 0)
    if not season and step == "step":
        daily = DAY / _usual(np.diff(seconds))
        season = round(daily) if 2 <= daily <= MOST_SEASON and daily == round(daily) else 0
    return Spacing("day" if step == "weekday" else step, season, about, _gaps(seconds, places, step))


def _usual(steps: np.ndarray) -> float:
    """The step that most rows are apart; where none is frequent, the median."""
    different, counts = np.unique(steps, return_counts=True)
    frequent = different[counts.argmax()]
    return float(frequent if 2 * counts.max() >= len(steps) else np.median(steps))


def _places(seconds: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, str, str]:
    """The number of steps from the beginning to each row, what a step is called, and a line about it."""
    steps = np.diff(seconds)
    middle = _usual(steps)
    months = days.astype("datetime64[M]").astype(int)
    for name, length, low, high in (("month", 1, 28, 31), ("quarter", 3, 89, 92), ("year", 12, 365, 366)):
        if low * DAY <= middle <= high * DAY:
            return (months - months[0]) / length, name, f"One row a {name}."
    if middle == DAY and np.is_busday(days).all() and (steps == 3 * DAY).any():
        return np.busday_count(days[0], days), "weekday", "One row a day, Monday to Friday."
    places = (seconds - seconds[0]) / middle
    for name, length in UNITS.items():
        if middle == length:
            return places, name, f"One row {'an' if name == 'hour' else 'a'} {name}."
    name, length = next((n, u) for n, u in reversed(UNITS.items()) if middle >= u or u == 1)
    return places, "step", f"One row every {middle / length:.4g} {name}s."


def _gaps(seconds: np.ndarray, places: np.ndarray, step: str) -> str:
    far = np.diff(places)
    gaps = np.flatnonzero(far > 1.5)
    if not len(gaps):
        return ""
    longest = gaps[far[gaps].argmax()]
    missing = int(np.round(far[gaps] - 1).sum())
    number = "1 gap" if len(gaps) == 1 else f"{len(gaps):,} gaps, the longest"
    what = step if step != "step" else "row"
    return (
        f"{number} from {written(seconds[longest])} to {written(seconds[longest + 1])} "
        f"({missing:,} {what}{'' if missing == 1 else 's'} missing in all); "
        "rows on both sides are taken as following each other."
    )
