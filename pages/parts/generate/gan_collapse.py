"""A GAN that collapses, to be diagnosed and cured."""

from __future__ import annotations

import streamlit as st

from dlcore.recipe import Recipe
from dlcore.runs.store import Run

SICK = {
    "architecture": {"kind": "gan", "gradient_penalty": 0.0, "discriminator_rate": 0.1},
    "training": {"learning_rate": 0.02, "schedule": "constant", "epochs": 150},
}
"""The generator takes long steps and the discriminator short ones: it is never where the points are."""
HEALTHY = {"architecture": {"kind": "gan"}, "training": {"epochs": 250}}
"""The usual hyperparameters."""
COLLAPSE, CURE = (Recipe.parse({"dataset": "ring"} | changes) for changes in (SICK, HEALTHY))

ANSWERS = {
    "The generator is too small to make eight clouds": (
        False,
        "Its size is the same in a game that goes well. Look where **all** orange points are, and where "
        "they jump next.",
    ),
    "All its points chase the one place that the discriminator believes at the moment": (
        True,
        "This is **mode collapse**. Whatever the random numbers are, the generator makes nearly the same "
        "point: the one place that passes. When the discriminator learns to distrust it, all points move "
        "on together to the next.",
    ),
    "There are too few real points": (
        False,
        "The real points are the same in a game that goes well. Look where **all** orange points are, and "
        "where they jump next.",
    ),
}


def quiz(run: Run) -> bool:
    """A question about what is wrong; after the right answer the cure. Whether the cure is wanted."""
    if "batch" not in run.progress:
        return False
    st.markdown("**Watch for a moment. What is wrong?**")
    chosen = st.radio(
        "What is wrong?",
        list(ANSWERS),
        index=None,
        label_visibility="collapsed",
        key=f"generate.gan.answer.{run.id}",
    )
    if chosen is None:
        return False
    right, explained = ANSWERS[chosen]
    (st.success if right else st.info)(
        explained, icon=":material/check_circle:" if right else ":material/lightbulb:"
    )
    if not right:
        return False
    st.markdown(
        "The cure is a discriminator that keeps up: three times as fast as the generator instead of ten "
        "times as slow, shorter steps for both, and a small gradient penalty on the discriminator."
    )
    return st.button("Cure it", icon=":material/healing:", key="generate.gan.cure")
