"""Translate: type a text, see what a pair network writes for it, and where it looked."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.client import client
from dlcore.language.catalog import RUN
from dlcore.language.first_translation import first_translation
from dlcore.models import ModelInfo, UnknownModel
from dlcore.tasks import headline
from pages.parts.plain import plain
from pages.parts.text.live_text import live_text, put_text
from pages.parts.text.translation_view import translation_view
from pages.parts.visitor import visitor
from pages.parts.waiting import answer
from pages.parts.widgets import KEEP

FIELD = "translate.text"
TASK = "translation"
SCORE = "Log probability a token"


def show() -> None:
    left, right = st.columns([4, 9], gap="large")
    with left:
        info = choose_model()
        text = _text(info)
        beams = st.slider(
            "Beam width",
            1,
            8,
            1,
            key="translate.beams",
            help="1: the likeliest token at every step. More: so many texts are kept from step to step, and the best ones shown.",
            **KEEP,
        )
    with right:
        _translation(info, text, beams)
        _about(info)


def choose_model() -> ModelInfo:
    """Any model that translates; one that is in the address has been chosen by the page."""
    models = {RUN + info.name: info for info in client().models(visitor()) if info.recipe.on_texts == TASK}
    linked = str(st.session_state.get(f"{TASK}.model", ""))
    if linked and linked not in models:
        with suppress(UnknownModel):  # an older run than those that are listed
            models[linked] = client().model(linked.removeprefix(RUN), visitor())
    if linked not in models:
        st.session_state.pop(f"{TASK}.model", None)

    def title(name: str) -> str:
        info = models[name]
        about = "shipped" if info.source == "shipped" else info.recipe.dataset.title
        return " · ".join(filter(None, (info.title, about, headline(info.metrics))))

    name = st.selectbox(
        "Network",
        list(models),
        format_func=title,
        key=f"{TASK}.model",
        help="Shipped with the Studio, or any finished run on pairs.",
        **KEEP,
    )
    info = models[name]
    st.session_state["text.linked"] = st.query_params["model"] = info.name  # so that a reload brings it back
    return info


def _text(info: ModelInfo) -> str:
    """The field with a text for this network, and others to try."""
    examples = info.card.get("examples") or list(info.recipe.dataset.try_it)
    first = examples[0] if examples else ""
    if st.session_state.get("translate.for") != info.name:
        if "translate.for" in st.session_state:
            put_text(FIELD, first)  # a text for another network says this one little
        st.session_state["translate.for"] = info.name
    title = info.recipe.dataset.titles[0]
    text = live_text(FIELD, title, first, rows=2, placeholder="Write here: the answer follows every key.")
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.caption("Try", width="content")
        for example in examples:
            st.button(
                plain(example),
                key=f"translate.example.{info.name}.{example}",
                type="tertiary",
                on_click=put_text,
                args=(FIELD, example),
            )
    return text


def _translation(info: ModelInfo, text: str, beams: int) -> None:
    if not text.strip():
        st.info("Write something, or take one of the examples.", icon=":material/edit:")
        return
    result = None if client().ready else first_translation(info, text, beams)
    result = result or answer("translate", model=info.name, text=text, beams=beams)
    if result is None:
        return
    if "error" in result:
        st.error(plain(result["error"]), icon=":material/error:")
        return
    if result["note"]:
        st.caption(plain(result["note"]))
    texts = result["texts"]
    chosen = 0
    if len(texts) > 1:
        chosen = _beams(texts)
    with st.container(border=True):
        translation_view(result, texts[chosen], info.recipe.dataset.titles, "translate.view")
    st.caption(
        "Point at a token, or tap it: where it looked is shaded, and what else was likely is on the left. "
        "■ ends the text; a dashed frame: less than 50 % sure."
    )


def _beams(texts: list[dict[str, Any]]) -> int:
    """The texts of a beam search, the best first; the place of the one to look at."""
    rows = {"Text": [one["text"] for one in texts], SCORE: [one["score"] for one in texts]}
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="translate.texts",
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            SCORE: st.column_config.NumberColumn(help="Of each token, on average: nearer 0 is surer.")
        },
    )
    selected = event.selection.rows
    return selected[0] if selected and selected[0] < len(texts) else 0


def _about(info: ModelInfo) -> None:
    """What its metrics are, and of a shipped one what it was trained on."""
    metrics = info.recipe.task.summary(info.metrics)
    card = info.card
    with st.expander(f"About {plain(info.title)}", icon=":material/badge:"):
        if not card:
            st.markdown(f"**Measured** {metrics} (its test data)")
            return
        trained = card["trained"]
        st.markdown(
            f"**Data** {card['data']}  \n**Measured** {metrics} ({card['test']})  \n"
            f"**Size** {card['parameters']:,} parameters, {card['bytes'] / 1e6:.1f} MB  \n"
            f"**Trained** {trained['minutes']} min on {trained['on']}, {trained['date']}; again with "
            f"`{trained['command']}`  \n**Bad at** {card['limits']}"
        )
