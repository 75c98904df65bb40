"""Text: is a sentence positive, what comes next, and what does a network answer?"""

from __future__ import annotations

import streamlit as st

from pages.parts.shell import enter, words_first

enter()
st.title("Text", anchor=False)

words_first()  # what takes time to import comes after
from pages.parts.text import text_chat, text_embeddings, text_generation, text_sentiment, text_translate
from pages.parts.text.text_model import linked

PARTS = {
    "Sentiment": text_sentiment.show,
    "Generation": text_generation.show,
    "Translate": text_translate.show,
    "Chat": text_chat.show,
    "Embeddings": text_embeddings.show,
}
FOR = {"sentiment": "Sentiment", "generation": "Generation", "translation": "Translate"}
"""The part where a network that was trained here is used, by what it does."""


def chosen() -> None:
    st.session_state["text.part"] = st.session_state["part"] or remembered


remembered = st.session_state.get("text.part", "Sentiment")
if part_of_linked := FOR.get(linked()):
    st.session_state["part"] = remembered = part_of_linked
elif "part" not in st.query_params:  # such as after the browser's Back
    st.session_state["part"] = remembered
part = (
    st.segmented_control(
        "Part",
        list(PARTS),
        required=True,
        key="part",
        bind="query-params",
        on_change=chosen,
        label_visibility="collapsed",
    )
    or remembered
)
st.session_state["text.part"] = part
PARTS[part]()
