"""Maps of what counted are about the network and the class: they follow what is known of both."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from PIL import Image

from dlcore import models
from dlcore.charts.heat_map import METHODS, overlaid
from dlcore.decoding.images import fit
from dlcore.explanation import jobs
from dlcore.explanation.explainer import Explainer
from dlcore.recipe import Recipe
from dlcore.runs.store import open_store

pytestmark = pytest.mark.slow

THINGS = {"tabby-cat": "tabby", "beagle": "beagle", "espresso": "espresso", "pizza": "pizza"}


@pytest.fixture(scope="module")
def info():
    return models.find(open_store(), "mobilenet-v2")


@pytest.fixture(scope="module")
def mobilenet(info):
    return Explainer(models.load(None, info))


@pytest.fixture(scope="module")
def photos():
    folder = models.ZOO / "examples" / "photos"
    return {name: fit(Image.open(folder / f"{name}.jpg"), (224, 224, 3)) for name in THINGS}


def beside(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Two photos of 112×112 side by side, grey above and below."""
    both = np.full((224, 224, 3), 0.5, "float32")
    both[56:168, :112], both[56:168, 112:] = left[::2, ::2], right[::2, ::2]
    return both


def in_its_half(explainer, info, photos) -> float:
    """Of every two photos beside each other, each asked for its class: the share with most of the map in its half."""
    hits = []
    for left, right in permutations(THINGS, 2):
        image = beside(photos[left], photos[right])
        for name, half in ((left, np.s_[:, :112]), (right, np.s_[:, 112:])):
            heat = explainer.grad_cam(image, info.recipe.dataset.classes.index(THINGS[name]))
            hits.append(heat[half].sum() > heat.sum() / 2)
    return float(np.mean(hits))


def test_grad_cam_shows_the_half_in_which_the_class_is_and_not_with_random_weights(mobilenet, info, photos):
    assert in_its_half(mobilenet, info, photos) >= 0.9
    # Adebayo et al. 2018: a map that stays the same with random weights says nothing of the network.
    random = Explainer(info.recipe.build())
    target = info.recipe.dataset.classes.index("tabby")
    maps = [explainer.grad_cam(photos["tabby-cat"], target).ravel() for explainer in (mobilenet, random)]
    assert not maps[1].any() or abs(np.corrcoef(maps)[0, 1]) < 0.5
    assert in_its_half(random, info, photos) < 0.8


def test_integrated_gradients_add_up_to_the_change_of_the_value(mobilenet, info, photos):
    target, image = info.recipe.dataset.classes.index("beagle"), photos["beagle"]
    shares = mobilenet.integrated_gradients(image, target)
    before, after = mobilenet.score(np.stack([np.zeros_like(image), image]), target)
    assert shares.sum() == pytest.approx(after - before, rel=0.01)


def test_integrated_gradients_are_the_integral_of_the_slopes():
    explainer = Explainer(recipe("digits", kind="mlp", hidden=[{"units": 16, "activation": "tanh"}]).build())
    image = np.random.default_rng(1).random((8, 8, 1), dtype="float32")
    places = (np.arange(2000, dtype="float32")[:, None, None, None] + 0.5) / 2000
    integral = (explainer._slopes(places * image, 3).mean(0) * image).sum(-1)
    assert explainer.integrated_gradients(image, 3) == pytest.approx(
        integral, abs=0.01 * float(abs(integral).max())
    )


def test_to_cover_what_counts_lowers_the_value(mobilenet, info, photos):
    image = beside(photos["beagle"], photos["pizza"])
    fall = mobilenet.occlusion(image, info.recipe.dataset.classes.index("beagle"), places=8)
    assert fall[:, :112].max() > 2 * fall[:, 112:].max()


def test_the_value_is_what_the_answer_is_made_of(mobilenet, photos):
    image = photos["beagle"][None]
    values = np.array([mobilenet.score(image, target)[0] for target in range(0, 1000, 250)])
    answers = np.log(np.asarray(mobilenet.model(image))[0, ::250])
    assert values - values[0] == pytest.approx(answers - answers[0], abs=1e-3)


def recipe(dataset: str, **architecture) -> Recipe:
    return Recipe.parse({"dataset": dataset, "architecture": architecture})


@pytest.mark.parametrize("kind", ["cnn", "vgg", "resnet", "inception", "mobilenet"])
def test_every_family_of_images_is_explained(kind: str):
    explainer = Explainer(recipe("digits", kind=kind).build())
    image = np.random.default_rng(1).random((8, 8, 1), dtype="float32")
    for map_of in (
        explainer.grad_cam,
        explainer.saliency,
        explainer.integrated_gradients,
        explainer.occlusion,
    ):
        heat = map_of(image, 3)
        assert heat.shape == (8, 8) and np.isfinite(heat).all()
    name = next(iter(explainer.layers))
    maps = explainer.feature_maps(image, name)
    assert maps.ndim == 3
    assert explainer.strongest(image[None], name, 0)[0] == pytest.approx(maps[0].max())
    assert explainer.embedding(image[None]).shape == (1, explainer.head.kernel.shape[0])


def test_dense_layers_have_no_map_but_pixels_that_count():
    explainer = Explainer(recipe("digits", kind="mlp").build())
    image = np.random.default_rng(1).random((8, 8, 1), dtype="float32")
    assert explainer.saliency(image, 3).shape == (8, 8)
    with pytest.raises(ValueError, match="windows"):
        explainer.grad_cam(image, 3)


PHOTO = (models.ZOO / "examples" / "paper-7.jpg").read_bytes()


@pytest.mark.parametrize("method", METHODS)
def test_a_page_is_answered_with_a_map_of_what_the_network_sees(method: str):
    found = jobs.explain_image("digits-cnn", PHOTO, "7", method)
    assert found["map"].shape == found["seen"].shape[:2] == (28, 28)
    drawn = overlaid(found["seen"], found["map"], 0.5, signed=METHODS[method].signed)
    assert drawn.shape == (28, 28, 3) and drawn.dtype == np.uint8
    assert len(METHODS[method].read.split()) <= 50


def test_a_page_is_answered_with_the_maps_of_a_layer_and_what_excites_them():
    first = jobs.feature_maps("digits-cnn", PHOTO)
    assert first["layer"] == first["layers"][0] and len(first["maps"]) == first["channels"]
    assert len(first["filters"]) == first["channels"]
    exciting = jobs.most_exciting("digits-cnn", first["layer"], 0)
    assert len(exciting) == jobs.SHOWN


def test_what_is_most_alike_is_mostly_of_the_same_class():
    found = jobs.neighbours("digits-cnn", PHOTO)
    labels = [entry["label"] for entry in found["nearest"]]
    distances = [entry["distance"] for entry in found["nearest"]]
    assert labels.count("7") > len(labels) / 2 and distances == sorted(distances)
    assert found["points"].shape == (len(found["labels"]), 2)


def test_what_is_no_picture_is_answered_in_one_line():
    for found in (
        jobs.explain_image("digits-cnn", b"no picture", "7", "saliency"),
        jobs.feature_maps("digits-cnn", b"no picture"),
        jobs.neighbours("digits-cnn", b"no picture"),
    ):
        assert found["error"].count("\n") == 0


def test_a_map_covers_the_picture_as_much_as_is_asked():
    image, heat = np.full((4, 4, 1), 200, "uint8"), np.linspace(-1, 1, 16).reshape(4, 4)
    assert (overlaid(image, heat, 0, signed=True) == 200).all()
    orange, blue = overlaid(image, heat, 1, signed=True).reshape(16, 3)[[0, -1]]
    assert orange[0] > orange[2] and blue[2] > blue[0]
