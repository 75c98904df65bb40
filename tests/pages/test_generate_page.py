"""The Generate page as Streamlit runs it; jobs answer in this process instead of the engine's."""

from __future__ import annotations

import json
import pickle
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_page import answer_here, open_page
from streamlit.testing.v1 import AppTest

from dlcore import client as clients
from dlcore import models
from dlcore.client import Client
from dlcore.generative import first_samples
from dlcore.models import ModelInfo
from dlcore.recipe import Recipe
from dlcore.runs.store import open_store

pytestmark = pytest.mark.slow

RECIPES: dict[str, dict[str, Any]] = {
    "vae": {"dataset": "digits", "architecture": {"kind": "vae", "width": 8}},
    "conditional": {
        "dataset": "digits",
        "architecture": {"kind": "vae", "form": "dense", "width": 4, "latent_dim": 6, "conditional": True},
    },
    "line": {"dataset": "digits", "architecture": {"kind": "vae", "width": 4, "latent_dim": 1}},
    "points": {"dataset": "moons", "architecture": {"kind": "vae", "width": 4}},
    "diffusion": {"dataset": "digits", "architecture": {"kind": "diffusion", "width": 4, "steps": 50}},
}


CARD = {
    "data": "digits",
    "test": "others",
    "limits": "most",
    "metrics": {"loss": 50.0},
    "parameters": 1,
    "bytes": 1,
    "trained": {"on": "here", "minutes": 1, "command": "train"},
}


@cache
def answered(job: str, arguments: bytes) -> Any:
    """The same question to the same network has the same answer in every test here."""
    from dlcore import jobs

    return getattr(jobs, job)(**pickle.loads(arguments))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, str]]:
    """A home with one run of every kind, trained once for all tests here."""
    from dlcore import jobs

    home, runs = str(tmp_path_factory.mktemp("home")), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCORE_HOME", home)
        store = open_store()
        for name, recipe in RECIPES.items():
            whole = Recipe.parse(recipe | {"training": {"epochs": 1, "batch_size": 64}})
            patch.setattr(type(whole.architecture), "samples_measured", 50)  # metrics are not looked at here
            runs[name] = store.create(whole, "somebody", name, "")
            jobs.train(runs[name])
    return home, runs


@pytest.fixture
def runs(trained, studio_home, engine, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("DLCORE_HOME", trained[0])
    return trained[1]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What was asked of the engine; no network ships, so that only the runs are there."""
    classifiers = [info for info in models.shipped() if not info.recipe.generative]
    monkeypatch.setattr(models, "_zoo", lambda: iter(classifiers))
    return answer_here(monkeypatch, lambda job: lambda **arguments: answered(job, pickle.dumps(arguments)))


open_generate = partial(open_page, "pages/generate.py")


def component(app: AppTest, key: str) -> dict[str, Any]:
    (widget,) = [c for c in app.get("bidi_component") if c.key == key]
    data: dict[str, Any] = json.loads(widget.proto.json)
    return data


def images(app: AppTest, key: str) -> list[str]:
    return [image["src"] for image in component(app, key)["images"]]


def texts(app: AppTest) -> str:
    return "\n".join(str(e.value) for e in [*app.markdown, *app.caption, *app.info, *app.warning])


def test_where_nothing_can_make_anything_the_page_shows_the_way(engine, studio_home):
    app = open_generate()
    assert "Train one" in app.info[0].value
    links = [link.proto.label for link in app.get("page_link")]
    assert sum("VAE" in label or "GAN" in label or "Diffusion" in label for label in links) == 3


def test_sixteen_samples_at_first_and_others_again(runs):
    app = open_generate(model=runs["vae"])
    grid = f"generate.grid.{runs['vae']}"
    first = images(app, grid)
    assert len(first) == 16
    assert component(app, grid)["selected"] == 0
    app.button(key="generate.again").click().run()
    second = images(app, grid)
    assert second != first
    assert app.number_input(key="generate.seed").value == 1
    app.number_input(key="generate.seed").set_value(0).run()
    assert images(app, grid) == first
    app.slider(key="generate.count").set_value(5).run()
    assert images(app, grid) == first[:5]


def test_a_shipped_networks_samples_are_there_before_the_engine(
    engine, studio_home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    recipe = Recipe.parse(RECIPES["vae"])
    info = ModelInfo("ours", "ours", "shipped", recipe, {}, CARD)
    monkeypatch.setattr(models, "ZOO", tmp_path)
    monkeypatch.setattr(models, "_zoo", lambda: iter([info]))
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "weights.safetensors").write_bytes(models.save(recipe.build()))
    first_samples.write("ours")
    monkeypatch.setattr(Client, "ready", property(lambda self: False))
    app = open_generate()
    before = images(app, "generate.grid.ours")
    assert len(before) == 16 and not engine
    assert not any("warming up" in caption.value for caption in app.caption)
    assert "About ours" in [expander.label for expander in app.expander]
    app.button(key="generate.again").click().run()
    assert any("warming up" in caption.value for caption in app.caption)


def test_a_sample_is_kept_compared_and_let_go(runs):
    app = open_generate(model=runs["vae"])
    app.button(key="generate.keep").click().run()
    assert len(images(app, "generate.kept")) == 1
    assert app.button(key="generate.keep").disabled
    app.button(key="generate.compare").click().run()
    assert "nearest training picture is" in texts(app)
    app.session_state["generate.look"] = ("shelf", 0)
    app.run()
    app.button(key="generate.drop").click().run()
    assert not app.exception
    assert not [c for c in app.get("bidi_component") if c.key == "generate.kept"]


def test_a_sample_is_sent_to_classify(runs):
    app = open_generate(model=runs["vae"])
    app.button(key="generate.classify").click().run()
    assert not app.exception
    assert app.title[0].value == "Classify"
    assert app.session_state["classify.way"] == "From Generate"
    assert app.query_params["model"] == ["digits8-cnn"] or "digits8-cnn" in str(app.query_params)
    assert any("sure" in heading.value for heading in app.subheader)


def test_a_film_is_made(runs, engine):
    app = open_generate(model=runs["conditional"])
    app.slider(key="generate.guidance").set_value(2.0).run()
    app.toggle(key="generate.film").set_value(True).run()
    assert not app.exception and not app.error
    assert "Film as GIF" in [button.proto.label for button in app.get("download_button")]
    asked = dict(engine)
    assert asked["sample"]["guidance"] == asked["interpolate"]["guidance"] == 2.0


def test_diffusion_has_its_own_options(runs, engine):
    app = open_generate(model=runs["diffusion"])
    app.slider(key="generate.steps").set_value(4).run()
    app.selectbox(key="generate.label").set_value("7").run()
    app.toggle(key="generate.film").set_value(True).run()
    assert not app.exception and not app.error
    asked = dict(engine)
    assert asked["sample"] | {"steps": 4, "label": "7", "sampler": "ddim"} == asked["sample"]
    assert asked["film"]["frames"] == 4


def test_points_are_drawn_over_real_ones(runs):
    app = open_generate(model=runs["points"])
    assert "real test points" in texts(app)
    assert not app.error


def test_a_model_that_does_not_exist_is_one_line(runs):
    app = open_generate(model="nothere")
    assert "nothere" in app.warning[0].value and "\n" not in app.warning[0].value
    assert app.selectbox(key="generate.model").value in runs.values()
    app = open_generate(model="digits-cnn")
    assert "does not generate" in app.warning[0].value


def test_back_from_classify_keeps_the_network(runs):
    app = open_generate(model=runs["conditional"])
    app.query_params["model"] = "digits8-cnn"  # what the browser's history has for this page then
    app.run()
    assert not app.warning
    assert app.selectbox(key="generate.model").value == runs["conditional"]


def test_another_picture_of_the_same_number_can_be_kept_too(runs):
    app = open_generate(model=runs["vae"])
    app.button(key="generate.keep").click().run()
    assert app.button(key="generate.keep").disabled
    app.slider(key="generate.truncation").set_value(0.3).run()
    app.button(key="generate.keep").click().run()
    assert len(app.session_state["generate.shelf"]) == 2


def test_a_run_that_is_deleted_meanwhile_is_missed_in_one_line(runs):
    store = clients.client().store
    whole = Recipe.parse(RECIPES["vae"] | {"training": {"epochs": 1}})
    run = store.create(whole, "somebody", "short", "")
    from dlcore import jobs

    jobs.train(run)
    app = open_generate(model=run)
    assert app.selectbox(key="generate.model").value == run
    store.delete(run)
    app.run()
    assert not app.exception
    assert run in app.warning[0].value
    assert app.selectbox(key="generate.model").value != run


# -- the latent room ------------------------------------------------------------------------------


def room(runs: dict[str, str], name: str) -> AppTest:
    return open_generate(model=runs[name], show="latent")


def pad(app: AppTest, run: str) -> dict[str, Any]:
    return component(app, f"generate.pad.{run}")


def test_the_plane_has_pictures_points_and_a_place(runs):
    app = room(runs, "vae")
    plane = pad(app, runs["vae"])
    assert plane["sheet"].startswith("data:image/webp")
    assert len(plane["points"]) == 270 and plane["place"] == [0.0, 0.0]
    assert plane["exact"][0][:2] == [0.0, 0.0]
    assert plane["condition"] is None


def test_sliders_and_pad_are_in_step(runs):
    app = room(runs, "vae")
    key = f"generate.z.{runs['vae']}.1"
    before = pad(app, runs["vae"])
    app.slider(key=key).set_value(1.5).run()
    after = pad(app, runs["vae"])
    assert after["place"] == [0.0, 1.5] and after["version"] > before["version"]
    assert after["exact"][0][2] != before["exact"][0][2]
    # A step on the pad, as the browser tells it
    state = app.session_state["generate.latent"]
    state["z"] = [-1.0, 0.5]
    app.run()
    assert app.slider(key=key).value == 0.5
    app.button(key="generate.middle").click().run()
    assert pad(app, runs["vae"])["place"] == [0.0, 0.0]


def test_more_numbers_than_two_have_axes_to_choose(runs):
    app = room(runs, "conditional")
    app.slider(key=f"generate.z.{runs['conditional']}.4").set_value(2.0).run()
    app.selectbox(key="generate.across").set_value(4).run()
    assert not app.exception and not app.error
    plane = pad(app, runs["conditional"])
    assert plane["place"] == [2.0, 0.0] and "latent dimension 5" in plane["axes"]
    app.selectbox(key="generate.condition").set_value("3").run()
    turned = pad(app, runs["conditional"])
    assert turned["sheet"] != plane["sheet"] and turned["condition"] == 3
    assert any("Train one" in link.proto.label for link in app.get("page_link"))


def test_a_test_picture_is_encoded_decoded_and_scored(runs):
    app = room(runs, "vae")
    state = app.session_state["generate.latent"]
    examples = np.zeros((8, 8, 1), int)
    examples[2:6, 3] = 255
    state["request"] = {"image": examples.tolist(), "number": 0, "label": None}
    app.run()
    assert not app.exception and not app.error
    assert "anomaly score" in texts(app)
    plane = pad(app, runs["vae"])
    assert plane["given"] and plane["pin"] == pytest.approx(plane["place"])
    assert plane["place"] != [0.0, 0.0]


def test_a_broken_upload_is_one_line_and_nothing_is_lost(runs):
    app = room(runs, "vae")
    app.session_state["generate.latent"]["request"] = {"image": b"no picture", "number": None, "label": None}
    app.run()
    assert not app.exception
    assert len(app.error) == 1 and "\n" not in app.error[0].value
    assert "picture before" not in app.error[0].value
    assert pad(app, runs["vae"])["place"] == [0.0, 0.0]


def test_a_broken_upload_does_not_take_over_the_results_of_the_picture_before(runs):
    app = room(runs, "vae")
    for picture in (np.zeros((8, 8, 1), int).tolist(), b"no picture"):
        request = {"image": picture, "number": None, "label": None}
        app.session_state["generate.latent"]["request"] = request
        app.run()
    assert "anomaly score" in texts(app)
    assert "Below is the picture before" in app.error[0].value


def test_from_one_picture_to_another(runs):
    app = room(runs, "vae")
    app.segmented_control(key="generate.tool").set_value("Interpolation").run()
    assert not app.exception and not app.error
    strip = images(app, f"generate.strip.{runs['vae']}")
    assert len(strip) == 12 and strip[0] != strip[-1]


def test_class_arithmetic_moves_the_point(runs):
    app = room(runs, "vae")
    app.segmented_control(key="generate.tool").set_value("Class arithmetic").run()
    app.slider(key="generate.strength").set_value(0.5).run()
    app.button(key="generate.go").click().run()
    assert not app.exception and not app.error
    assert pad(app, runs["vae"])["place"] != [0.0, 0.0]


def test_class_arithmetic_takes_a_conditional_network_to_another_class(runs):
    app = room(runs, "conditional")
    app.selectbox(key="generate.condition").set_value("3").run()
    app.segmented_control(key="generate.tool").set_value("Class arithmetic").run()
    assert app.selectbox(key="generate.minus").value == "3"
    assert "becomes the same sum: 3 + strength × (0 − 3)" in texts(app)
    strip = images(app, f"generate.strengths.{runs['conditional']}")
    assert len(set(strip)) == len(strip)
    app.selectbox(key="generate.minus").set_value("5").run()
    assert "The point is of class 3" in texts(app)
    app.selectbox(key="generate.minus").set_value("3").run()
    app.button(key="generate.go").click().run()
    assert not app.exception and not app.error
    assert app.selectbox(key="generate.condition").value == "0"


@pytest.mark.parametrize("name", ["line", "points"])
def test_rooms_without_pictures_or_without_a_plane(runs, name):
    app = room(runs, name)
    app.slider(key=f"generate.z.{runs[name]}.0").set_value(1.0).run()
    assert not app.exception and not app.error


def test_another_kind_of_network_has_another_room(runs):
    app = room(runs, "vae")
    app.segmented_control(key="generate.show").set_value("samples").run()
    app.selectbox(key="generate.model").set_value(runs["diffusion"]).run()
    assert not app.exception
    assert app.segmented_control(key="generate.show").value == "samples"
