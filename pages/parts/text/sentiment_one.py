"""One text: the answer as one types, the words that made it, and three ways to look closer."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlcore.charts import plots, text_plots
from dlcore.charts.words import change, coloured, number, percent, verdict, without
from dlcore.client import client
from dlcore.language.first_answer import TEXT, first_answer
from pages.parts.desk import reason
from pages.parts.plain import plain
from pages.parts.request import request
from pages.parts.text.live_text import live_text, put_text
from pages.parts.text.text_model import choose_model, known_models
from pages.parts.text.words_view import words_view
from pages.parts.widgets import KEEP, one_of

FIELD = "sentiment.text"
EXAMPLES = {
    "Praise": TEXT,
    "Negation": "The acting is not good, and nobody would call this funny.",
    "Mixed": "The pictures are beautiful, but the story is dull and far too long.",
    "Irony": "Oh great, another two hours of my life that I will never get back.",
}
MOST_EXAMPLES = 6
GRADIENTS, LEFT_OUT = "Gradients", "Leave one out"
CLOSER = ("Change a word", "Compare", "Attention")
Answer = dict[str, Any]


def text_field() -> str:
    """The field and four sentences to begin with; the text in the field."""
    place, examples = st.container(), _examples()
    _suit(examples)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Try", width="content")
        for name, example in examples.items():
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


def _suit(examples: dict[str, str]) -> None:
    """Another network, other examples: one of its own, where the text is still one of the last network's."""
    before = st.session_state.get("sentiment.examples", EXAMPLES)
    kept = st.session_state.get(f"{FIELD}.kept")
    if examples != before and (kept is None or kept["text"] in before.values()):
        put_text(FIELD, next(iter(examples.values())))
    st.session_state["sentiment.examples"] = examples


def _examples() -> dict[str, str]:
    """For a network that was trained here a text of its validation data for each class; else some about films."""
    chosen = st.session_state.get("sentiment.model")
    model = known_models("sentiment").get(chosen or "")
    if model is None or model.trained is None:
        return EXAMPLES
    info = model.trained
    return _of_run(info.name, info.version, info.recipe.dataset.classes) or EXAMPLES


@st.cache_data(max_entries=20, show_spinner=False)
def _of_run(run: str, version: str, classes: tuple[str, ...]) -> dict[str, str]:
    try:
        kept = client().store.artifacts.read_json(f"{run}/examples.json")
    except (OSError, ValueError):
        return {}
    texts = {classes[label]: text for text, label in zip(kept["texts"], kept["y"], strict=True)}
    return dict(sorted(texts.items())[:MOST_EXAMPLES])


def show(model: str, text: str) -> None:
    """The answer, the coloured words, and what one may do with them."""
    if not text.strip():
        st.info("Write something, or take one of the examples.", icon=":material/edit:")
        return
    first = None
    if not client().ready:
        known = known_models("sentiment").get(model)
        first = first_answer(known.folder if known else None, text)
    answers = [first] if first else _answers(request("sentiment", model=model, texts=[text]))
    if not answers:
        return
    if not answers[0]["probabilities"]:
        st.info(plain(answers[0]["note"]), icon=":material/info:")
        return
    with st.container(border=True):
        # The answer comes at once; its explanation takes a large network some seconds.
        words_view(verdict(answers[0]["probabilities"]), "sentiment.verdict")
        answer = first or request("explain_sentiment", model=model, text=text)
        if answer is None:
            return
        if "error" in answer:
            failed(answer)
            return
        top = st.container()
        way = _way()
        with top:
            chosen = _chosen(answer, way)
            clicked = words_view(words_html(answer, way, chosen), "sentiment.words")
            _legend(answer, way)
    if clicked is not None and clicked != chosen:
        st.session_state["sentiment.chosen"] = (text, clicked)
        st.rerun(scope="fragment")
    ways = CLOSER if answer.get("attention") else CLOSER[:2]  # not every network has attention
    if st.session_state.get("sentiment.closer") not in ways:
        st.session_state.pop("sentiment.closer", None)
    closer = one_of("Look closer", ways, "sentiment.closer", label_visibility="collapsed", **KEEP)
    if closer == "Change a word":
        _change(model, answer, chosen)
    elif closer == "Attention":
        _attention(answer)
    else:
        _compare(model, answer, way)


def failed(answer: Answer) -> None:
    """Why there is no answer, as text: it may quote what somebody wrote."""
    st.error(plain(reason(answer)), icon=":material/error:")


# -- the coloured words ---------------------------------------------------------------------------


def _way() -> str:
    return one_of(
        "Words coloured by",
        [GRADIENTS, LEFT_OUT],
        "sentiment.way",
        **KEEP,
        help="Gradients: how much each word adds to the answer (integrated gradients). "
        "Leave one out: how the answer changes without the word.",
    )


def values(answer: Answer, way: str) -> list[float | None]:
    """What each word did, in log-odds."""
    field = "gradients" if way == GRADIENTS else "left_out"
    return [word[field] for word in answer["words"]]


def words_html(answer: Answer, way: str, chosen: int | None = None) -> str:
    """The text with its words coloured, as HTML."""
    spans = [
        {"start": word["start"], "end": word["end"], "value": value, "about": _about(answer, word)}
        for word, value in zip(answer["words"], values(answer, way), strict=True)
    ]
    read = answer["text"][: spans[-1]["end"]] + (" …" if answer["truncated"] else "")
    note = f'<div class="note">{answer["note"]}</div>' if answer["note"] else ""
    return coloured(read, spans, chosen=chosen) + note


def _about(answer: Answer, word: dict[str, Any]) -> str:
    """The tooltip of a word."""
    words = f"{number(word['gradients'])} log-odds of {answer['target']}"
    if word["without"] is not None:
        words += f"; without it {percent(word['without'])} {answer['target']}"
    return words


def _chosen(answer: Answer, way: str) -> int:
    """The word that was clicked last or, in a new text, the one that did most."""
    text, index = st.session_state.get("sentiment.chosen", ("", 0))
    if text == answer["text"] and index < len(answer["words"]):
        return int(index)
    strength = [abs(value or 0.0) for value in values(answer, way)]
    return strength.index(max(strength))


def _legend(answer: Answer, way: str) -> None:
    target = answer["target"]
    other = "negative" if target == "positive" else f"not {target}"
    if way == GRADIENTS:
        words = (
            f"Without content: {percent(_probability(answer['baseline']))} {target}. The words add "
            f"{number(answer['output'] - answer['baseline'])} log-odds, and that makes "
            f"{percent(_probability(answer['output']))} (sum right to {100 * answer['completeness_error']:.1f} %)."
        )
    else:
        words = f"Numbers: log-odds of {target} that are lost without the word."
        if any(word["left_out"] is None for word in answer["words"]):
            words += " Only the strongest words were tried."
    st.caption(
        f"Blue, full line: towards {target}. Orange, dashed: towards {other}. {words}",
        help="Log-odds: ln(p / (1 − p)). 0 is 50 %, ±2.2 is 90 % or 10 %, ±4.6 is 99 % or 1 %. "
        "They can be added; percentages cannot.",
    )


def _probability(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))


# -- looking closer -------------------------------------------------------------------------------


def _change(model: str, answer: Answer, chosen: int) -> None:
    """Another word in its place, or none: the answer before and after."""
    word = answer["words"][chosen]
    text, start, end = answer["text"], word["start"], word["end"]
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
        target = answer["target"]
        after = word["without"] if not instead else None
        if after is None:
            answers = _answers(request("sentiment", model=model, texts=[changed]))
            if not answers:
                return
            after = answers[0]["probabilities"].get(target)
        if after is None or not changed.strip():
            st.info("Then there is nothing left to read.", icon=":material/info:")
            return
        before = answer["probabilities"][target]
        words_view(change(before, after, target, text[start:end], instead), "sentiment.change")


def _answers(answer: Any) -> list[Answer]:
    """The answers, or none: then the page already says why."""
    if isinstance(answer, list):
        return answer
    if answer is not None:
        failed(answer)
    return []


def _compare(model: str, answer: Answer, way: str) -> None:
    """The same text in the eyes of another network."""
    if "sentiment.other" not in st.session_state:
        others = [info for info in known_models("sentiment").values() if info.name != model]
        if others:  # one that is here already, if there is one
            first = next((info for info in others if info.at_hand), others[0])
            st.session_state["sentiment.other"] = first.name
    other = choose_model("sentiment", key="other", label="Compare with")
    if other is None or other == model:
        st.caption("Choose another network to compare with.")
        return
    second = request("explain_sentiment", model=other, text=answer["text"])
    if second is None:
        return
    if "error" in second:
        failed(second)
        return
    known = known_models("sentiment")
    for name, one, column in zip((model, other), (answer, second), st.columns(2), strict=True):
        with column, st.container(border=True):
            st.text(known[name].title if name in known else name)
            if one["probabilities"]:
                html = verdict(one["probabilities"]) + words_html(one, way)
                words_view(html, f"sentiment.compare.{name}")
            else:
                st.caption(one["note"])
    if second["probabilities"]:
        same = answer["label"] == second["label"]
        st.caption("They agree." if same else "They do not agree.")


def _attention(answer: Answer) -> None:
    """Who looks at whom, in one head of one layer or in the mean of a layer's heads."""
    weights = np.asarray(answer["attention"]["weights"], "float32")
    tokens = answer["attention"]["tokens"]
    layers, heads = weights.shape[:2]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        layer = st.selectbox(
            "Layer",
            range(1, layers + 1),
            index=layers - 1,
            key="sentiment.layer",
            width=110,
            help="The text goes through the layers one after the other.",
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
        ends = {"[CLS]", "[SEP]"} & {*tokens}  # a network that was trained here has none
        bare = bool(ends) and st.toggle(
            "Hide [CLS] and [SEP]",
            key="sentiment.bare",
            **KEEP,
            help="Begin and end of the text; much attention rests there when there is nothing to look for.",
        )
    shown = weights[layer - 1].mean(axis=0) if head == 0 else weights[layer - 1, head - 1]
    hidden = tuple(ends) if bare else ()
    st.plotly_chart(
        text_plots.attention(tokens, shown, hide=hidden),
        config=plots.CONFIG,
        key=f"sentiment.attention.{layer}.{head}.{bare}",
        alt=f"Heatmap of {len(tokens)} tokens: how much each looks at each other one",
    )
    if len(tokens) < answer["attention"]["of"]:
        st.caption(f"The first {len(tokens) - 1} of {answer['attention']['of']} tokens, and the last one.")
