"""What the GAN and the diffusion room ask: judgements in order, clouds from noise and into it."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import jobs, models
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store

pytestmark = pytest.mark.slow


@pytest.fixture
def run_of(studio_home):
    """Makes a run with an untrained network: what is asked here does not depend on how good it is."""
    store = open_store()

    def make(dataset: str, **architecture) -> str:
        recipe = Recipe.parse({"dataset": dataset, "architecture": architecture})
        run = store.create(recipe, "ada")
        store.start(run, "here:1:1")
        store.artifacts.write(f"{run}/model/weights.safetensors", models.save(recipe.build()))
        store.end(run, State.FINISHED, result={"metrics": {}})
        return run

    return make


@pytest.mark.parametrize("loss", ["standard", "wasserstein"])
def test_the_discriminator_that_is_kept_sorts_what_the_generator_makes(run_of, loss):
    run = run_of("digits", kind="gan", width=4, loss=loss)
    answer = jobs.discriminated(run, count=9, seed=3)
    assert answer["samples"].shape == (9, 8, 8, 1) and answer["samples"].dtype == np.uint8
    assert answer["scores"] == sorted(answer["scores"], reverse=True)
    assert answer["probability"] == (loss == "standard")
    if answer["probability"]:
        assert all(0 < score < 1 for score in answer["scores"])
    made = jobs.sample(run, count=9, seed=3)["samples"]
    assert sorted(p.tobytes() for p in made) == sorted(p.tobytes() for p in answer["samples"])


@pytest.mark.parametrize("conditional", [True, False])
def test_a_cloud_ends_as_the_samples_of_the_same_seed(run_of, conditional):
    run = run_of("moons", kind="diffusion", width=4, steps=50, conditional=conditional)
    film = jobs.cloud_film(run, seed=4, steps=10, frames=5)
    assert film["noisy"].shape == film["clean"].shape == (5, 300, 2)
    assert film["t"][0] == 49 and film["t"] == sorted(film["t"], reverse=True)
    assert np.array_equal(film["noisy"][-1], film["clean"][-1])
    made = jobs.sample(run, count=300, seed=4, steps=10)["samples"]
    assert np.allclose(film["noisy"][-1], made, atol=1e-4)


def test_real_points_end_as_noise(run_of):
    run = run_of("moons", kind="diffusion", width=4, steps=50)
    answer = jobs.cloud_noising(run, [0, 25, 49])
    assert answer.shape == (4, 150, 2)
    moved = [np.abs(cloud - answer[0]).mean() for cloud in answer]
    assert moved[0] == 0 and moved == sorted(moved)
    # At the end nothing is left but noise of deviation 1, and points lie three times as far out.
    assert answer[-1].std() == pytest.approx(3, rel=0.15)


def test_what_makes_no_sense_is_refused_in_a_line(run_of):
    images = run_of("digits", kind="diffusion", width=4, steps=50)
    points = run_of("moons", kind="diffusion", width=4, steps=50)
    for job, arguments, words in (
        (jobs.cloud_film, {"model": images}, "one of points"),
        (jobs.cloud_noising, {"model": images, "t": [1]}, "one of points"),
        (jobs.cloud_noising, {"model": points, "t": [50]}, "0 to 49"),
        (jobs.cloud_film, {"model": points, "label": "green"}, "label"),
        (jobs.cloud_film, {"model": points, "steps": 51}, "steps"),
        (jobs.discriminated, {"model": points}, "kind gan"),
    ):
        with pytest.raises(ValueError, match=words):
            job(**arguments)
