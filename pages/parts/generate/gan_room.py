"""The GAN room: two players in the plane, live, and how real a GAN of images finds its own images."""

from __future__ import annotations

import streamlit as st

from dlcore.client import Refused, Visitor, client
from dlcore.datasets import DATASETS
from dlcore.models import ModelInfo
from dlcore.recipe import Recipe
from dlcore.runs.store import Run, UnknownRun
from pages.parts.generate import gan_game, gan_setup
from pages.parts.generate.discriminator_scores import discriminator_scores
from pages.parts.generate.gan_collapse import COLLAPSE, CURE, quiz
from pages.parts.plain import plain
from pages.parts.store_line import store_line
from pages.parts.visitor import visitor

RUN, CHOSEN = "generate.gan.run", "generate.gan.chosen"
"""In the session: the run that is watched, and the network that the page had chosen when it was drawn last."""
TICK = 0.5


def gan_room(model: ModelInfo | None, who: Visitor) -> None:
    """Draw the room. ``model`` is the GAN that the page has chosen, of images or of points."""
    chosen = model.name if model else None
    st.session_state.setdefault(CHOSEN, chosen)
    if RUN not in st.session_state:
        st.session_state[RUN] = _first_run(model, who)
    elif st.session_state[CHOSEN] != chosen and _of_points(model):
        st.session_state[RUN] = chosen
    st.session_state[CHOSEN] = chosen
    run = _run()
    if run and st.query_params.get("run") != run.id:
        st.query_params["run"] = run.id
    active = run is not None and not run.state.is_terminal
    st.fragment(store_line()(_room), run_every=TICK if active else None)(who, active)
    if model is not None and model.recipe.dataset.images:
        discriminator_scores(model)


def _first_run(model: ModelInfo | None, who: Visitor) -> str | None:
    """The run in the address, the chosen model if it is one of points, or one that is still going on."""
    if run := st.query_params.get("run"):
        return run
    if model is not None and _of_points(model):
        return model.name
    mine = client().store.list_runs(owner=who.id, limit=5)
    going = [run.id for run in mine if not run.state.is_terminal and _fits(run)]
    return going[0] if going else None


def _of_points(model: ModelInfo | None) -> bool:
    return model is not None and model.recipe.dataset.planar


def _fits(run: Run) -> bool:
    recipe = run.parsed()
    return "discriminate" in recipe.architecture.abilities and recipe.dataset.planar


def _run() -> Run | None:
    """The run that is being watched; None also where it has been deleted or is no GAN of points."""
    name = st.session_state.get(RUN)
    if not name:
        return None
    try:
        run = client().run(name, visitor())
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
            gan_game.status(run)
            gan_game.controls(run, who)
        else:
            recipe = gan_setup.setup(run, lambda recipe, name: _start(recipe, name, who), _forget)
            if run:
                gan_game.status(run)
    with right:
        if run:
            gan_game.watch(run)
        elif DATASETS[st.session_state[gan_setup.DATA]].editor:
            gan_setup.pad()
        elif recipe:
            gan_setup.blank(recipe)
    if run and run.parsed() == COLLAPSE:
        with left:
            if quiz(run):
                if not run.state.is_terminal and who.may_change(run):
                    client().stop(run.id, who)  # two trainings do not run at once
                _start(CURE, "The cure", who)


def _start(recipe: Recipe, name: str, who: Visitor) -> None:
    try:
        run = client().submit(recipe, who, name)
    except Refused as refusal:
        st.warning(plain(refusal), icon=":material/hourglass_top:")
        return
    st.session_state[RUN] = run
    st.query_params["run"] = run
    st.rerun()
