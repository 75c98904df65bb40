"""The GAN room: two players in the plane, live, and what a GAN of pictures thinks of its own pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlcore import curves
from dlcore.architectures.gan import GAN
from dlcore.client import Refused, Visitor, client
from dlcore.datasets import DATASETS
from dlcore.datasets.drawn import MAX_POINTS, Drawn
from dlcore.datasets.points import Points
from dlcore.gan_stage import stage
from dlcore.gan_words import how_it_stands, what_happened
from dlcore.models import ModelInfo
from dlcore.recipe import Recipe, RecipeError, Training
from dlcore.states import State
from dlcore.store import Run, UnknownRun
from pages.parts.form import KEEP, form
from pages.parts.gan_canvas import gan_canvas
from pages.parts.gan_collapse import COLLAPSE, CURE, quiz
from pages.parts.gan_judgement import judgement
from pages.parts.live_chart import live_chart
from pages.parts.run_live import CHARTS, LOOKS, duration

RUN, DATA = "generate.gan.run", "generate.gan.data"
ORDER = ["ring", "gaussians", "moons", "spiral", "circles", "xor", "drawn"]
LEARNERS = {"both": "Both", "discriminator": "Discriminator", "generator": "Generator"}
TICK = 0.5
AXES = (25, 50, 100, 200, 400)
"""Epochs that a curve's axis may end at: it grows with the game, but not at every tick."""


def gan_room(model: ModelInfo | None, who: Visitor) -> None:
    """Draw the room. ``model`` is the GAN that the page has chosen, of pictures or of points."""
    st.session_state.setdefault(RUN, _first_run(model, who))
    run = _run()
    if run and st.query_params.get("run") != run.id:
        st.query_params["run"] = run.id
    active = run is not None and not run.state.is_terminal
    st.fragment(_room, run_every=TICK if active else None)(who, active)
    if model is not None and model.recipe.dataset.modality == "image":
        judgement(model)


def _first_run(model: ModelInfo | None, who: Visitor) -> str | None:
    """The run in the address, the chosen model if it is one of points, or one that is still going on."""
    asked = st.query_params.get("run")
    if asked:
        return asked
    if model is not None and model.source == "run" and model.recipe.dataset.modality == "points":
        return model.name
    mine = client().store.list_runs(owner=who.id, limit=5)
    going = [run.id for run in mine if not run.state.is_terminal and _fits(run)]
    return going[0] if going else None


def _fits(run: Run) -> bool:
    recipe = run.parsed()
    return recipe.architecture.kind == "gan" and recipe.dataset.modality == "points"


def _run() -> Run | None:
    """The run that is being watched; None also where it has been deleted or is no GAN of points."""
    name = st.session_state.get(RUN)
    if not name:
        return None
    try:
        run = client().store.run(name)
    except UnknownRun:
        run = None
    if run is None or not _fits(run):
        _forget()
        return None
    return run


def _forget() -> None:
    """Watch no run any more."""
    st.session_state[RUN] = None
    st.query_params.pop("run", None)


def _room(who: Visitor, was_active: bool) -> None:
    run = _run()
    active = run is not None and not run.state.is_terminal
    if active != was_active:
        st.rerun()  # polling begins or ends with it
    left, right = st.columns([4, 10], gap="medium")
    with left:
        if run and active:
            _status(run)
            _controls(run, who)
        else:
            recipe = _setup(who, run)
            if run:
                _status(run)
    with right:
        if run:
            _watch(run)
        elif st.session_state[DATA] == "drawn":
            _pad()
        elif recipe:
            _blank(recipe)
    if run and run.parsed() == COLLAPSE:
        with left:
            if quiz(run):
                if not run.state.is_terminal and who.may_change(run):
                    client().stop(run.id, who)  # two trainings do not run at once
                _start(CURE, who, "The cure")


# -- before a game ----------------------------------------------------------------------------------


def _setup(who: Visitor, run: Run | None) -> Recipe | None:
    """What to learn from, the buttons, the knobs."""
    if run is not None and DATA not in st.session_state:
        st.session_state[DATA] = run.parsed().dataset.name
    names = [n for n in ORDER if n in DATASETS]
    name = st.selectbox(
        "Real points", names, format_func=lambda n: DATASETS[n].title, key=DATA, on_change=_forget,
        help="The distribution the generator shall imitate, without ever seeing it.", **KEEP,
    )  # fmt: skip
    buttons = st.container(horizontal=True)
    with st.expander("Knobs", icon=":material/tune:"):
        training = form(
            Training, "generate.gan.training",
            leave_out=("optimizer", "schedule", "early_stopping", "patience", "augmentation"),
        ) if _prepared() else {}  # fmt: skip
        architecture = form(GAN, "generate.gan.network", leave_out=("l1", "l2"))
    recipe, problem = _recipe(name, architecture, training)
    if problem:
        st.error(problem, icon=":material/error:")
    with buttons:
        if st.button(
            "Train it live", type="primary", icon=":material/play_arrow:", disabled=recipe is None,
            key="generate.gan.start", help="A real training; it is on the Train page too.",
        ):  # fmt: skip
            assert recipe
            _start(recipe, who, f"GAN: {recipe.dataset.title}")
        if st.button(
            "Watch it collapse", icon=":material/compress:", key="generate.gan.collapse",
            help="A game that goes wrong in the way most GANs go wrong. Find out why, then cure it.",
        ):  # fmt: skip
            _start(COLLAPSE, who, "A GAN that collapses")
    return recipe


def _prepared() -> bool:
    """The knobs of the training begin at what suits a GAN of points, not at what suits a classifier."""
    usual = Recipe.parse({"dataset": "ring", "architecture": {"kind": "gan"}}).training
    for name, value in usual.model_dump().items():
        st.session_state.setdefault(f"generate.gan.training.{name}", value)
    return True


def _recipe(
    name: str, architecture: dict[str, Any], training: dict[str, Any]
) -> tuple[Recipe | None, str]:
    """The recipe, or why there is none."""
    dataset: dict[str, Any] = {"name": name}
    if name == "drawn":
        dataset |= {"orange": _drawing(), "blue": []}
    try:
        return Recipe.parse(
            {
                "dataset": dataset,
                "architecture": {"kind": "gan"} | architecture,
                "training": training,
            }
        ), ""
    except RecipeError as error:
        if name == "drawn" and not _drawing():
            return None, "Draw some points into the plane first."
        return None, str(error)


def _drawing() -> list[list[float]]:
    """The points the visitor has drawn; at first the ones that the data set brings."""
    usual = Drawn()
    begin = [list(point) for stroke in usual.strokes for point in stroke]
    found: list[list[float]] = st.session_state.setdefault("generate.gan.drawn", begin)
    return found


def _keep_drawing(points: Any) -> None:
    if isinstance(points, list):
        st.session_state["generate.gan.drawn"] = points[:MAX_POINTS]


def _start(recipe: Recipe, who: Visitor, name: str) -> None:
    try:
        run = client().submit(recipe, who, name)
    except Refused as refusal:
        st.warning(str(refusal), icon=":material/hourglass_top:")
        return
    st.session_state[RUN] = run
    st.query_params["run"] = run
    st.rerun()


def _pad() -> None:
    """The plane to draw on."""
    place, words = st.columns([6, 5], gap="medium")
    with place:
        gan_canvas(
            {"reach": 3.2, "real": []}, "generate.gan.pad", run="", moment="",
            drawing=_drawing(), drawn=_keep_drawing, alt="A plane to draw points on",
        )  # fmt: skip
    words.markdown("**Draw with mouse or finger**, then train: can it learn your drawing?")


def _blank(recipe: Recipe) -> None:
    """The real points alone."""
    dataset = recipe.dataset
    place, words = st.columns([6, 5], gap="medium")
    assert isinstance(dataset, Points)
    real = dataset.draw(300, np.random.default_rng(recipe.training.seed)).x.tolist()
    with place:
        gan_canvas(
            stage(None, real), "generate.gan.canvas", run=f"blank.{dataset.name}", moment="0",
            alt=f"Real points: {dataset.title}",
        )  # fmt: skip
    words.markdown(
        "**Two players.** The *generator* turns random numbers into points and never sees the real "
        "ones. The *discriminator* sees points and says how real each looks. The generator moves its "
        "points to where the discriminator believes them; the discriminator learns to see through it."
        "\n\nPress **Train it live** and watch the orange points find the blue ones."
    )


# -- a game under way -------------------------------------------------------------------------------


def _status(run: Run) -> None:
    colour, icon = LOOKS[run.state]
    progress = run.progress
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(run.state.value, color=colour, icon=icon)
        if "epoch" in progress and "batch" in progress:
            words = f"epoch {progress['epoch']} of {progress['epochs']}"
            if run.state is State.RUNNING:
                words += f" · {duration(progress['seconds_left'])} left"
            st.markdown(words, width="content")
        st.page_link(
            "pages/train.py", label="Train page", icon=":material/show_chart:",
            query_params={"run": run.id},
        )  # fmt: skip
    if run.reason:
        kind = st.error if run.state in (State.FAILED, State.LOST) else st.caption
        kind(run.reason)
    elif run.state is State.QUEUED:
        st.caption(
            "Waiting for the training before it to end."
            if client().ready
            else client().problem or "The compute engine is warming up (about ten seconds)…"
        )
    elif not run.state.is_terminal and "batch" not in progress:
        st.caption("TensorFlow is compiling both networks (a few seconds)…")


def _controls(run: Run, who: Visitor) -> None:
    """Stop, pause, one batch, and who learns."""
    if not who.may_change(run):
        st.caption("This game belongs to somebody else: you can watch it.")
        return
    here = client()
    wish = here.store.control(run.id)

    def stop() -> None:
        here.stop(run.id, who)
        here.wait_for_end(run.id, 0.6)

    with st.container(horizontal=True):
        st.button(
            "Stopping…" if wish.stop else "Stop", type="primary", icon=":material/stop:",
            disabled=wish.stop, key="generate.gan.stop", on_click=stop,
            help="End here and keep both networks as they are.",
        )  # fmt: skip
        if run.state is State.QUEUED:
            return
        st.button(
            "Go on" if wish.pause else "Pause", key="generate.gan.pause", on_click=here.control,
            icon=":material/play_arrow:" if wish.pause else ":material/pause:",
            args=(run.id, who), kwargs={"pause": not wish.pause, "advance": None},
        )  # fmt: skip
        st.button(
            "One batch", icon=":material/skip_next:", key="generate.gan.step",
            help="Slow motion: each player learns from one batch, and you read what it changed.",
            on_click=here.control, args=(run.id, who),
            kwargs={"pause": True, "advance": "batch" if wish.pause else None},
        )  # fmt: skip
    key = f"generate.gan.learner.{run.id}"
    st.session_state.setdefault(key, wish.learner or "both")

    def chosen() -> None:
        here.control(run.id, who, learner=st.session_state[key])

    st.segmented_control(
        "Who learns", list(LEARNERS), format_func=LEARNERS.__getitem__, required=True, key=key,
        on_change=chosen,
        help="Stop one player: the other then learns against one that stands still.",
    )  # fmt: skip


def _watch(run: Run) -> None:
    """The plane as it is now, what happens in words, and the curves."""
    store = client().store
    place, beside = st.columns([6, 5], gap="medium")
    with beside:
        words = st.container()
        _curves(run)
    kept = [int(name.split(".")[0]) for name in store.artifacts.names(f"{run.id}/previews")]
    still = _still(run)
    with place:
        if not kept and not still:
            _before_the_first(run)
            return
        if still:
            preview, moment = still, f"batch {still['batch']}"
        else:
            epoch = _chosen_epoch(run, kept)
            preview = store.artifacts.read_json(f"{run.id}/previews/{epoch:04d}.json")
            moment = f"epoch {epoch}"
        examples = store.artifacts.read_json(f"{run.id}/examples.json")
        gan_canvas(
            stage(preview, examples["x"]), "generate.gan.canvas", run=run.id, moment=moment,
            alt=f"Real and forged points and the discriminator's surface after {moment}",
        )  # fmt: skip
    with words:
        _words(run, still)


def _before_the_first(run: Run) -> None:
    dataset = run.parsed().dataset
    assert isinstance(dataset, Points)
    real = dataset.draw(300, np.random.default_rng(1)).x.tolist()
    gan_canvas(
        stage(None, real), "generate.gan.canvas", run=run.id, moment="0", alt="Real points",
    )  # fmt: skip


def _still(run: Run) -> dict[str, Any] | None:
    """What a training that is held has left to look at."""
    name = f"{run.id}/still.json"
    artifacts = client().store.artifacts
    if run.state is not State.PAUSED or not artifacts.exists(name):
        return None
    found: dict[str, Any] = artifacts.read_json(name)
    return found


def _chosen_epoch(run: Run, kept: list[int]) -> int:
    """The newest, or after the end any that a slider asks for."""
    if not run.state.is_terminal or len(kept) < 2:
        return kept[-1]
    key = f"generate.gan.epoch.{run.id}"
    if st.session_state.get(key) not in kept:
        st.session_state[key] = kept[-1]
    chosen: int = st.select_slider(
        "After epoch", kept, key=key, help="Move back through the game.",
    )  # fmt: skip
    return chosen


def _words(run: Run, still: dict[str, Any] | None) -> None:
    """What one batch did, while the game is held; else who is ahead."""
    if still:
        told: dict[int, str] = st.session_state.setdefault(f"generate.gan.told.{run.id}", {})
        if happened := what_happened(still):
            told[still["batch"]] = happened
        st.markdown(f"**After {still['batch']:,} batches**")
        if happened:
            st.markdown(happened)
        else:
            st.markdown(
                "Press **One batch**: each player learns once, and here you read what it did."
            )
        for batch in sorted(told, reverse=True)[:3]:
            if batch != still["batch"]:
                st.caption(f"After {batch:,}: {told[batch]}")
        return
    rows = client().store.metrics(run.id, "epoch", 1)
    if rows and "real_accuracy" in rows[-1]:
        st.markdown(how_it_stands(rows[-1]["real_accuracy"], rows[-1]["fake_accuracy"]))


def _curves(run: Run) -> None:
    """Both losses, and what the discriminator gets right, over an axis that grows with the game."""
    store = client().store
    epochs = store.metrics(run.id, "epoch", 400)
    batches = store.metrics(run.id, "batch", 200)
    done = epochs[-1]["epoch"] if epochs else 0
    total = run.recipe["training"]["epochs"]
    total = next((size for size in AXES if done < size < total), total)
    for metrics in GAN.curves:
        title, about = CHARTS[metrics]
        if metrics[0] == "generator_loss":
            metrics = metrics[::-1]  # orange is the generator's, whose points are orange
        percent = metrics[0].endswith("accuracy")
        st.markdown(f"**{title}**", help=about)
        found = curves.together(
            epochs, batches, store.events(run.id), metrics, total, percent=percent, validation=False
        )
        live_chart(
            found | {"height": 165}, f"generate.gan.curve.{metrics[0]}.{run.id}",
            f"{title} over {done:.0f} epochs",
        )  # fmt: skip
