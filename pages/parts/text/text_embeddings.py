"""Embeddings: the vectors that a network has learned for words. Nearest words, a map, and arithmetic."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dlcore.charts import plots, text_plots
from dlcore.client import client
from dlcore.language import embeddings
from dlcore.language.catalog import TextModel
from dlcore.language.embeddings import Embeddings
from dlcore.models import UnknownModel
from pages.parts.plain import plain
from pages.parts.text.text_model import known_models
from pages.parts.widgets import KEEP

WORD, MAP = "good", "good great excellent bad awful terrible king queen man woman film movie actor actress"
SUM = ("king", "man", "woman")
MOST_WORDS = 100
"""Words on the map."""
USUAL = 40
"""Words on the map of a network that does not know the usual ones."""


@st.fragment
def show() -> None:
    left, right = st.columns([5, 8], gap="large")
    with left:
        model = _choose()
        if model is None:
            return
        try:
            vectors = _vectors(model)
        except UnknownModel as error:
            st.error(plain(error), icon=":material/error:")
            return
        st.caption(
            f"{len(vectors.words):,} words, each a vector of {vectors.vectors.shape[1]} numbers.",
            help="Learned with the network. Words that are used alike get vectors that point alike.",
        )
        usual = SUM if all(map(vectors.find, SUM)) else tuple(vectors.strongest[:3])
        _begin(model.name, vectors, usual)
        word = _known(vectors, "Word", "embeddings.word", _usual(vectors, WORD))
        st.markdown("**a − b + c**", help="Which word is to c what a is to b?")
        with st.container(horizontal=True):  # beside each other on a phone too
            sums = [
                _known(vectors, label, f"embeddings.{label}", usual[i], width=96)
                for i, label in enumerate(("a", "− b", "+ c"))
            ]
        words = _words(vectors)
    with right:
        near, total = st.columns(2, gap="medium")
        with near:
            if word:
                _nearest(f"Nearest to “{word}”", vectors.nearest([word]))
        with total:
            if all(sums):
                first, minus, plus = sums
                _nearest(f"{first} − {minus} + {plus}", vectors.nearest([first, plus], [minus]))
        _map(vectors, words, word)


def _choose() -> TextModel | None:
    known = {
        name: model
        for task in ("sentiment", "generation")
        for name, model in known_models(task).items()
        if model.at_hand
    }
    if st.session_state.get("embeddings.model") not in known:
        st.session_state.pop("embeddings.model", None)
    name = st.selectbox(
        "Network",
        list(known),
        format_func=lambda name: known[name].title,
        key="embeddings.model",
        help="Networks that ship, that you have downloaded or that you have trained on texts.",
        **KEEP,
    )
    return known.get(name)


def _vectors(model: TextModel) -> Embeddings:
    if model.folder:
        return embeddings.of_checkpoint(model.folder)
    assert model.trained
    return _of_run(model.name, model.trained.version, model.trained)


@st.cache_resource(max_entries=4, show_spinner=False)
def _of_run(name: str, version: str, _info: Any) -> Embeddings:
    return embeddings.of_run(client().store, _info)


def _begin(name: str, vectors: Embeddings, usual: tuple[str, ...]) -> None:
    """Of another network, words that it knows where it does not know those that are there."""
    if st.session_state.get("embeddings.for") == name:
        return
    st.session_state["embeddings.for"] = name
    fields = {"word": _usual(vectors, WORD), **dict(zip(("a", "− b", "+ c"), usual, strict=True))}
    for field, word in fields.items():
        if not vectors.find(st.session_state.get(f"embeddings.{field}", "")):
            st.session_state[f"embeddings.{field}"] = word


def _usual(vectors: Embeddings, word: str) -> str:
    return word if vectors.find(word) else vectors.strongest[0]


def _known(vectors: Embeddings, label: str, key: str, usual: str, width: Any = "stretch") -> str:
    """A field for a word; empty where the network does not know it, which the page says."""
    st.session_state.setdefault(key, usual)
    with st.container(width=width):
        text = st.text_input(label, key=key, max_chars=60, live="250ms", **KEEP)
        word = vectors.find(text)
        if text.strip() and not word:
            st.caption(f"“{plain(text.strip())}” is not one of its words.")
    return word


def _words(vectors: Embeddings) -> list[str]:
    usual = [word for word in MAP.split() if vectors.find(word)]
    st.session_state.setdefault("embeddings.map", MAP)
    text = st.text_area(
        "Words on the map",
        key="embeddings.map",
        max_chars=2000,
        height=100,
        help=f"Separated by spaces, at most {MOST_WORDS}; those that the network does not know are left out.",
        **KEEP,
    )
    words = list(dict.fromkeys(filter(None, map(vectors.find, text.replace(",", " ").split()))))
    if text == MAP and len(usual) < 10:
        words = vectors.strongest[:USUAL]
        st.caption(
            f"It does not know most of these: the {len(words)} words with the longest vectors are shown."
        )
    return words[:MOST_WORDS]


def _nearest(title: str, found: list[tuple[str, float]]) -> None:
    st.markdown(f"**{plain(title)}**")
    share = st.column_config.ProgressColumn(
        "Cosine",
        help="1: the vectors point the same way; 0: nothing in common.",
        min_value=0,
        max_value=1,
        format="%.2f",
    )
    table = pd.DataFrame({"word": [word for word, _ in found], "cosine": [value for _, value in found]})
    st.dataframe(table, hide_index=True, height=248, column_config={"word": "Word", "cosine": share})


def _map(vectors: Embeddings, words: list[str], chosen: str) -> None:
    if len(words) < 3:
        st.info("Write at least three words that the network knows.", icon=":material/edit:")
        return
    places, share = vectors.plane(words)
    st.markdown(
        f"**Map of {len(words)} words**",
        help=f"Their first two principal components: {share:.0%} of how they differ. Near on the map is not always near.",
    )
    st.plotly_chart(
        text_plots.word_map(words, places, chosen),
        config=plots.CONFIG,
        key="embeddings.plot",
        alt=f"Scatter of {len(words)} words on two principal components of their vectors",
    )
