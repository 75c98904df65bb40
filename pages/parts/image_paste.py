"""A picture from the clipboard: Ctrl+V anywhere on the page, or a button."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "studio_image_paste",
    html='<div class="paste"><button></button><span role="status" aria-live="polite"></span></div>',
    css="""
    .paste { font: .85rem var(--st-font); color: var(--st-text-color); display: flex; gap: .6rem;
             align-items: center; flex-wrap: wrap; }
    button { all: unset; cursor: pointer; border: 1px solid var(--st-border-color);
             border-radius: var(--st-button-radius, .5rem); padding: .35rem .8rem; }
    button:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
    button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
    span { opacity: .75; }
    """,
    js=(Path(__file__).parent / "image_paste.js").read_text(),
)


def image_paste(key: str, most_mb: int, pasted: Callable[[bytes], None]) -> None:
    """A button and, on the whole page, Ctrl+V; ``pasted`` is called with a file's bytes before the page is drawn anew.

    Larger files than ``most_mb`` are refused in the browser.
    """

    def changed() -> None:
        data = _bytes(st.session_state[key].get("image"))
        if data and len(data) <= most_mb * 2**20:
            pasted(data)

    _component(data={"most": most_mb}, key=key, on_image_change=changed)


def _bytes(address: object) -> bytes | None:
    """The content of a ``data:`` address of an image; None of anything else."""
    if not isinstance(address, str) or not address.startswith("data:image/"):
        return None
    try:
        return base64.b64decode(address.partition(",")[2], validate=True)
    except (binascii.Error, ValueError):
        return None
