"""One text: the answer as one types, the words that made it, and three ways to look closer."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlcore import plots, text_plots
from dlcore.client import client
from dlcore.language import catalog
from dlcore.language.first_answer import TEXT, first_answer
from dlcore.words import change, coloured, number, percent, verdict, without
from pages.parts.asking import ask
from pages.parts.live_text import live_text, put_text
from pages.parts.plain import plain
from pages.parts.text_model import choose_model
from pages.parts.words_view import words_view

FIELD = "sentiment.text"
EXAMPLES = {
    "Praise": TEXT,
    "Negation": "The acting is not good, and nobody would call this funny.",
    "Mixed": "The pictures are beautiful, but the story is dull and far too long.",
    "Irony": "Oh great, another two hours of my life that I will never get back.",
}
GRADIENTS, LEFT_OUT = "Gradients", "Leave one out"
CLOSER = ("Change a word", "Compare", "Attention")
KEEP: dict[str, Any] = {"persist_state": "session"}
Found = dict[str, Any]


def text_field() -> str:
    """The field and four sentences to begin with; what stands in the field."""
    place = st.container()
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Try", width="content")
        for name, example in EXAMPLES.items():
            if st.button(name, key=f"sentiment.example.{name}", type="tertiary"):
                put_text(FIELD, example)
    with place:
        return live_text(
            FIELD,
            "Your text",
            EXAMPLES["Praise"],
            rows=3,
            placeholder="Write a sentence: the answer follows every key.",
        )


def show(model: str, text: str) -> None:
    """The answer, the coloured words, and what one may do with them."""
    if not text.strip():
        st.info("Write something, or take one of the examples.", icon=":material/edit:")
        return
    first = None
    if not client().ready:
        first = first_answer(catalog.find(model, "sentiment").folder, text)
    judged = [first] if first else _judged(ask("sentiment", model=model, texts=[text]))
    if not judged:
        return
    if not judged[0]["probabilities"]:
        st.info(plain(judged[0]["note"]), icon=":material/info:")
        return
    with st.container(border=True):
        # The answer comes at once; what it rests on takes a large network some seconds.
        words_view(verdict(judged[0]["probabilities"]), "sentiment.verdict")
        found = first or ask("explain_sentiment", model=model, text=text)
        if found is None:
            return
        if "error" in found:
            failed(found["error"])
            return
        top = st.container()
        way = _way()
        with top:
            chosen = _chosen(found, way)
            clicked = words_view(words_html(found, way, chosen), "sentiment.words")
            _legend(found, way)
    if clicked is not None and clicked != chosen:
        st.session_state["sentiment.chosen"] = (text, clicked)
        st.rerun(scope="fragment")
    closer = st.segmented_control(
        "Look closer",
        CLOSER,
        default=CLOSER[0],
        required=True,
        key="sentiment.closer",
        label_visibility="collapsed",
        **KEEP,
    )
    if closer == "Change a word":
        _change(model, found, chosen)
    elif closer == "Attention":
        _attention(found)
    else:
        _compare(model, found, way)


def failed(error: str) -> None:
    """The engine's words are shown as they are: they may quote what somebody wrote."""
    st.error("The network could not answer.", icon=":material/error:")
    st.text(error)


# -- the coloured words ---------------------------------------------------------------------------


def _way() -> str:
    return st.segmented_control(
        "Words coloured by",
        [GRADIENTS, LEFT_OUT],
        default=GRADIENTS,
        required=True,
        key="sentiment.way",
        **KEEP,
        help="Gradients: how much each word adds to the answer (integrated gradients). "
        "Leave one out: how the answer changes without the word.",
    )


def values(found: Found, way: str) -> list[float | None]:
    """What each word did, in log-odds."""
    field = "gradients" if way == GRADIENTS else "left_out"
    return [word[field] for word in found["words"]]


def words_html(found: Found, way: str, chosen: int | None = None) -> str:
    """The text with its words coloured, as HTML."""
    marks = [
        {"start": word["start"], "end": word["end"], "value": value, "about": _about(found, word)}
        for word, value in zip(found["words"], values(found, way), strict=True)
    ]
    read = found["text"][: marks[-1]["end"]] + (" …" if found["truncated"] else "")
    note = f'<div class="note">{found["note"]}</div>' if found["note"] else ""
    return coloured(read, marks, chosen=chosen) + note


def _about(found: Found, word: dict[str, Any]) -> str:
    """What is told when the pointer rests on a word."""
    told = f"{number(word['gradients'])} log-odds of {found['target']}"
    if word["without"] is not None:
        told += f"; without it {percent(word['without'])} {found['target']}"
    return told


def _chosen(found: Found, way: str) -> int:
    """The word that was clicked last or, in a new text, the one that did most."""
    text, index = st.session_state.get("sentiment.chosen", ("", 0))
    if text == found["text"] and index < len(found["words"]):
        return int(index)
    strength = [abs(value or 0.0) for value in values(found, way)]
    return strength.index(max(strength))


def _legend(found: Found, way: str) -> None:
    target = found["target"]
    other = "negative" if target == "positive" else f"not {target}"
    if way == GRADIENTS:
        told = (
            f"Without content: {percent(_probability(found['baseline']))} {target}. The words add "
            f"{number(found['output'] - found['baseline'])} log-odds, and that makes "
            f"{percent(_probability(found['output']))} (sum right to {100 * found['completeness_error']:.1f} %)."
        )
    else:
        told = f"Numbers: log-odds of {target} that are lost without the word."
        if any(word["left_out"] is None for word in found["words"]):
            told += " Only the strongest words were tried."
    st.caption(
        f"Blue, full line: towards {target}. Orange, dashed: towards {other}. {told}",
        help="Log-odds: ln(p / (1 − p)). 0 is 50 %, ±2.2 is 90 % or 10 %, ±4.6 is 99 % or 1 %. "
        "They can be added; percentages cannot.",
    )


def _probability(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))


# -- looking closer -------------------------------------------------------------------------------


def _change(model: str, found: Found, chosen: int) -> None:
    """Another word in its place, or none: the answer before and after."""
    word = found["words"][chosen]
    text, start, end = found["text"], word["start"], word["end"]
    if st.session_state.get("sentiment.changed") != (text, chosen):
        st.session_state["sentiment.changed"] = (text, chosen)
        st.session_state["sentiment.instead"] = ""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        instead = st.text_input(
            "Instead of the framed word",
            key="sentiment.instead",
            live="250ms",
            max_chars=100,
            placeholder="nothing: it is left out",
            help="Click another word above to change that one.",
        ).strip()
        changed = without(text, start, end, instead)
        st.button(
            "Keep this change",
            icon=":material/check:",
            on_click=put_text,
            args=(FIELD, changed),
            disabled=not changed.strip(),
        )
    with right:
        target = found["target"]
        after = word["without"] if not instead else None
        if after is None:
            judged = _judged(ask("sentiment", model=model, texts=[changed]))
            if not judged:
                return
            after = judged[0]["probabilities"].get(target)
        if after is None or not changed.strip():
            st.info("Then there is nothing left to read.", icon=":material/info:")
            return
        before = found["probabilities"][target]
        words_view(change(before, after, target, text[start:end], instead), "sentiment.change")


def _judged(found: Any) -> list[Found]:
    """The answers, or none: then the page already says why."""
    if isinstance(found, list):
        return found
    if found is not None:
        failed(found["error"])
    return []


def _compare(model: str, found: Found, way: str) -> None:
    """The same text in the eyes of another network."""
    if "sentiment.other" not in st.session_state:
        others = [info for info in catalog.available("sentiment") if info.name != model]
        if others:  # one that is here already, if there is one
            first = next((info for info in others if info.at_hand), others[0])
            st.session_state["sentiment.other"] = first.name
    other = choose_model("sentiment", key="other", label="Compare with")
    if other is None or other == model:
        st.caption("Choose another network to compare with.")
        return
    second = ask("explain_sentiment", model=other, text=found["text"])
    if second is None:
        return
    if "error" in second:
        failed(second["error"])
        return
    for name, one, column in zip((model, other), (found, second), st.columns(2), strict=True):
        with column, st.container(border=True):
            st.text(name)
            if one["probabilities"]:
                html = verdict(one["probabilities"]) + words_html(one, way)
                words_view(html, f"sentiment.compare.{name}")
            else:
                st.caption(one["note"])
    if second["probabilities"]:
        same = found["label"] == second["label"]
        st.caption("They agree." if same else "They do not agree.")


def _attention(found: Found) -> None:
    """Who looks at whom, in one head of one layer or in the mean of a layer's heads."""
    weights = np.asarray(found["attention"]["weights"], "float32")
    tokens = found["attention"]["tokens"]
    layers, heads = weights.shape[:2]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layer = st.selectbox(
            "Layer",
            range(1, layers + 1),
            index=layers - 1,
            key="sentiment.layer",
            width=110,
            help="The text goes through them one after the other.",
            **KEEP,
        )
        head = st.selectbox(
            "Head",
            [0, *range(1, heads + 1)],
            key="sentiment.head",
            width=130,
            **KEEP,
            format_func=lambda h: str(h) if h else "mean of all",
            help="Each layer looks with several heads at once, each at something else.",
        )
        bare = st.toggle(
            "Hide [CLS] and [SEP]",
            key="sentiment.bare",
            **KEEP,
            help="Begin and end of the text; much attention rests there when there is nothing to look for.",
        )
    shown = weights[layer - 1].mean(axis=0) if head == 0 else weights[layer - 1, head - 1]
    hidden = ("[CLS]", "[SEP]") if bare else ()
    st.plotly_chart(
        text_plots.attention(tokens, shown, hide=hidden),
        config=plots.CONFIG,
        key=f"sentiment.attention.{layer}.{head}.{bare}",
        alt=f"Heatmap of {len(tokens)} tokens: how much each looks at each other one",
    )
    if len(tokens) < found["attention"]["of"]:
        st.caption(f"The first {len(tokens) - 1} of {found['attention']['of']} tokens, and the last one.")
