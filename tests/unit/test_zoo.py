"""The shipped network is as good as its card says, on pictures of MNIST and on photos of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from photos import make_photo

from dlcore import models
from dlcore.handwriting import to_digit
from dlcore.inference import classify
from dlcore.pictures import PictureError
from dlcore.previews import probabilities
from dlcore.store import open_store

FIXTURE = np.load(Path(__file__).parents[1] / "fixtures" / "mnist_test.npz")


@pytest.fixture(scope="module")
def info():
    (found,) = [info for info in models.shipped() if info.name == "digits-cnn"]
    return found


@pytest.fixture(scope="module")
def network(info):
    return models.load(None, info)


def test_its_card_holds_on_a_sample_of_the_test_set(network, info):
    images = FIXTURE["images"][..., None].astype("float32") / 255
    found = probabilities(network, images).argmax(axis=1)
    accuracy = (found == FIXTURE["labels"]).mean()
    claimed = info.card["metrics"]["accuracy"]
    assert claimed >= 0.994
    # a sample of 1,000 strays from the whole set by about sqrt(p (1 - p) / 1000)
    assert abs(accuracy - claimed) <= 4 * np.sqrt(claimed * (1 - claimed) / len(images))


@pytest.mark.parametrize(("board", "at_least"), [(False, 0.95), (True, 0.93)])
def test_it_reads_photos_of_handwriting(network, board: bool, at_least: float):
    chosen = np.random.default_rng(7).permutation(len(FIXTURE["labels"]))[:200]
    right = 0
    for seed, index in enumerate(chosen):
        photo = make_photo(FIXTURE["images"][index], seed, board=board)
        try:
            seen = to_digit(photo)
        except PictureError:
            continue
        found = probabilities(network, seen[None, ..., None]).argmax()
        right += int(found == FIXTURE["labels"][index])
    assert right / len(chosen) >= at_least


def test_every_example_photo_is_read_rightly(info):
    for path in sorted((models.ZOO / "examples").glob("*.jpg")):
        best = classify(open_store(), info, path.read_bytes())["labels"][0]
        assert best["label"] == path.stem.rsplit("-", 1)[1], path.name


def test_its_size_is_what_the_card_says(info):
    weights = models.ZOO / info.name / "weights.safetensors"
    assert weights.stat().st_size == pytest.approx(info.card["bytes"], rel=0.01)
    assert info.recipe.network.describe()["parameters"] == info.card["parameters"]
