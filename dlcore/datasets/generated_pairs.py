"""Pairs that are made by a function: sums and their results, dates and their ISO form."""

from __future__ import annotations

import datetime
import inspect
from itertools import product
from typing import ClassVar, Literal

import numpy as np

from dlcore.datasets.base import split_code
from dlcore.datasets.pairs import Pairs
from dlcore.fields import number
from dlcore.language.tokenizer import SPECIAL
from dlcore.language.vocabulary import Vocabulary


class Generated(Pairs):
    """Pairs made by a function, of characters that are known beforehand."""

    alphabets: ClassVar[tuple[str, str]]
    """The characters of sources and of targets, in order."""

    @property
    def sizes(self) -> tuple[int, int]:
        return len(SPECIAL) + len(self.alphabets[0]), len(SPECIAL) + len(self.alphabets[1])

    @property
    def count(self) -> int:
        """The number of pairs."""
        raise NotImplementedError

    @property
    def training_examples(self) -> int:
        return self.count - round(self.validation_share * self.count) - round(self.test_share * self.count)

    def vocabularies(self, sources: list[str], targets: list[str]) -> dict[str, Vocabulary]:
        """Of the whole alphabets, so that nothing a visitor may type of them is unknown."""
        return {
            name: Vocabulary.learn([alphabet], "characters", size, lower=True)
            for name, alphabet, size in zip(("source", "target"), self.alphabets, self.sizes, strict=True)
        }

    def code_of_pairs(self, seed: int) -> str:
        """Lines that make ``pairs``."""
        raise NotImplementedError

    def code(self, seed: int) -> str:
        rows = (
            f"{inspect.getsource(characters)}\n\n"
            f"sources, targets = zip(*pairs)\n"
            f"x = characters(sources, {self.alphabets[0]!r}, {self.lengths[0]})\n"
            f"y = characters(targets, {self.alphabets[1]!r}, {self.lengths[1]}, end=True)\n"
            f"rng = np.random.default_rng({seed})"
        )
        return split_code(f"{self.code_of_pairs(seed)}\n\n\n{rows}", self.validation_share, self.test_share)


def characters(texts: list[str], alphabet: str, length: int, end: bool = False) -> np.ndarray:
    """Tokens (n, length) of texts: 0 is padding, 1 unknown, 2 the start, 3 the end, then the alphabet."""
    places = {character: place for place, character in enumerate(alphabet, 4)}
    rows = np.zeros((len(texts), length), "int32")
    for row, text in zip(rows, texts, strict=True):
        tokens = [places.get(character, 1) for character in text.lower()][: length - end] + [3] * end
        row[: len(tokens)] = tokens
    return rows


class Addition(Generated):
    name: Literal["addition"] = "addition"
    title: ClassVar[str] = "Addition"
    order: ClassVar[int] = 61
    description: ClassVar[str] = "Sums of two numbers as text, 47+85, and what they come to, digit by digit."
    titles: ClassVar[tuple[str, str]] = ("Sum", "Result")
    alphabets: ClassVar[tuple[str, str]] = ("+0123456789", "0123456789")
    suggested_epochs: ClassVar[int] = 30
    most: ClassVar[int] = 20_000
    try_it: ClassVar[tuple[str, ...]] = ("47+85", "9+9", "50+50")

    digits: int = number(2, 1, 4, "Digits", "Of either number, at most.")

    @property
    def lengths(self) -> tuple[int, int]:
        return 2 * self.digits + 1, self.digits + 2

    @property
    def count(self) -> int:
        return min(100**self.digits, self.most)

    def pairs(self, seed: int) -> list[tuple[str, str]]:
        return sums(self.digits, self.count, seed)

    def code_of_pairs(self, seed: int) -> str:
        return (
            f"from itertools import product\n\n\n{inspect.getsource(sums)}\n\n"
            f"pairs = sums({self.digits}, {self.count}, {seed})"
        )


def sums(digits: int, count: int, seed: int) -> list[tuple[str, str]]:
    """All sums of numbers of so few digits, or as many different ones as wanted."""
    if 100**digits <= count:
        terms = [*product(range(10**digits), repeat=2)]
    else:
        rng, drawn = np.random.default_rng(seed), dict[tuple[int, int], None]()
        while len(drawn) < count:
            drawn[tuple(rng.integers(10**digits, size=2).tolist())] = None
        terms = [*drawn]
    return [(f"{a}+{b}", f"{a + b}") for a, b in terms]


class Dates(Generated):
    name: Literal["dates"] = "dates"
    title: ClassVar[str] = "Dates"
    order: ClassVar[int] = 60
    description: ClassVar[str] = (
        "Days from 1950 to 2049 in the ways people write them in English, and in ISO form: 2026-11-27. "
        "With slashes the month comes first, with dots the day."
    )
    titles: ClassVar[tuple[str, str]] = ("Date", "ISO date")
    alphabets: ClassVar[tuple[str, str]] = (" ',-./0123456789abcdefghijklmnopqrstuvwxyz", "-0123456789")
    lengths: ClassVar[tuple[int, int]] = (32, 11)
    suggested_epochs: ClassVar[int] = 8
    try_it: ClassVar[tuple[str, ...]] = ("the 3rd of May, 1999", "Fri, 27 Nov 2026", "7/4/76")

    examples: int = number(10_000, 1000, 30_000, "Pairs", "The number of different dates.", step=1000)

    @property
    def count(self) -> int:
        return self.examples

    def pairs(self, seed: int) -> list[tuple[str, str]]:
        return dates(self.examples, seed)

    def code_of_pairs(self, seed: int) -> str:
        return (
            f"import datetime\n\nMONTHS = {MONTHS}\nWEEKDAYS = {WEEKDAYS}\nFORMS = {FORMS}\n\n\n"
            f"{inspect.getsource(dates)}\n\n{inspect.getsource(written)}\n\n"
            f"pairs = dates({self.examples}, {seed})"
        )


MONTHS = [
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
]  # fmt: skip
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
FORMS = (
    "{day} {month} {year}",
    "{day} {mon} {year}",
    "{day}{th} {month} {year}",
    "{day}{th} of {month} {year}",
    "the {day}{th} of {month}, {year}",
    "{month} {day}, {year}",
    "{mon} {day}, {year}",
    "{mon}. {day}, {year}",
    "{month} {day} {year}",
    "{month} {day}{th}, {year}",
    "{weekday}, {day} {month} {year}",
    "{weekday}, {month} {day}, {year}",
    "{short}, {day} {mon} {year}",
    "{short} {day} {mon} {year}",
    "{day} {month} '{yy}",
    "{day}-{mon}-{yy}",
    "{mon} {day} '{yy}",
    "{number}/{day}/{year}",
    "{number}/{day}/{yy}",
    "{day}.{number}.{year}",
    "{day:02}.{number:02}.{year}",
    "{year}-{number:02}-{day:02}",
    "{year}/{number:02}/{day:02}",
    "{year} {month} {day}",
)
"""Of a date; a year of two digits is that of the hundred there are."""


def dates(count: int, seed: int) -> list[tuple[str, str]]:
    """Different dates as people write them, each with its ISO form."""
    rng = np.random.default_rng(seed)
    first, last = datetime.date(1950, 1, 1).toordinal(), datetime.date(2049, 12, 31).toordinal()
    pairs = dict[str, str]()
    while len(pairs) < count:
        day = datetime.date.fromordinal(int(rng.integers(first, last + 1)))
        pairs[written(day, FORMS[rng.integers(len(FORMS))])] = day.isoformat()
    return [*pairs.items()]


def written(day: datetime.date, form: str) -> str:
    """A day in one of the forms."""
    month, weekday = MONTHS[day.month - 1], WEEKDAYS[day.weekday()]
    ending = "th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return form.format(
        day=day.day, th=ending, number=day.month, month=month, mon=month[:3],
        weekday=weekday, short=weekday[:3], year=day.year, yy=f"{day.year % 100:02}",
    )  # fmt: skip
