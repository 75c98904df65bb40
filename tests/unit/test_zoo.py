"""The shipped networks are as good as their cards say: on their test images, and on photos of digits."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from photos import make_photo

from dlcore import models
from dlcore.decoding.handwriting import to_digit
from dlcore.decoding.images import ImageError
from dlcore.evaluation import evaluate
from dlcore.generative.draws import classes_in_turn, draw_latents, sampled
from dlcore.generative.evaluator import classified, evaluator_of
from dlcore.inference import classify
from dlcore.previews import probabilities
from dlcore.runs.store import open_store

pytestmark = pytest.mark.slow

FIXTURES = Path(__file__).parents[1] / "fixtures"
FIXTURE = np.load(FIXTURES / "mnist_test.npz")
FASHION = np.load(FIXTURES / "fashion_test.npz")
"""600 images of Fashion-MNIST's test set, drawn at random (Zalando SE, MIT)."""


@pytest.fixture(scope="module")
def info():
    (found,) = [info for info in models.shipped() if info.name == "digits-cnn"]
    return found


@pytest.fixture(scope="module")
def network(info):
    return models.load(None, info)


@pytest.mark.parametrize(
    ("name", "sample", "at_least"), [("digits-cnn", FIXTURE, 0.994), ("fashion-cnn", FASHION, 0.92)]
)
def test_a_card_holds_on_a_sample_of_the_test_set(name, sample, at_least):
    (info,) = [info for info in models.shipped() if info.name == name]
    images = sample["images"][..., None].astype("float32") / 255
    predicted = probabilities(models.load(None, info), images).argmax(axis=1)
    accuracy = (predicted == sample["labels"]).mean()
    claimed = info.card["metrics"]["accuracy"]
    assert claimed >= at_least
    # a sample of n strays from the whole set by about sqrt(p (1 - p) / n)
    assert abs(accuracy - claimed) <= 4 * np.sqrt(claimed * (1 - claimed) / len(images))


def test_the_card_of_the_small_digits_is_measured_on_its_whole_test_set():
    (info,) = [info for info in models.shipped() if info.name == "digits8-cnn"]
    dataset = info.recipe.dataset
    test = dataset.load(info.recipe.training.seed).test
    report = evaluate(probabilities(models.load(None, info), test.x), test.y, dataset.classes)
    assert report["metrics"]["accuracy"] == info.card["metrics"]["accuracy"] >= 0.98
    assert report["confusion"] == info.card["confusion"]


@pytest.mark.parametrize(("board", "at_least"), [(False, 0.95), (True, 0.93)])
def test_it_reads_photos_of_handwriting(network, board: bool, at_least: float):
    chosen = np.random.default_rng(7).permutation(len(FIXTURE["labels"]))[:60]
    seen = []
    with ThreadPoolExecutor() as pool:
        photos = pool.map(partial(make_photo, board=board), FIXTURE["images"][chosen], count())
    for photo, index in zip(photos, chosen, strict=True):
        try:
            seen.append((to_digit(photo), FIXTURE["labels"][index]))
        except ImageError:
            continue
    digits, labels = map(np.array, zip(*seen, strict=True))
    predicted = probabilities(network, digits[..., None]).argmax(axis=1)
    assert (predicted == labels).sum() / len(chosen) >= at_least


def test_every_example_photo_is_read_rightly(info):
    for path in sorted((models.ZOO / "examples").glob("*.jpg")):
        best = classify(open_store(), info, path.read_bytes())["labels"][0]
        assert best["label"] == path.stem.rsplit("-", 1)[1], path.name


def test_every_example_of_clothes_is_called_by_its_name():
    (info,) = [info for info in models.shipped() if info.name == "fashion-cnn"]
    for path in sorted((models.ZOO / info.name / "examples").glob("*.png")):
        best = classify(open_store(), info, path.read_bytes())["labels"][0]
        assert best["label"] == path.stem.replace("-", " ") and best["probability"] > 0.9


PHOTOS = {
    "mobilenet-v2": (
        "tabby",
        "beagle",
        "airliner",
        "espresso",
        "cheeseburger",
        "cab (taxi)",
        "sorrel (horse)",
        "space shuttle",
        "pizza",
    ),
    "cifar10-resnet": ("cat", "dog", "automobile", "horse"),
}


@pytest.mark.parametrize("name", PHOTOS)
def test_every_example_photo_is_called_by_its_name(name):
    info = models.find(open_store(), name)
    photos = [models.ZOO / "examples" / "photos" / f"{photo}.jpg" for photo in info.recipe.dataset.photos]
    labels = [classify(open_store(), info, photo.read_bytes())["labels"][0]["label"] for photo in photos]
    assert labels == [*PHOTOS[name]]


@pytest.mark.parametrize(
    "name", ["digits-cnn", "digits8-cnn", "fashion-cnn", "mobilenet-v2", "cifar10-resnet"]
)
def test_its_size_is_what_the_card_says(name):
    (info,) = [info for info in models.shipped() if info.name == name]
    weights = models.ZOO / info.name / "weights.safetensors"
    assert weights.stat().st_size == pytest.approx(info.card["bytes"], rel=0.01)
    assert info.recipe.network.describe()["parameters"] == info.card["parameters"]


@pytest.mark.parametrize(
    "info", [info for info in models.shipped() if info.recipe.generative], ids=lambda info: info.name
)
def test_its_samples_are_called_as_surely_as_its_card_says(info):
    diffusion = info.recipe.architecture.kind == "diffusion"
    count = 60 if diffusion else 400
    how = dict(info.card.get("sampling", {})) | ({"seed": 0} if diffusion else {})
    model = models.load(None, info)
    latents = draw_latents(model, count, 0, how.pop("truncation", 1.0))
    made = sampled(model, latents, classes_in_turn(info.recipe, count), **how)
    evaluator = evaluator_of(info.recipe.dataset.name)
    probabilities = classified(models.load(None, evaluator), made).probabilities
    said = info.card["metrics"]["confident"]
    chance = (said * (1 - said) / count) ** 0.5  # standard deviation of a share of ``count``
    assert (probabilities.max(axis=1) >= 0.9).mean() == pytest.approx(said, abs=4 * chance)
    assert len(set(probabilities.argmax(axis=1))) == 10
