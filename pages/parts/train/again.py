"""Train again with one thing changed: toggles beside the curve of a run that has ended."""

from __future__ import annotations

import streamlit as st

from dlcore.client import Refused, Visitor, client
from dlcore.recipe import Recipe, RecipeError
from dlcore.runs.store import Run
from dlcore.switches import changed, switched, switches
from pages.parts.plain import plain
from pages.parts.train import compared


def again(run: Run, who: Visitor) -> None:
    """What can be switched of its recipe, and the button that trains it anew; its curve stays to compare with."""
    recipe = run.parsed()
    known = switches(recipe)
    if not known or not client().may_use(recipe.dataset, who):
        return
    with st.container(border=True, gap="small"):
        st.markdown(
            "**Train again with …**",
            help="The same data and the same seed: what differs in the new curve comes from what you change here.",
        )
        with st.container(horizontal=True, gap="small"):
            chosen = {
                switch.key: st.toggle(
                    switch.label, switch.on, key=f"again.{run.id}.{switch.key}", help=switch.help
                )
                for switch in known
            }
        words = changed(known, chosen)
        if st.button(
            "Train again",
            type="primary",
            icon=":material/replay:",
            disabled=not words,
            key="again",
            help="Change something first." if not words else None,
        ):
            _submit(run, switched(recipe, known, chosen), words, who)


def _submit(run: Run, recipe: Recipe, words: str, who: Visitor) -> None:
    try:
        new = client().submit(recipe, who, f"{run.name} {words}")
    except (Refused, RecipeError) as refusal:
        st.warning(plain(refusal), icon=":material/hourglass_top:")
    else:
        compared.open_together([new, run.id, *compared.asked()])
        st.rerun()
