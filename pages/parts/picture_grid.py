"""Small pictures in a grid; each can be clicked."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from math import ceil, sqrt
from pathlib import Path

import numpy as np
import streamlit as st

from dlcore.thumbnails import png

_component = st.components.v2.component(
    "studio_pictures",
    html='<div class="pictures" role="group"></div>',
    css="""
    .pictures { display: grid; gap: 4px; align-items: start; }
    .pictures button { all: unset; box-sizing: border-box; cursor: pointer; text-align: center;
                       border: 2px solid transparent; border-radius: 6px; padding: 1px; min-width: 0; }
    .pictures button:hover { border-color: color-mix(in srgb, var(--st-primary-color) 45%, transparent); }
    .pictures button:focus-visible, .pictures button[aria-pressed="true"] {
        border-color: var(--st-primary-color); }
    .pictures button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
    .pictures img { display: block; width: 100%; aspect-ratio: 1; image-rendering: pixelated;
                    border-radius: 4px; }
    .pictures span { font: .75rem/1.2 var(--st-font); color: var(--st-text-color); opacity: .8;
                     overflow-wrap: anywhere; }
    """,
    js=(Path(__file__).parent / "picture_grid.js").read_text(),
)


def picture_grid(
    pictures: Sequence[np.ndarray] | np.ndarray,
    key: str,
    *,
    selected: int | None,
    labels: list[str] | None = None,
    alt: str,
    clicked: Callable[[int], None],
    columns: int | None = None,
    width: int = 0,
) -> None:
    """Draw pictures, uint8 (n, height, width, 1 or 3).

    Args:
        clicked: Called with a picture's number, before the page is drawn anew.
        selected: The one with a frame.
        labels: What stands below each.
        columns: Pictures in a row; without it the grid is as square as can be.
        width: Of the whole at most, in CSS pixels; 0: all there is.
    """
    rows = [
        {
            "src": _address(picture.tobytes(), picture.shape),
            "label": labels[i] if labels else "",
            "hint": f"Picture {i + 1}" + (f": {labels[i]}" if labels else ""),
        }
        for i, picture in enumerate(pictures)
    ]

    def noted() -> None:
        number = st.session_state[key].get("clicked")
        if isinstance(number, int) and 0 <= number < len(rows):
            clicked(number)

    _component(
        data={
            "pictures": rows,
            "selected": selected,
            "columns": columns or ceil(sqrt(len(rows))),
            "width": width,
            "alt": alt,
        },
        key=key,
        on_clicked_change=noted,
    )


@st.cache_data(max_entries=500, show_spinner=False)
def _address(pixels: bytes, shape: tuple[int, ...]) -> str:
    """A picture as a data address, at its own size: the browser enlarges it."""
    array = np.frombuffer(pixels, "uint8").reshape(shape)
    return "data:image/png;base64," + base64.b64encode(png(array, shape[1])).decode()
