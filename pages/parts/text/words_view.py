"""Coloured words that can be clicked."""

from __future__ import annotations

import streamlit as st

from dlcore.charts.words import CSS
from pages.parts.roving import ROVING

_component = st.components.v2.component(
    "studio_words",
    html='<div class="view"></div>',
    css=".view { font-family: var(--st-font); color: var(--st-text-color); }" + CSS,
    js=ROVING
    + """
    // The HTML is dlcore.charts.words': whatever a user wrote has been escaped there.
    export default ({ parentElement, data, setTriggerValue }) => {
        const view = parentElement.querySelector(".view");
        const words = () => [...view.querySelectorAll("[data-word]")];
        const focused = words().indexOf(view.getRootNode().activeElement);
        if (view.kept !== data) view.innerHTML = view.kept = data;
        if (focused >= 0) words()[focused]?.focus();
        roving(view, words);
        view.onclick = (event) => {
            const word = event.target.closest("[data-word]");
            if (word) setTriggerValue("word", +word.dataset.word);
        };
    };
    """,
)


def words_view(html: str, key: str) -> int | None:
    """Show what :func:`dlcore.charts.words.coloured` made; the number of the word that was just clicked, or None."""
    clicked = _component(data=html, key=key, on_word_change=lambda: None).word
    return int(clicked) if isinstance(clicked, (int, float)) else None
