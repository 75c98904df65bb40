"""Pairs of a text and what is to be written for it: sums and their results, dates and their ISO form.

Split by source: no source is in two parts.
"""

from __future__ import annotations

import datetime
import inspect
from itertools import product
from typing import Any, ClassVar, Literal

import numpy as np

from dlcore.datasets.base import Dataset, Part, Progress, Split, split_code, test_field, validation_field
from dlcore.fields import number
from dlcore.language.vocabulary import Vocabulary
from dlcore.layers import Shape
from dlcore.problem import Problem

SPECIAL = 4
"""Tokens of every vocabulary for padding, unknown, start and end."""
SHOWN = 12
"""Pairs of the preview."""


class Pairs(Dataset):
    """Sources and targets, both texts."""

    modality: ClassVar[str] = "pairs"
    task: ClassVar[str] = "translation"
    order: ClassVar[int] = 60
    usual_architecture: ClassVar[str] = "seq2seq"
    classes: ClassVar[tuple[str, ...]] = ()
    licence: ClassVar[str] = "generated; no licence needed"
    titles: ClassVar[tuple[str, str]] = ("Source", "Target")
    """What the two texts of a pair are called."""
    try_it: ClassVar[tuple[str, ...]] = ()
    """Sources to begin with on the Text page."""

    validation_share: float = validation_field(0.1)
    test_share: float = test_field()

    @property
    def lengths(self) -> tuple[int, int]:
        """The most tokens of a source, and of a target with the one that ends it."""
        raise NotImplementedError

    @property
    def sizes(self) -> tuple[int, int]:
        """Tokens of the two vocabularies, known before they are learned."""
        raise NotImplementedError

    @property
    def input_shape(self) -> Shape:  # type: ignore[override]
        return (self.lengths[0],)

    @property
    def problem(self) -> Problem:
        source, target = self.sizes
        return Problem(
            self.input_shape, target_shape=(self.lengths[1],), vocabulary=source, target_vocabulary=target
        )

    def pairs(self, seed: int) -> list[tuple[str, str]]:
        """All pairs; the same for the same seed."""
        raise NotImplementedError

    def vocabularies(self, sources: list[str], targets: list[str]) -> dict[str, Vocabulary]:
        """``source`` and ``target``, learned from those of the training part."""
        raise NotImplementedError

    def load(self, seed: int, report: Progress | None = None) -> Split:
        return self.split(self.pairs(seed), seed)

    def split(self, pairs: list[tuple[str, str]], seed: int) -> Split:
        """The three parts; a pair of more tokens than the lengths is in none."""
        sources, targets = (np.array(texts, object) for texts in zip(*pairs, strict=True))
        shares = (self.validation_share, self.test_share)
        cuts = by_source(sources, shares, np.random.default_rng(seed))
        known = self.vocabularies(sources[cuts[0]].tolist(), targets[cuts[0]].tolist())
        read, write = known["source"].encode_all(sources), known["target"].encode_all(targets)
        longest, length = self.lengths
        fits = np.array([len(x) <= longest and len(y) < length for x, y in zip(read, write, strict=True)])
        whole = Part(
            known["source"].rows(sources, longest),
            known["target"].rows(targets, length, end=True),
            {"source": sources, "target": targets},
        )
        train, validation, test = (whole[cut[fits[cut]]] for cut in cuts)
        return Split(train, validation, test, vocabularies=known)

    def views(self, split: Split) -> list[dict[str, Any]]:
        source, target = self.titles
        some = split.train[:SHOWN].texts
        lengths = (split.train.kept != 0).sum(axis=1)
        return [
            {
                "kind": "table",
                "title": "Some pairs of the training part",
                "columns": {source: some["source"].tolist(), target: some["target"].tolist()},
            },
            {"kind": "histogram", "title": f"Tokens: {source}", "values": lengths[:2000].tolist()},
        ]


def by_source(
    sources: np.ndarray, shares: tuple[float, float], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of training, validation and test part, shuffled; equal sources are in the same part."""
    unique, group = np.unique(sources, return_inverse=True)
    validation, test = (round(share * len(unique)) for share in shares)
    part = np.zeros(len(unique), int)
    order = rng.permutation(len(unique))
    part[order[: validation + test]] = 1
    part[order[:test]] = 2
    chosen = [rng.permutation(np.flatnonzero(part[group] == which)) for which in range(3)]
    return chosen[0], chosen[1], chosen[2]


class Generated(Pairs):
    """Pairs made by a function, of characters that are known beforehand."""

    alphabets: ClassVar[tuple[str, str]]
    """The characters of sources and of targets, in order."""

    @property
    def sizes(self) -> tuple[int, int]:
        return SPECIAL + len(self.alphabets[0]), SPECIAL + len(self.alphabets[1])

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
