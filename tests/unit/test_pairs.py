"""Pairs as data: dates and sums are right, no source is in two parts, and what is exported makes the same pairs."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from dlcore.datasets import DATASETS
from dlcore.datasets.generated_pairs import FORMS, Addition, Dates, written
from dlcore.datasets.own_pairs import clean
from dlcore.datasets.pairs import by_source
from dlcore.language.vocabulary import END, UNKNOWN


@pytest.mark.parametrize("name", ["dates", "addition"])
def test_every_token_of_a_pair_is_known_and_every_target_ends(name):
    dataset = DATASETS[name]()
    split = dataset.load(1)
    for part in (split.train, split.validation, split.test):
        assert (part.kept != UNKNOWN).all() and (part.y != UNKNOWN).all()
        assert ((part.y == END).sum(axis=1) == 1).all()
        source, target = split.vocabularies["source"], split.vocabularies["target"]
        for texts, rows, known in (("source", part.kept, source), ("target", part.y, target)):
            assert [known.decode(row) for row in rows[:50]] == [t.lower() for t in part.texts[texts][:50]]
    assert (len(source), len(target)) == dataset.sizes


def test_all_sums_of_two_digits_are_there_once():
    pairs = Addition().pairs(1)
    assert len({*pairs}) == 10_000
    assert all(sum(map(int, source.split("+"))) == int(target) for source, target in pairs)
    assert len({*Addition(digits=4).pairs(1)}) == Addition(digits=4).count == 20_000


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (FORMS[2], "3rd May 1999"),
        (FORMS[3], "3rd of May 1999"),
        ("{weekday}, {month} {day}, {year}", "Monday, May 3, 1999"),
        ("{number}/{day}/{yy}", "5/3/99"),
        ("{day:02}.{number:02}.{year}", "03.05.1999"),
    ],
)
def test_a_day_is_written_as_people_write_it(form, text):
    assert written(datetime.date(1999, 5, 3), form) == text


@pytest.mark.parametrize(
    ("day", "text"), [(1, "1st"), (2, "2nd"), (11, "11th"), (13, "13th"), (22, "22nd"), (30, "30th")]
)
def test_ordinals(day, text):
    assert written(datetime.date(2000, 6, day), "{day}{th}") == text


def test_every_form_of_every_day_fits_and_means_one_day():
    longest, _ = Dates.lengths
    meant: dict[str, str] = {}
    first = datetime.date(1950, 1, 1).toordinal()
    for number in range(first, datetime.date(2050, 1, 1).toordinal(), 7):
        day = datetime.date.fromordinal(number)
        for form in FORMS:
            text = written(day, form).lower()
            assert len(text) <= longest
            assert meant.setdefault(text, day.isoformat()) == day.isoformat(), text


def test_no_source_is_in_two_parts():
    sources = np.array(["a", "b", "a", "c", "d", "e", "b", "f"] * 20 + [f"x{i}" for i in range(100)], object)
    cuts = by_source(sources, (0.2, 0.2), np.random.default_rng(0))
    parts = [{*sources[cut]} for cut in cuts]
    assert sorted(np.concatenate(cuts)) == [*range(len(sources))]
    assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
    assert abs(len(parts[2]) - 21) <= 1


def test_own_pairs_are_cleaned():
    sources = ["How are you?", " How  are you? ", "Go!", "", "Hi"]
    targets = ["Comment vas-tu\u202f?", "Comment vas-tu ?", "Va\u00a0!", "x", " "]
    assert clean(sources, targets) == [("How are you?", "Comment vas-tu ?"), ("Go!", "Va !")]


@pytest.mark.parametrize("name", ["dates", "addition"])
def test_exported_code_makes_the_same_pairs(name):
    dataset = DATASETS[name]()
    space: dict[str, object] = {}
    exec("import numpy as np\n" + dataset.code(3), space)
    split = dataset.load(3)
    assert sorted(space["pairs"]) == sorted(dataset.pairs(3))
    assert len(space["x_test"]) == len(split.test)
    known = {
        tuple(row): tuple(y) for row, y in zip(split.train.kept.tolist(), split.train.y.tolist(), strict=True)
    }
    theirs = zip(space["x_train"].tolist(), space["y_train"].tolist(), strict=True)
    same = [known[tuple(row)] == tuple(y) for row, y in theirs if tuple(row) in known]
    assert same and all(same)
