"""What a network wrote, as tokens to click: between which it chose, and what each looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlcore.language.sampling import Sampling, best, distribution
from dlcore.settings import settings
from pages.parts.plain import plain
from pages.parts.text.candidate_bars import candidate_bars, visible
from pages.parts.text.token_text import token_text
from pages.parts.waiting import answer
from pages.parts.widgets import KEEP, one_of

SHOWN = 300
"""Tokens of a long beginning that are drawn: its last ones."""
Row = dict[str, Any]
"""``steps``, what was written (token, piece, probability, candidates), whether it ``ended``, and ``begin``,
the number of tokens after which stop texts count: where the prompt ends, or where *Go on* was pressed."""


def tokens_of(state: dict[str, Any], row: Row) -> list[int]:
    """The whole text, beginning included."""
    return [*state["prompt"], *(step["token"] for step in row["steps"])]


def places(state: dict[str, Any]) -> list[Any]:
    """A column for each text."""
    count = len(state["rows"])
    return st.columns(count, gap="medium") if count > 1 else [st.container()]


def explore(state: dict[str, Any], texts: Any, shades: Any) -> tuple[int, int] | None:
    """The texts as tokens to click, and below what their shades mean; the row and the place of the chosen
    token, if there is any."""
    chosen_row, chosen_place = state["look"] or _last(state)
    with shades:
        shade, cut = _shading()
    weights = None
    if shade == "Attention":
        with shades:
            weights = _attention(state, chosen_row, chosen_place)
    with texts:
        columns = places(state)
    for i, (place, row) in enumerate(zip(columns, state["rows"], strict=True)):
        with place:
            if row.get("score") is not None:  # the mean of log probabilities
                st.caption(f"{np.exp(row['score']):.1%} a token")
            clicked = _draw_tokens(
                state,
                row,
                f"tokens.{i}",
                cut=cut,
                shade=shade,
                selected=chosen_place if i == chosen_row else -1,
                weights=weights if i == chosen_row else None,
            )
        if clicked is not None and (i, clicked) != (chosen_row, chosen_place):
            state["look"] = (i, clicked)
            st.rerun()
    return (chosen_row, chosen_place) if chosen_place >= 0 else None


def _shading() -> tuple[str, bool]:
    """What the tokens' shades mean, and whether each token is underlined."""
    with st.container(horizontal=True, vertical_alignment="center"):
        shade = one_of(
            "Shade",
            ["Surprise", "Attention", "None"],
            "generation.shade",
            help="Surprise: darker, the less probable a token was. "
            "Attention: darker, the more the chosen token looked at it.",
            **KEEP,
        )
        cut = st.toggle(
            "Show tokens",
            key="generation.cut",
            help="Underline each token: how the tokenizer cuts the text.",
            **KEEP,
        )
    return shade, cut


def _last(state: dict[str, Any]) -> tuple[int, int]:
    return 0, len(state["prompt"]) + len(state["rows"][0]["steps"]) - 1


def _draw_tokens(
    state: dict[str, Any],
    row: Row,
    key: str,
    *,
    cut: bool,
    shade: str,
    selected: int,
    weights: np.ndarray | None,
) -> int | None:
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
        pieces[skip:],
        key,
        prompt=prompt - skip,
        selected=selected - skip,
        shades=shades[skip:],
        hints=hints[skip:],
        cut=cut,
        alt="The text as tokens; click one to see its alternatives",
    )
    return None if clicked is None else clicked + skip


def _hint(step: dict[str, Any]) -> str:
    if "candidates" not in step:
        return f"token {step['token']}"
    others = [c for c in step["candidates"] if c["token"] != step["token"]][:3]
    alternatives = ", ".join(f"{visible(c['piece'])} {c['probability']:.0%}" for c in others)
    return f"{step['probability']:.1%}" + (f"; alternatives: {alternatives}" if alternatives else "")


def status(state: dict[str, Any]) -> str:
    """How far the writing is, and what was left out."""
    written = max(len(row["steps"]) for row in state["rows"])
    words = [] if state["active"] else ["Click a word to see its alternatives"]
    words.append(f"{written} tokens written")
    tokens, seconds = state["spent"]
    if seconds > 0.3:  # less says nothing
        words.append(f"{tokens / seconds:.0f} tokens a second")
    if any("score" in row for row in state["rows"]):
        words.append("best first, by the mean probability of their tokens")
    longest = len(state["prompt"]) + written
    if longest > state["context"]:
        words.append(f"the network looks at the last {state['context']} tokens only")
    if len(state["rows"]) == 1 and state["rows"][0]["ended"]:
        words.append("the text has ended")
    if state["cut"]:
        words.append(f"of the beginning the last {settings().max_characters:,} characters were taken")
    if len(state["prompt"]) > SHOWN:
        words.append(f"the last {SHOWN} of its {len(state['prompt']):,} tokens are shown")
    return " · ".join(words)


def candidates(state: dict[str, Any], wanted: dict[str, Any], row_number: int, place: int) -> None:
    """The candidates for this place, with their probabilities under the sliders as they are now."""
    row = state["rows"][row_number]
    tokens = tokens_of(state, row)
    written = place >= len(state["prompt"])
    if place == 0:
        st.caption("The first token: nothing came before it.")
        return
    following = answer("next_token", model=state["model"], tokens=tokens[:place])
    if following is None:
        return
    if "error" in following:
        st.error(plain(following["error"]), icon=":material/error:")
        return
    how = Sampling.model_validate(wanted["how"])
    chances = distribution(following["logits"], how, np.array(tokens[:place]))
    pieces, rows = following["pieces"], []
    for token in [k for k in best(chances, 12) if k in pieces]:
        rows.append(
            {
                "token": token,
                "piece": pieces[token],
                "probability": float(chances[token]),
                "taken": token == tokens[place],
            }
        )
    piece = ([*state["pieces"], *(step["piece"] for step in row["steps"])])[place]
    possible = int((chances > 0).sum())
    st.markdown(
        f"**Alternatives to** `{_code(visible(piece))}` · {possible:,} of "
        f"{len(chances):,} tokens are possible with these settings; it has "
        f"{chances[tokens[place]]:.1%}"
    )
    chosen = candidate_bars(rows, f"candidates.{row_number}", "Take this one, and write on from here")
    if chosen is not None and chosen != tokens[place] and written:
        keep = place - len(state["prompt"])
        step = next(r for r in rows if r["token"] == chosen)
        row["steps"] = [*row["steps"][:keep], {k: step[k] for k in ("token", "piece", "probability")}]
        row["ended"], row["begin"] = False, place
        row.pop("score", None)
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
    tokens = tokens_of(state, state["rows"][row_number])[: place + 1]
    attention = answer("attention", model=state["model"], tokens=tokens)
    if attention is None or isinstance(attention, dict):
        if attention:
            st.error(plain(attention["error"]), icon=":material/error:")
        return None
    layers, heads, _ = attention.shape
    first, second = st.columns(2)
    layer = first.slider("Layer", 1, layers, layers, key="generation.layer", **KEEP)
    head = second.select_slider(
        "Head",
        ["mean", *range(1, heads + 1)],
        key="generation.head",
        **KEEP,
        help="Each head looks for something else; mean: all heads of the layer together.",
    )
    chosen = attention[layer - 1]
    weights: np.ndarray = chosen.mean(axis=0) if head == "mean" else chosen[int(head) - 1]
    # The first token collects what a head has no use for: without it the rest can be seen.
    return np.where(np.arange(len(weights)) == 0, 0, weights) if len(weights) > 2 else weights
