"""Sentiment: is a text positive, which words made it so, and what happens without them?"""

from __future__ import annotations

import streamlit as st

from pages.parts.text import sentiment_many, sentiment_one
from pages.parts.text.text_model import about, choose_model
from pages.parts.widgets import KEEP, one_of

KINDS = ("One text", "Many lines", "CSV file")


@st.fragment
def show() -> None:
    """A fragment, so that while one types nothing else of the page is drawn anew."""
    left, right = st.columns([5, 8], gap="large")
    with left:
        kind = one_of("Input", KINDS, "sentiment.kind", label_visibility="collapsed", **KEEP)
        if kind == "One text":
            text = sentiment_one.text_field()
        elif kind == "Many lines":
            table = sentiment_many.lines_field()
        else:
            table = sentiment_many.file_field()
        model = choose_model("sentiment")
    if model is None:
        return
    with right:
        if kind == "One text":
            sentiment_one.show(model, text)
        elif table is not None:
            sentiment_many.show(model, *table)
        about(model)
