"""What may be asked of generative models: plain data, the same for the same seed, and one line for nonsense."""

from __future__ import annotations

import io
import math

import keras
import numpy as np
import pytest
from PIL import Image

from dlcore import inference, jobs, models
from dlcore.datasets import DatasetError
from dlcore.decoding.images import ImageError
from dlcore.generative import first_samples
from dlcore.generative.latent import great_circle
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import Store, open_store

pytestmark = pytest.mark.slow

KINDS = {
    "vae": {"kind": "vae", "width": 8, "latent_dim": 3},
    "conditional": {"kind": "vae", "width": 4, "conditional": True, "form": "dense"},
    "gan": {"kind": "gan", "width": 4, "latent_dim": 4},
    "diffusion": {"kind": "diffusion", "width": 4, "steps": 50},
}


def trained(store: Store, dataset: str, architecture: dict, extra=(), **training) -> str:
    recipe = Recipe.parse(
        {
            "dataset": dataset,
            "architecture": architecture,
            "training": {"epochs": 1, "batch_size": 64} | training,
        }
    )
    run = store.create(recipe, "somebody", "", "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(recipe.architecture), "samples_measured", 50)
        jobs.train(run, list(extra))
    return run


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[str, dict[str, str]]:
    """A home with one run of every kind, trained once for all tests here."""
    home = str(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCORE_HOME", home)
        store = open_store()
        found = {name: trained(store, "digits", fields) for name, fields in KINDS.items()}
        found["points"] = trained(store, "moons", {"kind": "gan", "width": 4, "latent_dim": 2})
    return home, found


@pytest.fixture
def runs(made, studio_home, monkeypatch) -> dict[str, str]:
    monkeypatch.setenv("DLCORE_HOME", made[0])
    return made[1]


@pytest.mark.parametrize("name", [*KINDS, "points"])
def test_a_run_ends_with_metrics_samples_and_a_model(runs, name):
    store = open_store()
    run = store.run(runs[name])
    assert run.state is State.FINISHED, run.reason
    assert run.result["metrics"] and all(map(math.isfinite, run.result["metrics"].values()))
    preview = store.artifacts.read_json(f"{run.id}/previews/0001.json")
    if name == "points":
        assert preview["kind"] == "cloud" and np.shape(preview["samples"]) == (300, 2)
        assert np.shape(preview["arrows"]) == (60, 4)
        assert np.shape(preview["grid"]) == (len(preview["axis"]),) * 2
    else:
        assert preview["kind"] == "samples" and np.shape(preview["pictures"]) == (16, 8, 8, 1)
        assert ("latent" in preview) == (KINDS[name]["kind"] == "vae")


@pytest.mark.parametrize("name", [*KINDS, "points"])
def test_the_same_seed_gives_the_same_and_the_count_changes_nothing(runs, name):
    how = {"steps": 5} if name == "diffusion" else {}
    many = jobs.sample(runs[name], 6, seed=3, **how)
    few = jobs.sample(runs[name], 4, seed=3, **how)
    np.testing.assert_allclose(many["samples"][:4].astype(float), few["samples"].astype(float), atol=1)
    np.testing.assert_array_equal(many["latents"][:4], few["latents"])
    other = jobs.sample(runs[name], 4, seed=4, **how)
    assert not np.array_equal(other["samples"], few["samples"])
    again = jobs.sample(runs[name], latents=few["latents"], **how)
    np.testing.assert_array_equal(again["samples"], few["samples"])


def test_samples_are_pixels_or_points(runs):
    images, points = jobs.sample(runs["gan"], 5), jobs.sample(runs["points"], 5)
    assert images["samples"].shape == (5, 8, 8, 1) and images["samples"].dtype == np.uint8
    assert points["samples"].shape == (5, 2) and points["samples"].dtype == np.float32
    assert images["labels"] is None


def test_classes_come_in_turn_or_as_asked(runs):
    assert jobs.sample(runs["conditional"], 12)["labels"] == [*range(10), 0, 1]
    assert jobs.sample(runs["conditional"], 3, label="7")["labels"] == [7, 7, 7]


def test_truncation_shrinks_the_latents(runs):
    whole, half = (jobs.sample(runs["vae"], 4, truncation=t)["latents"] for t in (1.0, 0.5))
    np.testing.assert_allclose(half, whole / 2)


@pytest.mark.parametrize(
    ("job", "name", "arguments", "message"),
    [
        ("sample", "vae", {"count": 0}, "count: expected 1 to 1,000, received 0"),
        ("sample", "vae", {"truncation": math.nan}, "truncation: expected 0 to 2"),
        ("sample", "vae", {"seed": -1}, "seed"),
        ("sample", "vae", {"label": 3}, "label: expected none"),
        ("sample", "conditional", {"label": "eleven"}, "label: expected one of 0, 1"),
        ("sample", "vae", {"steps": 5}, "steps: expected only for diffusion"),
        ("sample", "vae", {"guidance": 2}, "guidance: expected only for"),
        ("sample", "gan", {"guidance": 2}, "guidance: expected only for"),
        ("sample", "diffusion", {"steps": 51}, "steps: expected 1 to 50"),
        ("sample", "diffusion", {"sampler": "euler"}, "sampler: expected ddim or ddpm"),
        ("sample", "vae", {"latents": [[1, 2]]}, "latents: expected shape"),
        ("sample", "vae", {"latents": [[1, 2, math.inf]]}, "latents: expected finite"),
        ("encode", "gan", {"images": [b""]}, "model: expected one of kind vae, received a gan"),
        ("latent_plane", "vae", {"axes": (0, 3)}, "axes: expected two of 0 to 2"),
        ("noising", "diffusion", {"t": [50]}, "t: expected 0 to 49"),
        ("encode", "vae", {"images": np.zeros((1, 9, 9, 1))}, "images: expected"),
    ],
)
def test_nonsense_is_refused_in_one_line(runs, job, name, arguments, message):
    with pytest.raises(ValueError, match=message) as refusal:
        getattr(jobs, job)(runs[name], **arguments)
    assert "\n" not in str(refusal.value)


def test_a_classifier_makes_nothing_and_a_generator_classifies_nothing(runs):
    with pytest.raises(ValueError, match="expected one of kind vae or gan or diffusion"):
        jobs.sample("digits-cnn")
    store = open_store()
    with pytest.raises(ImageError, match="does not classify"):
        inference.classify(store, models.find(store, runs["vae"]), b"")


def test_encoding_and_decoding(runs):
    images = jobs.sample(runs["gan"], 3)["samples"]
    answer = jobs.encode(runs["vae"], images)
    assert answer["mean"].shape == answer["log_var"].shape == (3, 3)
    np.testing.assert_array_equal(answer["seen"], images)
    assert jobs.decode(runs["vae"], answer["mean"]).shape == (3, 8, 8, 1)
    file = io.BytesIO()
    Image.fromarray(np.pad(np.zeros((40, 8), "uint8"), 60, constant_values=255)).save(file, "PNG")
    assert jobs.encode(runs["vae"], [file.getvalue()])["seen"].shape == (1, 8, 8, 1)


def test_an_image_of_no_class_gets_the_most_likely_one(runs):
    test = models.find(open_store(), runs["conditional"]).recipe.dataset.load(1).test
    answer = jobs.encode(runs["conditional"], test.x[:20])
    network = models.load(open_store(), models.find(open_store(), runs["conditional"]))
    for x, mean, label in zip(test.x, answer["mean"], answer["labels"], strict=False):
        ten = np.repeat(x[None], 10, axis=0)
        assert network.negative_elbo(ten, np.arange(10)).argmin() == int(label)
        np.testing.assert_allclose(network.encode(x[None], [int(label)])[0][0], mean, atol=1e-4)
    assert jobs.encode(runs["conditional"], test.x[:2], "7")["labels"] == ["7", "7"]
    assert jobs.encode(runs["vae"], test.x[:2])["labels"] is None


def test_the_plane_shows_test_examples_and_what_lies_everywhere(runs):
    plane = jobs.latent_plane(runs["vae"], (2, 0))
    test = models.find(open_store(), runs["vae"]).recipe.dataset.load(1).test
    assert plane["x"].shape == (len(test), 2) and plane["y"] == test.y.tolist()
    side = len(plane["grid"])
    assert plane["grid"].shape == (side, side, 8, 8, 1)
    corner = jobs.decode(runs["vae"], [[-3, 0, 3]])[0]  # bottom right: axis 2 along x, 0 along y
    np.testing.assert_allclose(plane["grid"][0, -1].astype(float), corner.astype(float), atol=1)


@pytest.mark.parametrize("name", ["vae", "gan"])
def test_interpolation_begins_and_ends_where_it_should(runs, name):
    a, b = jobs.sample(runs[name], 2)["latents"]
    path = jobs.interpolate(runs[name], a, b, 5)
    ends = jobs.decode(runs[name], [a, b])
    assert len(path) == 5
    np.testing.assert_allclose(path[[0, -1]].astype(float), ends.astype(float), atol=1)


def test_the_way_from_one_class_to_another_begins_in_one_and_ends_in_the_other(runs):
    a, b = jobs.sample(runs["conditional"], 2)["latents"]
    guided = jobs.interpolate(runs["conditional"], a, b, 5, "3", guidance=2)
    np.testing.assert_array_equal(guided[:1], jobs.decode(runs["conditional"], [a], "3", guidance=2))
    path = jobs.interpolate(runs["conditional"], a, b, 5, "3", "8").astype(float)
    np.testing.assert_allclose(path[0], jobs.decode(runs["conditional"], [a], "3")[0], atol=1)
    np.testing.assert_allclose(path[-1], jobs.decode(runs["conditional"], [b], "8")[0], atol=1)
    threes = jobs.interpolate(runs["conditional"], a, b, 5, "3").astype(float)
    assert np.abs(path[2] - threes[2]).max() > 1, "half way it still has a share of the first class"


def test_the_great_circle_keeps_the_length():
    a, b = np.array([2.0, 0, 0]), np.array([0, 2.0, 0])
    path = great_circle(a, b, np.linspace(0, 1, 7)[:, None])
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), 2)
    np.testing.assert_allclose(path[3], [2**0.5, 2**0.5, 0], atol=1e-12)
    np.testing.assert_allclose(great_circle(a, a, np.array([[0.5]])), [a])


def test_arithmetic_leads_from_one_class_to_the_other(runs):
    there = jobs.arithmetic(runs["vae"], [0, 0, 0], "3", "5", [0, 1])
    back = jobs.arithmetic(runs["vae"], [0, 0, 0], 5, 3, [1])
    assert there["samples"].shape == (2, 8, 8, 1) and there["labels"] is None
    np.testing.assert_array_equal(there["latents"][0], [0, 0, 0])
    np.testing.assert_allclose(there["latents"][1], -back["latents"][0], rtol=1e-5)


def test_arithmetic_of_a_conditional_network_sums_classes_too(runs):
    z = jobs.sample(runs["conditional"], 1)["latents"][0]
    answer = jobs.arithmetic(
        runs["conditional"], z, plus_class="8", minus_class="3", strengths=[0, 1], label="3"
    )
    assert answer["labels"] == ["3", "8"]
    for i, label in enumerate(answer["labels"]):
        alone = jobs.decode(runs["conditional"], answer["latents"][[i]], label)[0]
        np.testing.assert_allclose(answer["samples"][i].astype(float), alone.astype(float), atol=1)
    unchanged = jobs.decode(runs["conditional"], answer["latents"][[1]], "3")[0].astype(float)
    assert np.abs(answer["samples"][1] - unchanged).max() > 1, "its class is a sum too"
    for wrong in ([], [math.nan], [11]):
        with pytest.raises(ValueError, match=r"^strengths: expected .*, received"):
            jobs.arithmetic(runs["conditional"], z, 8, 3, wrong)


@pytest.mark.parametrize("name", ["vae", "conditional"])
def test_noise_is_more_of_an_anomaly_than_a_digit(runs, name):
    digits = models.find(open_store(), runs[name]).recipe.dataset.load(1).test.x[:20]
    noise = np.random.default_rng(0).choice(np.array([0, 255], "uint8"), (5, 8, 8, 1))
    strange = jobs.anomaly(runs[name], noise)["quantiles"]
    assert min(strange) > 0.9 > np.median(jobs.anomaly(runs[name], digits)["quantiles"])


def test_a_training_image_is_its_own_nearest(runs):
    train = models.find(open_store(), runs["vae"]).recipe.dataset.load(1).train
    answer = jobs.nearest(runs["vae"], (255 * train.x[:2]).round().astype("uint8"))
    assert answer["label"] == [str(label) for label in train.y[:2]]
    assert max(answer["distance"]) < 0.1 * answer["typical"]


def test_a_film_ends_with_the_sample(runs):
    film = jobs.film(runs["diffusion"], seed=2, label=4, steps=10, frames=4)
    assert film["noisy"].shape == film["clean"].shape == (4, 8, 8, 1)
    assert film["t"] == sorted(film["t"], reverse=True) and film["t"][-1] == 0
    sample = jobs.sample(runs["diffusion"], 1, seed=2, label=4, steps=10)["samples"]
    np.testing.assert_allclose(film["clean"][-1:].astype(float), sample.astype(float), atol=1)


def test_noising_begins_with_the_image_and_ends_in_noise(runs):
    test = models.find(open_store(), runs["diffusion"]).recipe.dataset.load(1).test.x
    answer = jobs.noising(runs["diffusion"], 3, [0, 25, 49]).astype(float) / 255
    off = np.abs(answer - test[3]).mean(axis=(1, 2, 3))
    assert off[0] < off[1] < off[2]


def test_evaluate_gives_the_quality_numbers(runs):
    report = jobs.evaluate(runs["points"])
    assert set(report["metrics"]) == {"jensen_shannon"}
    assert report["quality"]["real"]["jensen_shannon"] < report["quality"]["noise"]["jensen_shannon"]


def untrained(dataset: str, architecture: dict) -> str:
    """A run of a data set that need not be here, with the weights it begins with."""
    recipe = Recipe.parse({"dataset": dataset, "architecture": architecture})
    store = open_store()
    run = store.create(recipe, "somebody", "", "")
    store.artifacts.write(f"{run}/model/weights.safetensors", models.save(recipe.build()))
    return run


@pytest.mark.parametrize("dataset", ["mnist", "fashion_mnist"])
def test_without_the_data_the_shipped_test_images_are_used(studio_home, tmp_path, monkeypatch, dataset):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "empty"))
    vae = untrained(dataset, {"kind": "vae", "width": 4, "latent_dim": 2})
    answer = jobs.test_examples(vae, 20)
    assert answer["examples"].shape == (20, 28, 28, 1) and len(set(answer["labels"])) == 10
    assert "600 test pictures" in answer["data"] and "ship" in answer["data"]
    plane = jobs.latent_plane(vae)
    assert plane["x"].shape == (600, 2) and plane["data"] == answer["data"]
    assert np.bincount(plane["y"]).tolist() == [60] * 10
    assert jobs.arithmetic(vae, [0, 0], 1, 0)["latents"].shape == (1, 2)
    assert 0 <= jobs.anomaly(vae, answer["examples"][:1])["quantiles"][0] <= 1
    assert jobs.encode(vae, answer["examples"][:2].tolist())["mean"].shape == (2, 2)
    diffusion = untrained(dataset, {"kind": "diffusion", "width": 4, "steps": 50})
    assert jobs.noising(diffusion, 3, [0, 49]).shape == (2, 28, 28, 1)
    for job, arguments in (("nearest", {"images": answer["examples"][:1]}), ("quality", {})):
        with pytest.raises(DatasetError, match="to download, once") as refusal:
            getattr(jobs, job)(vae, **arguments)
        assert "\n" not in str(refusal.value)


def test_where_neither_data_nor_images_are_here_that_is_said(studio_home, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "empty"))
    vae = untrained("cifar10", {"kind": "vae", "width": 4})
    with pytest.raises(DatasetError, match=r"CIFAR-10.*170 MB"):
        jobs.latent_plane(vae)


def test_whole_numbers_are_pixels(runs):
    images = jobs.test_examples(runs["vae"], 2)["examples"]
    one, other = (jobs.encode(runs["vae"], x)["mean"] for x in (images, images.tolist()))
    np.testing.assert_array_equal(one, other)


def test_the_plane_may_lie_elsewhere_on_the_other_numbers(runs):
    plane = jobs.latent_plane(runs["vae"], (0, 1), others=[0, 0, 2])
    corner = jobs.decode(runs["vae"], [[-3, -3, 2]])[0]
    np.testing.assert_allclose(plane["grid"][0, 0].astype(float), corner.astype(float), atol=1)


def test_a_shipped_models_first_samples_are_what_it_makes(studio_home, tmp_path, monkeypatch):
    name = "conditional"
    recipe = Recipe.parse({"dataset": "digits", "architecture": KINDS[name]})
    monkeypatch.setattr(models, "ZOO", tmp_path)
    info = models.ModelInfo(name, name, "shipped", recipe, {}, {"sampling": {"truncation": 0.9}})
    monkeypatch.setattr(models, "shipped", lambda: [info])
    (tmp_path / name).mkdir()
    (tmp_path / name / "weights.safetensors").write_bytes(models.save(recipe.build()))
    options = first_samples.first_options(info)
    assert options["count"] == 16 and options["truncation"] == 0.9
    assert first_samples.first_samples(info, options) is None
    assert first_samples.write(name).stat().st_size < 20_000
    made, kept = jobs.sample(name, **options), first_samples.first_samples(info, options)
    assert kept is not None
    np.testing.assert_array_equal(kept["samples"], made["samples"])
    assert kept["labels"] == made["labels"]
    assert first_samples.first_samples(info, options | {"seed": 1}) is None


@pytest.mark.parametrize(
    "name", [m.name for m in models.shipped() if (models.ZOO / m.name / "first.png").exists()]
)
def test_the_first_samples_that_ship_are_their_models(studio_home, name):
    info = models.find(open_store(), name)
    options = first_samples.first_options(info)
    kept, made = first_samples.first_samples(info, options), jobs.sample(name, **options)
    assert kept is not None
    off = np.abs(kept["samples"].astype(float) - made["samples"])
    assert np.mean(off) < 1  # another processor rounds otherwise


class Spoil(keras.callbacks.Callback):
    """Makes the weights NaN at the beginning of the third epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            weight = self.model.trainable_weights[-1]
            weight.assign(np.full(weight.shape, np.nan))


@pytest.mark.parametrize(
    ("architecture", "cause"),
    [
        ({"kind": "vae", "width": 4}, "Lower the learning rate"),
        ({"kind": "gan", "width": 4}, "or the discriminator's"),
        ({"kind": "gan", "width": 4, "loss": "wasserstein", "gradient_penalty": 0}, "penalty to 10"),
    ],
)
def test_a_nan_ends_the_run_and_the_last_good_weights_stay(studio_home, architecture, cause):
    store = open_store()
    run = trained(store, "digits", architecture, [Spoil()], epochs=4)
    run_after = store.run(run)
    assert run_after.state is State.FAILED
    assert cause in run_after.reason and "weights of epoch 2 are kept" in run_after.reason
    network = models.load(store, models.find(store, run))
    assert all(np.isfinite(weight).all() for weight in network.get_weights())
    assert len(jobs.sample(run, 2)["samples"]) == 2


class CutOff(keras.callbacks.Callback):
    """A worker that goes away after the second epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 2:
            raise SystemError("gone")


@pytest.mark.parametrize("kind", ["vae", "gan", "diffusion"])
def test_a_resumed_training_goes_on_as_it_would_have(studio_home, monkeypatch, kind):
    """Weights, all optimisers and random numbers: the third epoch is the same as without a break."""
    monkeypatch.setattr("dlcore.callbacks.checkpoint.EVERY", 0)
    store = open_store()
    whole = trained(store, "digits", KINDS[kind], epochs=3)
    with pytest.raises(SystemError):
        trained(store, "digits", KINDS[kind], [CutOff()], epochs=3)
    cut = store.list_runs(limit=1)[0].id
    assert store.requeue(cut, "")
    assert jobs.train(cut) == State.FINISHED
    one, other = (store.metrics(run, "epoch") for run in (whole, cut))
    assert len(one) == len(other) == 3
    # The order of the batches begins anew, so the losses are alike, not equal.
    assert other[-1]["loss"] == pytest.approx(one[-1]["loss"], rel=0.1)
