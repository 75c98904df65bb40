"""Text: is a sentence positive, and what comes next? Two networks that read and write."""

from __future__ import annotations

import streamlit as st

from pages.parts.shell import enter

enter()
st.title("Text", anchor=False)

# What takes time to import comes after the first words are on the screen.
from pages.parts import text_generation, text_sentiment

PARTS = {"Sentiment": text_sentiment.show, "Generation": text_generation.show}

if "part" not in st.query_params:  # such as after the browser's Back
    st.session_state.setdefault("part", st.session_state.get("text.part", "Sentiment"))
chosen = st.segmented_control(
    "Part", list(PARTS), required=True, key="part", bind="query-params",
    label_visibility="collapsed",
)  # fmt: skip
st.session_state["text.part"] = chosen or "Sentiment"
PARTS[st.session_state["text.part"]]()
