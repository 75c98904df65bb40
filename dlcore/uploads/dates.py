"""Dates and times as people write them, as seconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

EPOCH = datetime(1970, 1, 1)
CLOCK = re.compile(
    r"(?:T|,? +)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap]m)?\s*(Z|UTC|GMT|[-+]\d{2}:?\d{2})?$", re.I
)
WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? +", re.I)
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?")
COMPACT = re.compile(r"(1[6-9]\d\d|20\d\d|21\d\d)(\d\d)(\d\d)")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
MONTH_YEAR = re.compile(r"(\d{1,2})[-/.](\d{4})")
NAMED = re.compile(
    r"(?:(\d{1,2})(?:st|nd|rd|th)?[-. ]+)?([a-zä]{3,9})\.?[- ]+(?:(\d{1,2})(?:st|nd|rd|th)?,? +)?(\d{4})",
    re.I,
)
ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
GERMAN = {"mär": 3, "mai": 5, "okt": 10, "dez": 12}
MONTHS = {name: i + 1 for i, name in enumerate(ENGLISH)} | GERMAN
TIMELY = re.compile(r"date|time|day|month|year|datum|zeit|tag|monat|jahr|period|stamp", re.I)
"""Names of columns in which 2019 is a year and 20190103 a day."""


@dataclass(frozen=True)
class Dates:
    """Moments, NaN where a cell holds none."""

    seconds: np.ndarray
    """Since 1970, in UTC where the file says time zones, else on its own clock."""
    first: str = ""
    """What came first, "day" or "month", in dates such as 3/4/2020; empty where there are none such."""
    open: bool = False
    """Whether no date decides between day and month."""
    zones: bool = False


def read_dates(cells: Sequence[str], name: str = "", month_first: bool | None = None) -> Dates:
    """The moments in a column.

    Args:
        cells: Its texts.
        name: Its name: only under a name of time is a bare number a date.
        month_first: Whether the month comes first where a date leaves that open; None: what the others say.
    """
    timely = bool(TIMELY.search(name))
    split = [_split(text) for text in cells]
    days = [day for day, *_ in split]
    said, undecided = _said(days)
    first = said if month_first is None else month_first
    if month_first is None and said is None:
        first = undecided and not _ordered(days, False, timely) and _ordered(days, True, timely)
    moments = np.array([_moment(day, bool(first), timely) for day in days])
    clock = np.array([seconds for _, seconds, _ in split])
    zones = [zone for *_, zone in split]
    zoned = not all(zone is None for zone in zones)
    if zoned:
        clock = clock - _filled(zones)
    year_last = any(map(YEAR_LAST.fullmatch, days))
    order = ("month" if first else "day") if year_last else ""
    return Dates(moments + clock, order, undecided and said is None, zoned)


def _split(text: str) -> tuple[str, float, float | None]:
    """The day as text, and in seconds the time of the day and what its zone is ahead of UTC, None if unsaid."""
    text = WEEKDAY.sub("", text.strip())
    found = CLOCK.search(text)
    if not found:
        return text, 0.0, None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        hour = hour % 12 + 12 * (found[4].lower() == "pm")
    if hour > 24 or minute > 59 or second > 60:
        return "", 0.0, None
    zone = None
    if found[5]:
        digits = re.sub(r"\D", "", found[5])
        ahead = 3600 * int(digits[:2]) + 60 * int(digits[2:]) if digits else 0
        zone = float(-ahead if found[5].startswith("-") else ahead)
    return text[: found.start()].strip(), 3600.0 * hour + 60 * minute + second, zone


def _filled(zones: list[float | None]) -> np.ndarray:
    """A time without a zone has that of the row before, at the beginning that of the first which has one."""
    last = next(zone for zone in zones if zone is not None)
    whole = []
    for zone in zones:
        last = last if zone is None else zone
        whole.append(last)
    return np.array(whole)


def _said(days: list[str]) -> tuple[bool | None, bool]:
    """Whether the month comes first, by the dates in which one number is above 12; and whether any leaves it open."""
    votes = {True: 0, False: 0}
    undecided = False
    for day in days:
        if found := YEAR_LAST.fullmatch(day):
            one, two = int(found[1]), int(found[3])
            undecided |= one <= 12 and two <= 12 and one != two and found[2] != "."
            if (one > 12) != (two > 12):
                votes[two > 12] += 1
            elif found[2] == ".":  # nobody writes the month first before a point
                votes[False] += 1
    said = None if not any(votes.values()) else votes[True] > votes[False]
    return said, undecided


def _ordered(days: list[str], month_first: bool, timely: bool) -> bool:
    """Whether the days follow each other, read this way."""
    moments = np.array([_moment(day, month_first, timely) for day in days])
    steps = np.diff(moments[~np.isnan(moments)])
    return bool((steps >= 0).all() or (steps <= 0).all())


def _moment(day: str, month_first: bool, timely: bool) -> float:
    """Seconds of the beginning of a day, month or year; NaN where the text is none of them."""
    try:
        if found := YEAR_FIRST.fullmatch(day):
            return _seconds(int(found[1]), int(found[3]), int(found[4] or 1))
        if found := YEAR_LAST.fullmatch(day):
            one, two, year = int(found[1]), int(found[3]), int(found[4])
            if len(found[4]) == 2:
                year += 1900 if year >= 70 else 2000
            month, day_of_month = (one, two) if (month_first or two > 12) and one <= 12 else (two, one)
            return _seconds(year, month, day_of_month)
        if found := MONTH_YEAR.fullmatch(day):
            return _seconds(int(found[2]), int(found[1]), 1)
        if (found := NAMED.fullmatch(day)) and (named := MONTHS.get(found[2][:3].lower())):
            return _seconds(int(found[4]), named, int(found[1] or found[3] or 1))
        if timely:
            return _bare(day)
    except ValueError:
        pass
    return float("nan")


def _bare(day: str) -> float:
    """A number in a column of times: 20190103, 2019, or seconds or milliseconds since 1970."""
    if found := COMPACT.fullmatch(day):
        return _seconds(int(found[1]), int(found[2]), int(found[3]))
    if re.fullmatch(r"1[5-9]\d\d|20\d\d|21\d\d", day):
        return _seconds(int(day), 1, 1)
    if re.fullmatch(r"\d{9,10}|\d{12,13}", day):
        return float(day) / (1000 if len(day) > 10 else 1)
    return float("nan")


def _seconds(year: int, month: int, day: int) -> float:
    return (datetime(year, month, day) - EPOCH) / timedelta(seconds=1)


def written(seconds: float) -> str:
    """A moment for people, such as 2020-03-04 or 2020-03-04 13:30."""
    moment = EPOCH + timedelta(seconds=round(seconds))
    return moment.strftime("%Y-%m-%d" if moment.time() == moment.min.time() else "%Y-%m-%d %H:%M")
