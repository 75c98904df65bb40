"""The GAN and diffusion rooms as Streamlit runs them; the engine's answers are made in this process."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import streamlit as st
from app_page import answer_here
from streamlit.testing.v1 import AppTest

from dlcore.client import Client, client
from dlcore.models import ModelInfo
from dlcore.recipe import Recipe
from dlcore.runs.states import State

GAN_DIGITS = Recipe.parse({"dataset": "digits", "architecture": {"kind": "gan"}})
DIFFUSION = Recipe.parse({"dataset": "digits", "architecture": {"kind": "diffusion"}})
POINTS = Recipe.parse({"dataset": "moons", "architecture": {"kind": "gan"}})


def preview(**more: Any) -> dict[str, Any]:
    return {
        "kind": "cloud",
        "samples": [[0.0, 0.5], [1.0, 1.0]],
        "axis": [-2.0, 2.0],
        "grid": [[50, 60], [40, 70]],
        "arrows": [[0.0, 0.5, 1.0, 0.0], [1.0, 1.0, 0.0, 1.0]],
        "fake_accuracy": 0.6,
        "real_accuracy": 0.7,
    } | more


class Engine:
    """Answers like the jobs do, from nothing but shapes."""

    requests: list[tuple[str, dict[str, Any]]]
    broken = ""

    def answer(self, job: str, **arguments: Any) -> Any:
        if self.broken:
            raise ValueError(self.broken)
        if job == "test_examples":
            count = arguments["count"]
            pictures = np.zeros((count, 8, 8, 1), "uint8")
            return {"examples": pictures, "labels": [str(i % 10) for i in range(count)], "data": "test"}
        if job == "noising":
            return np.full((len(arguments["t"]), 8, 8, 1), 9, "uint8")
        if job == "film":
            frames = arguments["frames"]
            film = np.full((frames, 8, 8, 1), arguments["steps"], "uint8")
            return {"noisy": film, "clean": film, "t": list(range(frames))[::-1]}
        if job == "cloud_noising":
            return np.zeros((1 + len(arguments["t"]), 5, 2), "float32")
        if job == "cloud_film":
            cloud = np.ones((arguments["frames"], 5, 2), "float32")
            return {"noisy": cloud, "clean": cloud, "t": list(range(len(cloud)))[::-1]}
        assert job == "discriminated"
        pictures = np.zeros((16, 8, 8, 1), "uint8")
        return {"samples": pictures, "scores": [0.9 - i / 20 for i in range(16)], "probability": True}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()

    engine.requests = answer_here(monkeypatch, lambda job: partial(engine.answer, job))
    monkeypatch.setattr(Client, "_hand_over", lambda self: None)
    monkeypatch.setattr(st, "page_link", lambda *args, **how: None)  # no navigation around a room alone
    return engine


def room_of_gan(recipe: Recipe | None = GAN_DIGITS) -> AppTest:
    def script() -> None:
        import streamlit as st

        from dlcore.client import Visitor
        from pages.parts.generate.gan_room import gan_room

        gan_room(st.session_state["model"], Visitor("me"))

    return opened(script, recipe)


def room_of_diffusion(recipe: Recipe = DIFFUSION) -> AppTest:
    def script() -> None:
        import streamlit as st

        from pages.parts.generate.diffusion_room import diffusion_room

        diffusion_room(st.session_state["model"])

    return opened(script, recipe)


def opened(script: Callable[[], None], recipe: Recipe | None) -> AppTest:
    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["model"] = recipe and ModelInfo("model", "model", "run", recipe, {}, {}, "1")
    app.run()
    assert not app.exception, app.exception
    return app


def data_of(app: AppTest, key: str) -> dict[str, Any]:
    (widget,) = [c for c in app.get("bidi_component") if c.key == key]
    data: dict[str, Any] = json.loads(widget.proto.json)
    return data


# -- the GAN room -----------------------------------------------------------------------------------


def test_the_first_look_has_real_points_and_the_discriminators_scores(engine: Engine):
    app = room_of_gan()
    canvas = data_of(app, "generate.gan.canvas")
    assert len(canvas["real"]) == 300 and "fake" not in canvas
    assert "90% real" in app.get("html")[-1].proto.body
    assert [job for job, _ in engine.requests] == ["discriminated"]


def test_without_a_model_the_game_is_there_all_the_same(engine: Engine):
    app = room_of_gan(None)
    assert data_of(app, "generate.gan.canvas")["real"]
    assert not engine.requests


def test_train_makes_a_run_of_the_visitor_with_the_hyperparameters_chosen(engine: Engine):
    app = room_of_gan()
    app.selectbox(key="generate.gan.data").set_value("spiral").run()
    app.slider(key="generate.gan.training.epochs").set_value(120).run()
    app.button(key="generate.gan.start").click().run()
    assert not app.exception
    (run,) = client().store.list_runs()
    assert run.owner == "me" and run.parsed().dataset.name == "spiral"
    assert run.parsed().training.epochs == 120
    assert app.query_params["run"] == [run.id] or app.query_params["run"] == run.id


def test_usual_hyperparameters_are_the_usual_recipe(engine: Engine):
    app = room_of_gan()
    app.button(key="generate.gan.start").click().run()
    (run,) = client().store.list_runs()
    assert run.parsed() == Recipe.parse({"dataset": "ring", "architecture": {"kind": "gan"}})


def watched(state: State = State.RUNNING, still: dict[str, Any] | None = None) -> tuple[AppTest, str]:
    """The room with a run of the visitor that has got somewhere."""
    store = client().store
    run = store.create(POINTS, "me")
    store.start(run, "here:1:1")
    store.progress(
        run,
        {
            "phase": "training",
            "epoch": 3,
            "epochs": 500,
            "batch": 2,
            "batches": 22,
            "seconds_left": 60.0,
            "examples_per_second": 1,
            "device": "CPU",
            "learning_rate": 0.002,
            "best_epoch": 1,
        },
    )
    store.artifacts.write_json(f"{run}/examples.json", {"x": [[1.0, 0.0]] * 5, "y": [0] * 5})
    for epoch in (1, 2):
        store.artifacts.write_json(f"{run}/previews/{epoch:04d}.json", preview())
    rows = {"generator_loss": 0.7, "discriminator_loss": 1.3, "real_accuracy": 0.8, "fake_accuracy": 0.75}
    store.add_metrics(run, "epoch", [(0, 1, rows), (1, 2, rows)])
    if state is State.PAUSED:
        store.request(run, pause=True)
        store.pause(run, True)
        store.artifacts.write_json(f"{run}/snapshot.json", still)
    elif state.is_terminal:
        store.end(run, state, "over", {"metrics": {}})
    return room_of_gan(), run


def test_a_game_under_way_is_found_again_and_drawn(engine: Engine):
    app, run = watched()
    canvas = data_of(app, "generate.gan.canvas")
    assert canvas["run"] == run and len(canvas["fake"]) == 2 and canvas["moment"] == "epoch 2"
    assert any("80% of the real" in m.value for m in app.markdown)
    data_of(app, f"generate.gan.curve.real_accuracy.{run}")


def test_the_buttons_are_requests(engine: Engine):
    app, run = watched()
    store = client().store
    app.button(key="generate.gan.pause").click().run()
    assert store.control(run).pause
    app.button(key="generate.gan.step").click().run()
    assert store.control(run).advance == "batch"
    app.segmented_control(key=f"generate.gan.learner.{run}").set_value("generator").run()
    assert store.control(run).learner == "generator"
    app.button(key="generate.gan.stop").click().run()
    assert store.control(run).stop


def test_a_held_game_tells_what_one_batch_did(engine: Engine):
    before = preview(batch=7, learner="both")
    after = preview(batch=8, learner="both", samples=[[0.3, 0.9], [1.3, 1.4]], fake_accuracy=0.4)
    app, _ = watched(State.PAUSED, after | {"before": before})
    assert data_of(app, "generate.gan.canvas")["moment"] == "batch 8"
    words = " ".join(m.value for m in app.markdown)
    assert "by 0.5 on average" in words and "40% of the generated points as generated (60% before)" in words


def test_a_finished_game_can_be_walked_through(engine: Engine):
    app, run = watched()
    client().store.end(run, State.FINISHED, result={"metrics": {}})
    app.run()
    app.select_slider(key=f"generate.gan.epoch.{run}").set_value(1).run()
    assert data_of(app, "generate.gan.canvas")["moment"] == "epoch 1"
    app.selectbox(key="generate.gan.data").set_value("xor").run()
    assert "fake" not in data_of(app, "generate.gan.canvas")


def test_another_network_of_points_is_another_game(engine: Engine):
    store = client().store
    runs = [store.create(POINTS, "me") for _ in range(2)]
    app = room_of_gan()
    for run in runs:
        store.end(run, State.STOPPED)
        app.session_state["model"] = ModelInfo(run, run, "run", POINTS, {}, {}, "1")
        app.run()
        assert app.session_state["generate.gan.run"] == run
    app.session_state["model"] = ModelInfo("model", "model", "run", GAN_DIGITS, {}, {}, "1")
    app.run()
    assert app.session_state["generate.gan.run"] == runs[1], "a GAN of pictures leaves the game alone"


def test_a_deleted_game_is_forgotten(engine: Engine):
    app, run = watched()
    client().store.end(run, State.STOPPED)
    client().store.delete(run)
    app.run()
    assert not app.exception
    assert "fake" not in data_of(app, "generate.gan.canvas")


def test_somebody_elses_game_can_only_be_watched(engine: Engine):
    store = client().store
    run = store.create(POINTS, "ada")
    app = room_of_gan()
    app.query_params["run"] = run
    app.session_state["generate.gan.run"] = run
    app.run()
    assert any("somebody else" in caption.value for caption in app.caption)
    assert not [b for b in app.button if b.key == "generate.gan.stop"]


def test_a_drawing_becomes_the_data(engine: Engine):
    app = room_of_gan()
    app.selectbox(key="generate.gan.data").set_value("drawn").run()
    assert data_of(app, "generate.gan.pad")["strokes"]["orange"]
    app.session_state["generate.gan.drawn"] = [[0.5, 1.0], [1.0, -1.0]]
    app.run()
    app.button(key="generate.gan.start").click().run()
    (run,) = client().store.list_runs()
    assert run.parsed().dataset.orange == ((0.5, 1.0), (1.0, -1.0))
    assert run.parsed().dataset.classes == ("orange",)


def test_an_empty_drawing_cannot_be_trained(engine: Engine):
    app = room_of_gan()
    app.session_state["generate.gan.drawn"] = []
    app.selectbox(key="generate.gan.data").set_value("drawn").run()
    assert "Draw some points" in app.error[0].value
    assert data_of(app, "generate.gan.pad")["strokes"] == {"orange": []}
    assert app.button(key="generate.gan.start").disabled


def test_the_collapse_is_asked_about_and_cured(engine: Engine):
    from pages.parts.generate.gan_collapse import ANSWERS, COLLAPSE, CURE

    app = room_of_gan()
    app.button(key="generate.gan.collapse").click().run()
    store = client().store
    (run,) = store.list_runs()
    assert run.parsed() == COLLAPSE
    store.start(run.id, "here:1:1")
    store.progress(
        run.id, {"phase": "training", "epoch": 1, "epochs": 9, "batch": 1, "batches": 9, "seconds_left": 9.0}
    )
    app.run()
    wrong, right = (
        next(text for text, (right, _) in ANSWERS.items() if right == wanted) for wanted in (False, True)
    )
    choice = app.radio(key=f"generate.gan.answer.{run.id}")
    choice.set_value(wrong).run()
    assert app.info and not [b for b in app.button if b.key == "generate.gan.cure"]
    app.radio(key=f"generate.gan.answer.{run.id}").set_value(right).run()
    app.button(key="generate.gan.cure").click().run()
    assert not app.exception
    assert CURE in [run.parsed() for run in store.list_runs()]


# -- the diffusion room -----------------------------------------------------------------------------


def test_both_ways_are_there_at_once(engine: Engine):
    app = room_of_diffusion()
    forward, backward = (
        data_of(app, "generate.diffusion.forward"),
        data_of(app, "generate.diffusion.backward"),
    )
    assert len(forward["captions"]) == len(forward["share"]) == len(forward["rows"][0]["frames"])
    assert forward["share"][0] == 1 and forward["share"] == sorted(forward["share"], reverse=True)
    assert len(backward["rows"]) == 2 and backward["captions"][-1] == "The end: no noise is left"
    asked = dict(engine.requests)["film"]
    assert (asked["steps"], asked["sampler"], asked["guidance"], asked["label"]) == (50, "ddim", 1.0, "0")


def test_every_control_is_asked_for(engine: Engine):
    app = room_of_diffusion()
    app.slider(key="generate.diffusion.steps").set_value(9).run()
    app.segmented_control(key="generate.diffusion.sampler").set_value("ddpm").run()
    app.slider(key="generate.diffusion.guidance.model").set_value(3.0).run()
    app.selectbox(key="generate.diffusion.class.model").set_value("7").run()
    app.button(key="generate.diffusion.again").click().run()
    asked = [arguments for job, arguments in engine.requests if job == "film"][-1]
    assert asked | {"frames": 0} == {
        "model": "model",
        "frames": 0,
        "label": "7",
        "seed": 6,
        "steps": 9,
        "sampler": "ddpm",
        "guidance": 3.0,
    }
    assert asked["frames"] <= 10


def test_another_picture_goes_the_forward_way(engine: Engine):
    app = room_of_diffusion()
    app.pills(key="generate.diffusion.picture.model").set_value("3").run()
    asked = [arguments for job, arguments in engine.requests if job == "noising"]
    assert [a["image"] for a in asked] == [0, 3]


def test_three_counts_of_steps_stand_side_by_side(engine: Engine):
    app = room_of_diffusion()
    app.toggle(key="generate.diffusion.compare").set_value(True).run()
    films = [a for job, a in engine.requests if job == "film" and a["frames"] == 2]
    assert [a["steps"] for a in films] == [5, 20, 50] and len({a["seed"] for a in films}) == 1
    assert len(app.get("image")) == 3


def test_an_unconditional_network_has_no_class_and_no_guidance(engine: Engine):
    recipe = Recipe.parse({"dataset": "digits", "architecture": {"kind": "diffusion", "conditional": False}})
    app = room_of_diffusion(recipe)
    assert not app.exception and not app.selectbox
    assert not [s for s in app.slider if s.label == "Guidance"]
    assert dict(engine.requests)["film"]["label"] is None


def test_a_broken_answer_is_said_where_it_arose(engine: Engine):
    engine.broken = "no weights"
    app = room_of_diffusion()
    assert len(app.error) == 2 and "no weights" in app.error[0].value


def test_a_network_of_points_shows_clouds(engine: Engine):
    recipe = Recipe.parse({"dataset": "moons", "architecture": {"kind": "diffusion"}})
    app = room_of_diffusion(recipe)
    assert not app.exception
    assert [job for job, _ in engine.requests] == ["cloud_noising", "cloud_film"]
    assert dict(engine.requests)["cloud_film"]["label"] is None
    assert data_of(app, "generate.diffusion.backward")["smooth"]
