"""The nearest training image is the nearest one, at its true distance."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore.generative import neighbours
from dlcore.generative.neighbours import nearest, typical


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(neighbours, "CHUNK", 64)


def made(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 7, 5, 3), dtype="float32")


def test_it_finds_what_comparing_every_pair_finds():
    ours, training = made(20, 1), made(300, 2)
    every = ((ours[:, None] - training[None]) ** 2).sum(axis=(2, 3, 4)) ** 0.5
    index, distance = nearest(ours, training)
    assert (index == every.argmin(axis=1)).all()
    assert distance == pytest.approx(every.min(axis=1), rel=1e-5)


def test_a_copy_is_found_at_distance_nought_in_whichever_chunk_it_is():
    training = made(300, 2)
    chosen = np.array([0, 63, 64, 200, 299])
    index, distance = nearest(training[chosen], training)
    assert (index == chosen).all() and (distance == 0).all()


def test_a_small_change_has_its_small_distance():
    training = made(100, 2)
    changed = training[7:8].copy()
    changed[0, 0, 0, 0] += 1e-3
    assert nearest(changed, training)[1] == pytest.approx([1e-3], rel=1e-3)


def test_whole_numbers_are_the_same_images():
    training = (255 * made(100, 2)).astype("uint8")
    index, distance = nearest(training[10:14], training.astype("float32") / 255)
    assert index.tolist() == [10, 11, 12, 13]
    assert distance == pytest.approx(0, abs=1e-6)


def test_the_typical_distance_is_the_median_over_test_images():
    test, training = made(50, 1), made(300, 2)
    assert typical(test, training) == pytest.approx(np.median(nearest(test, training)[1]))
    assert typical(test, training, count=10) == typical(test, training, count=10)
    assert typical(training, training) == 0
