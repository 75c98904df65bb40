"""Means of classes, added to a latent vector and taken off."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.models import ModelInfo
from pages.parts.generate.latent_state import State, put, side_by_side, unanswered
from pages.parts.image_grid import image_grid
from pages.parts.plain import plain
from pages.parts.request import request
from pages.parts.widgets import KEEP

STRENGTHS = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]


def class_arithmetic(info: ModelInfo, state: State, label: str | None, now: np.ndarray) -> None:
    left, right = st.columns([4, 8], gap="large")
    with left:
        plus, off, strength = _choices(info.recipe.dataset.classes, label)
    sums = request(
        "arithmetic",
        model=info.name,
        latents=state["z"],
        plus_class=plus,
        minus_class=off,
        strengths=[*STRENGTHS, strength],
        label=label,
    )
    if unanswered(sums):
        return

    def go() -> None:
        put(state, sums["latents"][-1])
        if label:  # the room shows one class at a time: that with the largest share
            st.session_state["generate.condition"] = sums["labels"][-1]

    with right:
        st.markdown(f"**The point's picture + strength × ({plain(plus)} − {plain(off)})**")
        shown = (
            (now, "The point now" + (f", class {label}" if label else "")),
            (sums["samples"][-1], f"with {strength:g} × ({plus} − {off})"),
        )
        side_by_side(shown)
        image_grid(
            sums["samples"][:-1],
            f"generate.strengths.{info.name}",
            columns=len(STRENGTHS),
            width=520,
            selected=STRENGTHS.index(strength) if strength in STRENGTHS else None,
            labels=[f"{s:g}".replace("-", "−") for s in STRENGTHS],
            alt="With each strength; click one to take it",
            clicked=lambda i: st.session_state.update({"generate.strength": STRENGTHS[i]}),
        )
        st.button("Move the point there", icon=":material/near_me:", on_click=go, key="generate.go")


def _choices(classes: tuple[str, ...], label: str | None) -> tuple[str, str, float]:
    """The class whose mean is added, the one whose mean is taken off, and how much of the difference."""
    # A class-conditional network draws examples of the given class: so that is what to take off first.
    minus = classes.index(label) if label else 0
    chosen = []
    for name, title, usual in (
        ("plus", "Add the mean of", 0 if minus else 1),
        ("minus", "and take off", minus),
    ):
        key = f"generate.{name}"
        if st.session_state.get(key) not in classes:
            st.session_state[key] = classes[usual]
        chosen.append(st.selectbox(title, classes, key=key, **KEEP))
    plus, off = chosen
    strength = st.slider(
        "Strength",
        STRENGTHS[0],
        STRENGTHS[-1],
        1.0,
        0.1,
        key="generate.strength",
        help="How much of the difference of the two means is added to the point on the plane.",
        **KEEP,
    )
    if label:
        st.caption(
            f"This network is class-conditional, so the class becomes the same sum: {plain(label)} + strength × "
            f"({plain(plus)} − {plain(off)}), shares of classes."
            + (f" The point is of class {plain(label)}: take that off to leave it." * (label != off))
        )
    return plus, off, strength
