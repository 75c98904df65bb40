"""A text field of several lines that answers as one types: `st.text_area` waits until one leaves it.

(`st.text_input` has ``live``, but shows one line only.)
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dlcore.settings import settings

PAUSE = 250
"""Milliseconds without a key after which the text is sent."""

_component = st.components.v2.component(
    "studio_live_text",
    html='<label><span class="label"></span><textarea dir="auto" spellcheck="false"></textarea></label>'
    '<div class="note" role="status"></div>',
    css="""
    label { display: block; font: .875rem var(--st-font); color: var(--st-text-color); }
    .label { display: block; margin-bottom: .3rem; }
    textarea { display: block; box-sizing: border-box; width: 100%; resize: vertical;
               font: 1rem/1.5 var(--st-font); color: var(--st-text-color);
               background: var(--st-secondary-background-color);
               border: 1px solid var(--st-widget-border-color, var(--st-border-color));
               border-radius: var(--st-base-radius); padding: .5rem .75rem;
               field-sizing: content; min-height: 4.2rem; max-height: 20rem; }
    textarea:focus { outline: none; border-color: var(--st-primary-color); }
    textarea::placeholder { color: inherit; opacity: .55; }
    .note { font: .8rem var(--st-font); color: var(--st-text-color); opacity: .75; }
    .note:not(:empty) { margin-top: .3rem; }
    """,
    js=(Path(__file__).parent / "live_text.js").read_text(),
)


def live_text(key: str, label: str, start: str, *, rows: int = 3, placeholder: str = "") -> str:
    """Draw the field and return its text, at most ``settings().max_characters``.

    Args:
        start: Its text at first.
        rows: Its height in lines; it grows with the text.
    """
    limit = settings().max_characters
    kept = st.session_state.setdefault(f"{key}.kept", {"text": start, "version": 0})

    def changed() -> None:
        text = st.session_state[key].get("text")
        if isinstance(text, str):
            kept["text"] = text[:limit]

    _component(
        key=key,
        data={
            "label": label,
            "value": kept["text"],
            "version": kept["version"],
            "rows": rows,
            "placeholder": placeholder,
            "limit": limit,
            "pause": PAUSE,
        },
        on_text_change=changed,
    )
    text: str = kept["text"]
    return text


def put_text(key: str, text: str) -> None:
    """Put another text into the field; before it is drawn, or in a callback."""
    kept = st.session_state.setdefault(f"{key}.kept", {"text": "", "version": 0})
    kept["text"], kept["version"] = text, kept["version"] + 1
