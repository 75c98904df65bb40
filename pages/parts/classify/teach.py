"""Teach it yours: classes of one's own, images of each, a training that takes seconds, and what came of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import streamlit as st

from dlcore.architectures.transfer import Transfer
from dlcore.backbones import at_hand, others
from dlcore.client import Refused, Visitor, client
from dlcore.datasets import DatasetError
from dlcore.datasets.uploaded import keep_pixels
from dlcore.recipe import Recipe, RecipeError
from dlcore.runs.store import UnknownRun
from dlcore.uploads.alike import check
from pages.parts.classify import teach_classes as classes
from pages.parts.classify.teach_result import result, show
from pages.parts.plain import plain
from pages.parts.visitor import visitor

ONE, BATCH, TEACH = "One picture", "Batch test", "Teach it yours"
PART, RUN, BACKBONE = "classify.part", "teach.run", "teach.backbone"
ADDRESS = "teach"
"""The parameter of the address: a run that is under way or has ended, or anything else for this part of the page."""
HELD_OUT, WATCHED = 0.15, 0.05
"""Shares of the images that are never learned from, and that watch the training: of few images each one counts."""
BACKGROUND = (
    "A network takes any shortcut. If all images of a class have the same background, as before a webcam, it may learn "
    "the background: change places, angles and light, or make the empty background a class of its own."
)


def choose_part() -> str:
    """The choice at the top of the page: what to do there."""
    asked = st.query_params.get(ADDRESS)
    if asked and asked != st.session_state.get(RUN):  # a link, or the page was loaded again
        st.session_state[PART] = TEACH
        if _taught(asked, visitor()):
            st.session_state[RUN] = asked
    part: str = st.segmented_control(
        "Part",
        (ONE, BATCH, TEACH),
        default=ONE,
        required=True,
        key=PART,
        label_visibility="collapsed",
        persist_state="session",
    )
    _keep_in_address(st.session_state.get(RUN) if part == TEACH else None)
    return part


def _taught(run_id: str, who: Visitor) -> bool:
    """Whether that is a run of this visitor that classifies images."""
    try:
        run = client().run(run_id, who)
    except UnknownRun:
        return False
    recipe = run.parsed()
    return who.may_change(run) and recipe.dataset.images and recipe.classifies


def _keep_in_address(run_id: str | None) -> None:
    """Where the page is loaded again, its training is still there."""
    if run_id:
        st.query_params[ADDRESS] = run_id
    else:
        st.query_params.pop(ADDRESS, None)


def teach() -> None:
    """The classes on the left; training and result on the right."""
    if classes.untouched() and (run := st.session_state.get(RUN)):
        _bring_back(run, visitor())
    left, right = st.columns([7, 5], gap="large")
    with left:
        classes.edit()
    with right:
        _train()
        if run := st.session_state.get(RUN):
            result(run, visitor(), _use)


def _bring_back(run_id: str, who: Visitor) -> None:
    """Where the page is loaded again, the images of its training are still there, as long as they are kept."""
    with suppress(UnknownRun, DatasetError):
        run = client().run(run_id, who)
        dataset = run.parsed().dataset
        # A teacher may see the runs of others: their images are no classes of the teacher's own.
        if run.owner == who.id and client().may_use(dataset, who):
            classes.bring_back(dataset)


def _train() -> None:
    """The button, and why it cannot be pressed yet or what to think of."""
    rows = classes.rows()
    problem = classes.names_problem()
    said = check({} if problem else {row.name: row.hashes for row in rows})
    missing = [problem] if problem else said.missing
    backbones = at_hand()
    if st.session_state.get(BACKBONE) not in backbones:
        st.session_state[BACKBONE] = next(iter(backbones))
    st.subheader("Train", anchor=False)
    st.selectbox(
        "Backbone",
        list(backbones),
        format_func=backbones.__getitem__,
        key=BACKBONE,
        persist_state="session",
        help="A trained network that lends its features; only a new last layer learns your classes.",
    )
    if more := others():
        st.caption(more)
    run = st.session_state.get(RUN)
    busy = show(run, visitor())
    if st.button(
        "Training…" if busy else "Train again" if run else "Train",
        type="primary",
        icon=":material/play_arrow:",
        width="stretch",
        disabled=bool(missing) or busy,
        key="teach.train",
    ):
        _submit(rows)
    for line in missing:
        st.caption(plain(line))
    for line in said.warnings:
        st.warning(plain(line), icon=":material/warning:")
    st.caption(BACKGROUND)


def _submit(rows: list[classes.Row]) -> None:
    labels = [i for i, row in enumerate(rows) for _ in row.images]
    names = [row.name for row in rows]
    who = visitor()
    try:
        dataset = keep_pixels(classes.sized(), labels, names)
        client().store.claim_upload(dataset.id, who.id)
        recipe = Recipe.parse(_recipe(dataset.model_dump()))
        st.session_state[RUN] = client().submit(recipe, who, ", ".join(names))
        _keep_in_address(st.session_state[RUN])
    except RecipeError as error:
        st.error(plain(error), icon=":material/error:")
    except Refused as refusal:
        st.warning(plain(refusal), icon=":material/hourglass_top:")
    else:
        st.rerun()


def _recipe(dataset: dict[str, Any]) -> dict[str, Any]:
    shares = {"validation_share": WATCHED, "test_share": HELD_OUT}
    return {
        "dataset": dataset | shares,
        "architecture": Transfer(backbone=st.session_state[BACKBONE]).model_dump(),
    }


def _use(run: str) -> None:
    """Go to the first part with this network."""
    st.session_state[PART] = ONE
    st.query_params.from_dict({"model": run})
