"""The order of waiting runs is fair, and its estimate is no guess."""

from __future__ import annotations

import math
import random
from collections import Counter

import pytest

from dlcore.runs.queue import Waiting, estimate, fair


def queued(*owners: str) -> list[Waiting]:
    return [Waiting(f"{owner}{i}", owner, "", i) for i, owner in enumerate(owners)]


def test_the_first_run_of_each_visitor_comes_before_the_second_of_any():
    order = [each.run for each in fair(queued("a", "a", "a", "b", "c", "b"), [])]
    assert order == ["a0", "b3", "c4", "a1", "b5", "a2"]


def test_what_trains_counts_as_a_visitors_first():
    assert [each.run for each in fair(queued("a", "b"), [("a", math.inf)])] == ["b1", "a0"]
    assert [each.run for each in fair(queued("a", "b"), [("a", 0.5)])] == ["b1", "a0"], "just ended"
    assert [each.run for each in fair(queued("a", "b"), [("a", -9)])] == ["a0", "b1"], "ended long before"


@pytest.mark.parametrize("seed", range(20))
def test_nobody_waits_for_a_second_run_of_another_and_order_within_a_visitor_is_kept(seed):
    draw = random.Random(seed)
    waiting = queued(*draw.choices("abcd", k=draw.randrange(1, 20)))
    training = draw.choices("abcd", k=draw.randrange(3))
    turns = Counter(training)
    order = fair(draw.sample(waiting, len(waiting)), [(owner, math.inf) for owner in training])
    numbers = []
    for each in order:
        numbers.append(turns[each.owner])
        turns[each.owner] += 1
    assert numbers == sorted(numbers)
    for owner in "abcd":
        since = [each.since for each in order if each.owner == owner]
        assert since == sorted(since)
    assert Counter(order) == Counter(waiting)


@pytest.mark.parametrize(
    ("place", "left", "earlier", "seconds"),
    [
        (1, [], [], 0),  # a worker is free
        (1, [30], [], 30),
        (2, [30], [], None),  # nothing is known of the one between
        (2, [30], [10, 20, 90], 50),
        (1, [None], [20], 20),
        (1, [None], [], None),
        (1, [30, 5], [20], 5),  # two workers
        (2, [30, 5], [20], 30),
        (3, [30, 5], [20], 25),
    ],
)
def test_the_estimate(place, left, earlier, seconds):
    assert estimate(place, left, earlier) == seconds
