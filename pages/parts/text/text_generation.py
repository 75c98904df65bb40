"""Generation: a network writes on, token by token, and shows between which tokens it chose."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import streamlit as st

from dlcore.client import client
from dlcore.language.catalog import RUN
from dlcore.language.sampling import Sampling
from dlcore.settings import settings
from pages.parts.form import form
from pages.parts.plain import plain
from pages.parts.text.text_look import SHOWN, Row, candidates, explore, places, status, tokens_of
from pages.parts.text.text_model import about, choose_model
from pages.parts.text.writing import action, length_field
from pages.parts.waiting import answer
from pages.parts.widgets import KEEP, seed_field

BEGINNING = "Once upon a time there was a little girl who lived in a"
SLICE = 0.15
"""Seconds of writing between two looks at the text."""


def show() -> None:
    left, right = st.columns([4, 9], gap="large")
    with left:
        model = choose_model("generation")
        if model is None:
            return
        state = st.session_state.get("writing")
        if state is None or state["model"] != model:
            st.session_state["generation.do"] = "write"  # the page begins with something written
        wanted = _controls(model)
    with right:
        text, progress, shades = st.container(), st.empty(), st.container()
        # On a narrow screen the sliders come below the bars, which should be near the clicked word.
        closer, rules = st.columns([7, 3], gap="large")
        bars = closer.empty()
        with rules:
            wanted["how"] = form(Sampling, "sampling")
        state = st.session_state["writing"]
        with text:
            if state["prompt"] is None and not _read_prompt(state):
                return
            if state["active"]:
                bars.empty()
                _write(state, wanted, progress)
        look = explore(state, text, shades)
        progress.caption(status(state))
        with bars.container():
            if look:
                candidates(state, wanted, *look)
        about(model)


def _controls(model: str) -> dict[str, Any]:
    """The prompt, the buttons and the options; their values."""
    _usual_beginning(model)
    text = st.text_area(
        "Beginning",
        key="generation.prompt",
        height=110,
        help="The network writes on from here. Empty: it begins by itself.",
        **KEEP,
    )
    buttons = st.container(horizontal=True)
    tokens = length_field("generation.tokens", "Tokens to write", 5, 400, 60, 5)
    with st.expander("More"):
        samples = st.slider(
            "Texts",
            1,
            4,
            1,
            key="generation.samples",
            help="The number of texts side by side from the same beginning.",
            **KEEP,
        )
        seed = seed_field("generation.seed", "The same seed and settings write the same text again.", 1)
        stop = st.text_input(
            "Stop at",
            key="generation.stop",
            placeholder="such as: The End",
            max_chars=100,
            help="Writing ends when this appears. Several: part them with |.",
            **KEEP,
        )
        beams = st.toggle(
            "Beam search",
            key="generation.beams",
            help="Do not draw: keep the four most probable texts, and go on with those.",
            **KEEP,
        )
    wanted = {
        "model": model,
        "text": text,
        "tokens": tokens,
        "samples": samples,
        "seed": seed,
        "beams": beams,
        "stop": [part for part in stop.split("|") if part],
    }
    with buttons:
        _buttons(wanted)
    return wanted


def _usual_beginning(model: str) -> None:
    """Until somebody writes one: a story's, or of a network that was trained here none, so that it shows its own."""
    usual = "" if model.startswith(RUN) else BEGINNING
    before = st.session_state.get("generation.usual")
    if st.session_state.get("generation.prompt", before) == before:
        st.session_state["generation.prompt"] = usual
    st.session_state["generation.usual"] = usual


def _buttons(wanted: dict[str, Any]) -> None:
    """The same row all the time, so nothing moves."""
    do = st.session_state.pop("generation.do", "")
    state = st.session_state.get("writing")
    if do == "write":
        state = _start(wanted)
    elif do == "go on" and state is not None and state["prompt"] is not None:
        _go_on(state, wanted)
    elif do == "stop" and state is not None:
        _stop(state)
    busy = state is not None and state["active"]

    action("Write", "edit", "generation", "write", type="primary", key="generation.write", disabled=busy)
    action("Stop", "stop", "generation", "stop", key="generation.end", disabled=not busy)
    about = "Write more on the same text."
    action("Go on", "more_horiz", "generation", "go on", disabled=busy, help=about)
    about = "Again with another seed."
    action("Another", "casino", "generation", "write", again=True, disabled=busy, help=about)


def _start(wanted: dict[str, Any]) -> dict[str, Any]:
    """Begin anew from the prompt; of a very long one its end is taken, which is what comes before."""
    text, most = wanted["text"], settings().max_characters
    state: dict[str, Any] = {
        "model": wanted["model"],
        "text": text[-most:],
        "cut": len(text) > most,
        "prompt": None,
        "look": None,
        "rows": [{"steps": [], "ended": False, "begin": 0} for _ in range(wanted["samples"])],
        "active": True,
        "turn": None,
        "goal": wanted["tokens"],
        "beams": None,
        "spent": (0, 0.0),
    }
    if wanted["beams"]:
        state["beams"] = {"count": 4}
    st.session_state["writing"] = state
    return state


def _stop(state: dict[str, Any]) -> None:
    state["active"], state["turn"] = False, None


def _go_on(state: dict[str, Any], wanted: dict[str, Any]) -> None:
    longest = max(len(row["steps"]) for row in state["rows"])
    state["goal"] = min(longest + wanted["tokens"], settings().max_tokens)
    state["active"], state["beams"] = True, None
    for row in state["rows"]:
        row["ended"], row["begin"] = False, len(tokens_of(state, row))


def _read_prompt(state: dict[str, Any]) -> bool:
    """Have the tokenizer cut the prompt; whether that is done."""
    prompt = answer("tokenize", model=state["model"], text=state["text"])
    if prompt is None:
        return False
    if "error" in prompt:
        st.error(plain(prompt["error"]), icon=":material/error:")
        return False
    state["prompt"] = prompt["tokens"]
    state["pieces"], state["context"] = prompt["pieces"], prompt["context"]
    return True


# -- writing --------------------------------------------------------------------------------------


def _write(state: dict[str, Any], wanted: dict[str, Any], progress: Any) -> None:
    """Request slices until all is written. A click on anything ends this script at the next slice;
    what was written by then stays.

    After a click the page runs anew beside this script, which waits for its slice: whose ``turn`` it no
    longer is leaves the state alone.
    """
    turn = state["turn"] = object()
    place = st.empty()
    while state["active"]:
        with place.container():
            _draw_plain(state)
        progress.caption(status(state))
        try:
            take = _slice_of_beams(state, wanted) if state["beams"] else _slice(state, wanted)
        except Exception as error:
            if state["turn"] is turn:
                _stop(state)
                st.error(f"The writing stopped: {plain(error)}", icon=":material/error:")
            return
        if state["turn"] is not turn:
            st.stop()
        state["active"] = take()
    st.rerun()


def _slice(state: dict[str, Any], wanted: dict[str, Any]) -> Callable[[], bool]:
    """Request a little more of the shortest unfinished texts. What is returned adds it, and tells whether
    there is more to do."""
    rows: list[Row] = state["rows"]
    open_ = [i for i, row in enumerate(rows) if not row["ended"] and len(row["steps"]) < state["goal"]]
    if not open_:
        return lambda: False
    length, begin = min((len(rows[i]["steps"]), rows[i]["begin"]) for i in open_)
    chosen = [i for i in open_ if (len(rows[i]["steps"]), rows[i]["begin"]) == (length, begin)]
    written = (
        client()
        .request(
            "write",
            model=state["model"],
            rows=[tokens_of(state, rows[i]) for i in chosen],
            how=wanted["how"],
            seed=wanted["seed"],
            samples=chosen,
            tokens=state["goal"] - length,
            seconds=SLICE,
            stop=wanted["stop"],
            begin=max(begin, len(state["prompt"])),
        )
        .result(120)
    )

    def take() -> bool:
        for i, steps, ended in zip(chosen, written["rows"], written["ended"], strict=True):
            rows[i]["steps"] += steps
            rows[i]["ended"] = ended
        tokens, seconds = state["spent"]
        state["spent"] = (tokens + sum(map(len, written["rows"])), seconds + written["seconds"])
        return True

    return take


def _slice_of_beams(state: dict[str, Any], wanted: dict[str, Any]) -> Callable[[], bool]:
    """The same for a beam search."""
    beams = state["beams"]
    if "count" in beams:
        beams = {"prompt": state["prompt"], "count": beams["count"]}
    written = (
        client()
        .request(
            "beam_search",
            model=state["model"],
            beams=beams,
            tokens=state["goal"],
            seconds=SLICE,
            stop=wanted["stop"],
        )
        .result(120)
    )

    def take() -> bool:
        over: bool = written["beams"]["over"]
        state["beams"] = written["beams"]
        state["rows"] = [
            {"steps": steps, "ended": over, "begin": 0, "score": score if over else None}
            for steps, score in zip(written["rows"], written["scores"], strict=True)
        ]
        return not over

    return take


def _draw_plain(state: dict[str, Any]) -> None:
    """The texts while they grow."""
    for place, row in zip(places(state), state["rows"], strict=True):
        prompt = html.escape("".join(state["pieces"][-SHOWN:]))
        written = html.escape("".join(step["piece"] for step in row["steps"]))
        with place:
            st.html(
                '<div style="font-size:1.06rem;line-height:1.75;white-space:pre-wrap;'
                'overflow-wrap:anywhere;unicode-bidi:plaintext">'
                f'<span style="opacity:.62">{prompt}</span>{written}<span>▌</span></div>'
            )
