"""A text as the tokens it is made of; each can be clicked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts.roving import ROVING

_component = st.components.v2.component(
    "studio_tokens",
    html='<div class="tokens" role="group"></div>',
    css="""
    .tokens { font: 1.06rem/1.75 var(--st-font); color: var(--st-text-color);
              white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
    .tokens span { padding: 1px 0; cursor: pointer; border-radius: 3px; }
    .tokens span:hover { outline: 1px solid var(--st-primary-color); }
    .tokens span:focus-visible { outline: 2px solid var(--st-primary-color); }
    .tokens span[aria-pressed="true"] { outline: 2px solid var(--st-primary-color); }
    .tokens .prompt { opacity: .62; }
    .tokens.cut span { box-shadow: inset 0 -2px 0 var(--st-border-color); margin-right: 2px; }
    """,
    js=ROVING + (Path(__file__).parent / "token_text.js").read_text(),
)


def token_text(
    pieces: list[str],
    key: str,
    *,
    prompt: int,
    selected: int,
    shades: list[float],
    hints: list[str],
    cut: bool,
    alt: str,
) -> int | None:
    """Draw tokens and return the place of the one that was just clicked, or None.

    Args:
        pieces: The text of each token.
        prompt: The number of tokens of the prompt.
        selected: The place of the token that is being looked at; -1: none.
        shades: How dark each is, from 0 to 1.
        hints: The tooltip of each.
        cut: Show where one token ends and the next begins.
    """
    rows: list[dict[str, Any]] = [
        {"text": piece, "shade": round(shade, 3), "hint": hint}
        for piece, shade, hint in zip(pieces, shades, hints, strict=True)
    ]
    component = _component(
        data={"rows": rows, "prompt": prompt, "selected": selected, "cut": cut, "alt": alt},
        key=key,
        on_clicked_change=lambda: None,
    )
    return component.clicked
