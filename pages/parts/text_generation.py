"""Generation: a network writes on, token by token, and shows between which tokens it chose."""

from __future__ import annotations

import html
from typing import Any

import numpy as np
import streamlit as st

from dlcore.client import client
from dlcore.language.sampling import Sampling, best, distribution
from dlcore.settings import settings
from pages.parts.candidate_bars import candidate_bars, visible
from pages.parts.form import form
from pages.parts.text_model import about, choose_model
from pages.parts.token_text import token_text
from pages.parts.waiting import answer

BEGINNING = "Once upon a time there was a little girl who lived in a"
SLICE = 0.15
"""Seconds of writing between two looks at the text."""
SHOWN = 300
"""Tokens of a long beginning that are drawn: its last ones."""
KEEP: dict[str, Any] = {"persist_state": "session"}
Row = dict[str, Any]
"""``steps``, what was written (token, piece, probability, candidates), whether it ``ended``, and ``begin``,
the number of tokens after which stop texts count: where the prompt ends, or where it was told to go on."""


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
        text = st.container()
        # On a narrow screen the sliders come below the bars, which shall stand near the clicked word.
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
                _write(state, wanted)
            look = _explore(state)
        with bars.container():
            if look:
                _candidates(state, wanted, *look)
        about(model)


def _controls(model: str) -> dict[str, Any]:
    """The prompt, the buttons and what else is asked for; their values."""
    st.session_state.setdefault("generation.prompt", BEGINNING)
    text = st.text_area(
        "Beginning", key="generation.prompt", height=110,
        help="The network writes on from here. Empty: it begins by itself.", **KEEP,
    )  # fmt: skip
    buttons = st.container(horizontal=True)
    tokens = st.slider(
        "Length", 5, min(400, settings().max_tokens), 60, 5, key="generation.tokens",
        help="Tokens to write: a token is a word or a part of one.", **KEEP,
    )  # fmt: skip
    with st.expander("More"):
        samples = st.slider(
            "Texts", 1, 4, 1, key="generation.samples",
            help="So many texts side by side from the same beginning.", **KEEP,
        )  # fmt: skip
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, 1, key="generation.seed",
            help="The same seed and settings write the same text again.", **KEEP,
        )  # fmt: skip
        stop = st.text_input(
            "Stop at", key="generation.stop", placeholder="such as: The End", max_chars=100,
            help="Writing ends when this appears. Several: part them with |.", **KEEP,
        )  # fmt: skip
        beams = st.toggle(
            "Beam search", key="generation.beams",
            help="Do not draw: keep the four most probable texts, and go on with those.", **KEEP,
        )  # fmt: skip
    wanted = {
        "model": model, "text": text, "tokens": tokens, "samples": samples, "seed": seed,
        "beams": beams, "stop": [part for part in stop.split("|") if part],
    }  # fmt: skip
    with buttons:
        _buttons(wanted)
    return wanted


def _buttons(wanted: dict[str, Any]) -> None:
    """Write, or Stop in its place while it writes; the same row all the time, so nothing moves.

    A click only notes what to do: its callback would see the values of the run before.
    """
    do = st.session_state.pop("generation.do", "")
    state = st.session_state.get("writing")
    if do == "write":
        state = _start(wanted)
    elif do == "go on" and state is not None and state["prompt"] is not None:
        _go_on(state, wanted)
    elif do == "stop" and state is not None:
        state["active"] = False
    busy = state is not None and state["active"]

    def note(what: str) -> None:
        st.session_state["generation.do"] = what

    def another() -> None:
        st.session_state["generation.seed"] = (st.session_state["generation.seed"] + 1) % 2**31
        note("write")

    label, icon = ("Stop", ":material/stop:") if busy else ("Write", ":material/edit:")
    # One key for both: Streamlit would else leave the other one standing while it writes.
    st.button(
        label, icon=icon, type="primary", on_click=note, args=(label.lower(),),
        key="generation.main",
    )  # fmt: skip
    st.button(
        "Go on", icon=":material/more_horiz:", on_click=note, args=("go on",), disabled=busy,
        help="Write more on the same text.",
    )  # fmt: skip
    st.button(
        "Another", icon=":material/casino:", on_click=another, disabled=busy,
        help="Again with another seed.",
    )  # fmt: skip


def _start(wanted: dict[str, Any]) -> dict[str, Any]:
    """Begin anew from the prompt; of a very long one its end is taken, which is what comes before."""
    text, most = wanted["text"], settings().max_characters
    state: dict[str, Any] = {
        "model": wanted["model"], "text": text[-most:], "cut": len(text) > most, "prompt": None, "look": None,
        "rows": [{"steps": [], "ended": False, "begin": 0} for _ in range(wanted["samples"])],
        "active": True, "goal": wanted["tokens"], "beams": None, "spent": (0, 0.0),
    }  # fmt: skip
    if wanted["beams"]:
        state["beams"] = {"count": 4}
    st.session_state["writing"] = state
    return state


def _go_on(state: dict[str, Any], wanted: dict[str, Any]) -> None:
    longest = max(len(row["steps"]) for row in state["rows"])
    state["goal"] = min(longest + wanted["tokens"], settings().max_tokens)
    state["active"], state["beams"] = True, None
    for row in state["rows"]:
        row["ended"], row["begin"] = False, len(_tokens(state, row))


def _read_prompt(state: dict[str, Any]) -> bool:
    """Have the tokenizer cut the prompt; whether that is done."""
    found = answer("tokenize", model=state["model"], text=state["text"])
    if found is None:
        return False
    if "error" in found:
        st.error(found["error"], icon=":material/error:")
        return False
    state["prompt"] = found["tokens"]
    state["pieces"], state["context"] = found["pieces"], found["context"]
    return True


# -- writing --------------------------------------------------------------------------------------


def _write(state: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Ask for slices until all is written. A click on anything ends this script at the next slice;
    what was written by then stays."""
    place = st.empty()
    while state["active"]:
        with place.container():
            _draw_plain(state)
            _status(state)
        try:
            more = _slice_of_beams(state, wanted) if state["beams"] else _slice(state, wanted)
        except Exception as error:
            state["active"] = False
            st.error(f"The writing stopped: {error}", icon=":material/error:")
            return
        state["active"] = more
    st.rerun()


def _slice(state: dict[str, Any], wanted: dict[str, Any]) -> bool:
    """Write a little on the shortest unfinished texts; whether there is more to do."""
    rows: list[Row] = state["rows"]
    open_ = [
        i for i, row in enumerate(rows) if not row["ended"] and len(row["steps"]) < state["goal"]
    ]
    if not open_:
        return False
    length, begin = min((len(rows[i]["steps"]), rows[i]["begin"]) for i in open_)
    chosen = [i for i in open_ if (len(rows[i]["steps"]), rows[i]["begin"]) == (length, begin)]
    found = client().ask(
        "write",
        model=state["model"],
        rows=[_tokens(state, rows[i]) for i in chosen],
        how=wanted["how"],
        seed=wanted["seed"],
        samples=chosen,
        tokens=state["goal"] - length,
        seconds=SLICE,
        stop=wanted["stop"],
        begin=max(begin, len(state["prompt"])),
    ).result(120)  # fmt: skip
    for i, steps, ended in zip(chosen, found["rows"], found["ended"], strict=True):
        rows[i]["steps"] += steps
        rows[i]["ended"] = ended
    tokens, seconds = state["spent"]
    state["spent"] = (tokens + sum(map(len, found["rows"])), seconds + found["seconds"])
    return True


def _slice_of_beams(state: dict[str, Any], wanted: dict[str, Any]) -> bool:
    beams = state["beams"]
    if "count" in beams:
        beams = {"prompt": state["prompt"], "count": beams["count"]}
    found = client().ask(
        "beam_search",
        model=state["model"],
        beams=beams,
        tokens=state["goal"],
        seconds=SLICE,
        stop=wanted["stop"],
    ).result(120)  # fmt: skip
    over = found["beams"]["over"]
    state["beams"] = found["beams"]
    state["rows"] = [
        {"steps": steps, "ended": over, "begin": 0, "mark": mark if over else None}
        for steps, mark in zip(found["rows"], found["marks"], strict=True)
    ]
    return not over


def _tokens(state: dict[str, Any], row: Row) -> list[int]:
    return [*state["prompt"], *(step["token"] for step in row["steps"])]


def _draw_plain(state: dict[str, Any]) -> None:
    """The texts while they grow."""
    for place, row in zip(_places(state), state["rows"], strict=True):
        prompt = html.escape("".join(state["pieces"][-SHOWN:]))
        written = html.escape("".join(step["piece"] for step in row["steps"]))
        with place:
            st.html(
                '<div style="font-size:1.06rem;line-height:1.75;white-space:pre-wrap;'
                'overflow-wrap:anywhere;unicode-bidi:plaintext">'
                f'<span style="opacity:.62">{prompt}</span>{written}<span>▌</span></div>'
            )


def _places(state: dict[str, Any]) -> list[Any]:
    count = len(state["rows"])
    return st.columns(count, gap="medium") if count > 1 else [st.container()]


# -- looking at what was written ------------------------------------------------------------------


def _explore(state: dict[str, Any]) -> tuple[int, int] | None:
    """The texts as tokens to click; the row and the place of the chosen one, if there is any."""
    chosen_row, chosen_place = state["look"] or _last(state)
    texts, shades = st.container(), st.container()
    with shades:
        shade, cut = _shading()
    weights = None
    if shade == "Attention":
        with shades:
            weights = _attention(state, chosen_row, chosen_place)
    with texts:
        places = _places(state)
    for i, (place, row) in enumerate(zip(places, state["rows"], strict=True)):
        with place:
            if row.get("mark") is not None:  # the mean of log probabilities
                st.caption(f"{np.exp(row['mark']):.1%} a token")
            clicked = _draw_tokens(
                state, row, f"tokens.{i}", cut=cut, shade=shade,
                selected=chosen_place if i == chosen_row else -1,
                weights=weights if i == chosen_row else None,
            )  # fmt: skip
        if clicked is not None and (i, clicked) != (chosen_row, chosen_place):
            state["look"] = (i, clicked)
            st.rerun()
    with texts:
        _status(state)
    return (chosen_row, chosen_place) if chosen_place >= 0 else None


def _shading() -> tuple[str, bool]:
    """What the tokens' shades mean, and whether each token is marked."""
    with st.container(horizontal=True, vertical_alignment="center"):
        shade = st.segmented_control(
            "Shade", ["Surprise", "Attention", "None"], default="Surprise", required=True,
            key="generation.shade",
            help="Surprise: darker, the less probable a token was. "
            "Attention: darker, the more the chosen token looked at it.", **KEEP,
        )  # fmt: skip
        cut = st.toggle(
            "Show tokens", key="generation.cut",
            help="Underline each token: how the tokenizer cuts the text.", **KEEP,
        )  # fmt: skip
    return shade, cut


def _last(state: dict[str, Any]) -> tuple[int, int]:
    return 0, len(state["prompt"]) + len(state["rows"][0]["steps"]) - 1


def _draw_tokens(
    state: dict[str, Any], row: Row, key: str, *, cut: bool, shade: str, selected: int,
    weights: np.ndarray | None,
) -> int | None:  # fmt: skip
    steps, prompt = row["steps"], len(state["prompt"])
    pieces = [*state["pieces"], *(step["piece"] for step in steps)]
    shades = [0.0] * len(pieces)
    if shade == "Surprise":
        # In bits, up to ten: a token of probability one half has one bit.
        bits = [-np.log2(max(step.get("probability", 1.0), 1e-9)) for step in steps]
        shades[prompt:] = [min(1.0, bit / 10) for bit in bits]
    elif weights is not None:
        first = selected + 1 - len(weights)  # a long text: only its last tokens are in the window
        shades[first : selected + 1] = (weights / max(weights.max(), 1e-9)).tolist()
    hints = [f"token {token} of the prompt" for token in state["prompt"]]
    hints += [_hint(step) for step in steps]
    skip = max(0, prompt - SHOWN)
    clicked = token_text(
        pieces[skip:], key, prompt=prompt - skip, selected=selected - skip, shades=shades[skip:],
        hints=hints[skip:], cut=cut,
        alt="The text as tokens; click one to see what else could have stood there",
    )  # fmt: skip
    return None if clicked is None else clicked + skip


def _hint(step: dict[str, Any]) -> str:
    if "candidates" not in step:
        return f"token {step['token']}"
    others = [c for c in step["candidates"] if c["token"] != step["token"]][:3]
    told = ", ".join(f"{visible(c['piece'])} {c['probability']:.0%}" for c in others)
    return f"{step['probability']:.1%}" + (f"; instead of: {told}" if told else "")


def _status(state: dict[str, Any]) -> None:
    written = max(len(row["steps"]) for row in state["rows"])
    words = [] if state["active"] else ["Click a word to see what else could have stood there"]
    words.append(f"{written} tokens written")
    tokens, seconds = state["spent"]
    if seconds > 0.3:  # less says nothing
        words.append(f"{tokens / seconds:.0f} tokens a second")
    if any("mark" in row for row in state["rows"]):
        words.append("best first, by the mean probability of their tokens")
    longest = len(state["prompt"]) + written
    if longest > state["context"]:
        words.append(f"the network looks at the last {state['context']} tokens only")
    if len(state["rows"]) == 1 and state["rows"][0]["ended"]:
        words.append("the text has ended")
    if state["cut"]:
        words.append(
            f"of the beginning the last {settings().max_characters:,} characters were taken"
        )
    if len(state["prompt"]) > SHOWN:
        words.append(f"the last {SHOWN} of its {len(state['prompt']):,} tokens are shown")
    st.caption(" · ".join(words))


def _candidates(state: dict[str, Any], wanted: dict[str, Any], row_number: int, place: int) -> None:
    """Between which tokens the network chose at this place, under the rules as the sliders are now."""
    row = state["rows"][row_number]
    tokens = _tokens(state, row)
    written = place >= len(state["prompt"])
    if place == 0:
        st.caption("The first token: nothing came before it.")
        return
    found = answer("next_token", model=state["model"], tokens=tokens[:place])
    if found is None:
        return
    if "error" in found:
        st.error(found["error"], icon=":material/error:")
        return
    how = Sampling.model_validate(wanted["how"])
    chances = distribution(found["logits"], how, np.array(tokens[:place]))
    pieces, rows = found["pieces"], []
    for token in [k for k in best(chances, 12) if k in pieces]:
        rows.append({
            "token": token, "piece": pieces[token], "probability": float(chances[token]),
            "taken": token == tokens[place],
        })  # fmt: skip
    piece = ([*state["pieces"], *(step["piece"] for step in row["steps"])])[place]
    possible = int((chances > 0).sum())
    st.markdown(
        f"**What could stand in the place of** `{_code(visible(piece))}` · {possible:,} of "
        f"{len(chances):,} tokens are possible with these settings; it has "
        f"{chances[tokens[place]]:.1%}"
    )
    chosen = candidate_bars(
        rows, f"candidates.{row_number}", "Take this one, and write on from here"
    )
    if chosen is not None and chosen != tokens[place] and written:
        keep = place - len(state["prompt"])
        step = next(r for r in rows if r["token"] == chosen)
        row["steps"] = [
            *row["steps"][:keep],
            {k: step[k] for k in ("token", "piece", "probability")},
        ]
        row["ended"], row["begin"] = False, place
        row.pop("mark", None)
        for other in state["rows"]:
            other["ended"] = other["ended"] or other is not row
        state |= {"active": True, "beams": None, "look": None}
        state["goal"] = max(state["goal"], keep + wanted["tokens"])
        st.rerun()


def _code(piece: str) -> str:
    """Text for a Markdown code span."""
    return piece.replace("`", "ˋ")


def _attention(state: dict[str, Any], row_number: int, place: int) -> np.ndarray | None:
    """What the chosen token looks at, (tokens,): of one head, or the mean of several."""
    tokens = _tokens(state, state["rows"][row_number])[: place + 1]
    found = answer("attention", model=state["model"], tokens=tokens)
    if found is None or isinstance(found, dict):
        if found:
            st.error(found["error"], icon=":material/error:")
        return None
    layers, heads, _ = found.shape
    first, second = st.columns(2)
    layer = first.slider("Layer", 1, layers, layers, key="generation.layer", **KEEP)
    head = second.select_slider(
        "Head", ["mean", *range(1, heads + 1)], key="generation.head", **KEEP,
        help="Each head looks for something else; mean: all heads of the layer together.",
    )  # fmt: skip
    chosen = found[layer - 1]
    weights: np.ndarray = chosen.mean(axis=0) if head == "mean" else chosen[int(head) - 1]
    # The first token collects what a head has no use for: without it the rest can be seen.
    return np.where(np.arange(len(weights)) == 0, 0, weights) if len(weights) > 2 else weights
