"""Before a game of two networks in the plane: what to learn from, the hyperparameters, a plane to draw on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from dlcore.architectures.gan import GAN
from dlcore.charts.gan_stage import stage
from dlcore.datasets import DATASETS
from dlcore.datasets.drawn import Drawn
from dlcore.recipe import Recipe, RecipeError, Training
from dlcore.runs.store import Run
from pages.parts.form import form
from pages.parts.generate.gan_canvas import gan_canvas
from pages.parts.generate.gan_collapse import COLLAPSE
from pages.parts.plain import plain
from pages.parts.plane_pad import plane_pad
from pages.parts.widgets import KEEP

DATA = "generate.gan.data"
FIRST = COLLAPSE.dataset.name
"""What one begins with: a generator can leave clouds out."""


def setup(run: Run | None, start: Callable[[Recipe, str], None], forget: Callable[[], None]) -> Recipe | None:
    """What to learn from, the buttons, the hyperparameters; the recipe, or None while it makes no sense."""
    if DATA not in st.session_state:
        st.session_state[DATA] = run.parsed().dataset.name if run else FIRST
    names = [name for name, kind in DATASETS.items() if kind().planar]
    name = st.selectbox(
        "Real points",
        names,
        format_func=lambda name: DATASETS[name].title,
        key=DATA,
        on_change=forget,
        help="The distribution the generator learns to imitate, without ever seeing it.",
        **KEEP,
    )
    buttons = st.container(horizontal=True)
    _prepare()
    with st.expander("Hyperparameters", icon=":material/tune:"):
        training = form(
            Training,
            "generate.gan.training",
            leave_out=("optimizer", "schedule", "early_stopping", "patience", "augmentation"),
        )
        architecture = form(GAN, "generate.gan.network", leave_out=("l1", "l2"))
    recipe, problem = _recipe(name, architecture, training)
    if problem:
        st.error(plain(problem), icon=":material/error:")
    with buttons:
        if st.button(
            "Train it live",
            type="primary",
            icon=":material/play_arrow:",
            disabled=recipe is None,
            key="generate.gan.start",
            help="A real training; it is on the Train page too.",
        ):
            assert recipe
            start(recipe, f"GAN: {recipe.dataset.title}")
        if st.button(
            "Watch it collapse",
            icon=":material/compress:",
            key="generate.gan.collapse",
            help="A game that goes wrong in the way most GANs go wrong. Find out why, then cure it.",
        ):
            start(COLLAPSE, "A GAN that collapses")
    return recipe


def _prepare() -> None:
    """Hyperparameters begin at what suits a GAN of points, not at what suits a classifier."""
    usual = Recipe.parse({"dataset": "ring", "architecture": {"kind": "gan"}}).training
    for name, value in usual.model_dump().items():
        st.session_state.setdefault(f"generate.gan.training.{name}", value)


def _recipe(name: str, architecture: dict[str, Any], training: dict[str, Any]) -> tuple[Recipe | None, str]:
    """The recipe, or why there is none."""
    dataset: dict[str, Any] = {"name": name}
    if DATASETS[name].editor:
        dataset |= {"orange": _drawing(), "blue": []}
    try:
        return Recipe.parse(
            {"dataset": dataset, "architecture": {"kind": "gan"} | architecture, "training": training}
        ), ""
    except RecipeError as error:
        if DATASETS[name].editor and not _drawing():
            return None, DATASETS[name].to_do[0]
        return None, str(error)


def _drawing() -> list[list[float]]:
    """The points the visitor has drawn; at first the ones that the data set brings."""
    begin = [list(point) for stroke in Drawn().strokes for point in stroke]
    points: list[list[float]] = st.session_state.setdefault("generate.gan.drawn", begin)
    return points


def _keep_drawing(strokes: dict[str, Any]) -> None:
    st.session_state["generate.gan.drawn"] = strokes["orange"]


def pad() -> None:
    """The plane to draw on."""
    place, words = st.columns([6, 5], gap="medium")
    with place:
        plane_pad({"orange": _drawing()}, "generate.gan.pad", _keep_drawing, looks={"orange": "blue"})
    words.markdown("**Draw with mouse or finger**, then train: can it learn your drawing?")


def blank(recipe: Recipe) -> None:
    """The real points alone."""
    dataset = recipe.dataset
    place, words = st.columns([6, 5], gap="medium")
    real = dataset.draw(300, np.random.default_rng(recipe.training.seed)).x.tolist()
    with place:
        gan_canvas(
            stage(None, real),
            "generate.gan.canvas",
            run=f"blank.{dataset.name}",
            moment="0",
            alt=f"Real points: {dataset.title}",
        )
    words.markdown(
        "**Two players.** The *generator* turns random latent vectors into points and never sees the real "
        "ones. The *discriminator* sees points and says how real each looks. The generator moves its "
        "points to where the discriminator believes them; the discriminator learns to see through it."
        "\n\nPress **Train it live** and watch the orange points find the blue ones."
    )
