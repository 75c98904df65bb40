"""A small sheet to draw an image on, with mouse, pen or finger."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "studio_image_pad",
    html="""<div class="sheet">
    <canvas role="application" tabindex="0" width="280" height="280"></canvas>
    <div class="row"><button class="undo">Undo</button><button class="clear">Clear</button></div>
    </div>""",
    css="""
    .sheet { width: 284px; max-width: 100%; font: .8rem var(--st-font); color: var(--st-text-color); }
    canvas { display: block; width: 100%; aspect-ratio: 1; box-sizing: border-box; cursor: crosshair;
             touch-action: none; border: 2px dashed var(--st-primary-color);
             border-radius: var(--st-base-radius); }
    .row { display: flex; gap: .35rem; margin-top: .4rem; }
    button { all: unset; cursor: pointer; border: 1px solid var(--st-border-color);
             border-radius: var(--st-base-radius); padding: .2rem .6rem; }
    canvas:focus-visible, button:focus-visible { outline: 2px solid var(--st-primary-color); }
    """,
    js=(Path(__file__).parent / "image_pad.js").read_text(),
)


def image_pad(
    key: str, *, handwriting: bool, drawn: Callable[[bytes | None], None] | None = None
) -> bytes | None:
    """The sheet; what is on it as a PNG file, None while it is empty.

    Args:
        handwriting: Dark ink on white paper, as a photo of writing has it; else light on black.
        drawn: Called with the new PNG after every stroke, before the page is drawn anew.
    """

    key += ".paper" if handwriting else ".black"  # what is drawn on one is nothing on the other

    def changed() -> None:
        if drawn:
            drawn(_bytes(st.session_state[key].get("png")))

    ink, paper = ("#111", "#fff") if handwriting else ("#fff", "#000")
    component = _component(
        data={
            "ink": ink,
            "paper": paper,
            "alt": "A sheet to draw a picture on: arrow keys move the pen, Space puts it down or lifts it",
        },
        key=key,
        on_png_change=changed,
    )
    return _bytes(component.get("png"))


def _bytes(address: object) -> bytes | None:
    """The content of a ``data:`` address; None of anything else."""
    if not isinstance(address, str) or not address.startswith("data:image/png;base64,"):
        return None
    try:
        return base64.b64decode(address.partition(",")[2])
    except ValueError:
        return None
