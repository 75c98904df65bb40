"""Small images in a grid; each can be clicked."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from math import ceil, sqrt
from pathlib import Path

import numpy as np
import streamlit as st

from dlcore.charts.thumbnails import png
from pages.parts.roving import ROVING

_component = st.components.v2.component(
    "studio_image_grid",
    html='<div class="images" role="group"></div>',
    css="""
    .images { display: grid; gap: 4px; align-items: start; }
    .images button { all: unset; box-sizing: border-box; cursor: pointer; text-align: center;
                       border: 2px solid transparent; border-radius: 6px; padding: 1px; min-width: 0; }
    .images button:hover { border-color: color-mix(in srgb, var(--st-primary-color) 45%, transparent); }
    .images button:focus-visible, .images button[aria-pressed="true"] {
        border-color: var(--st-primary-color); }
    .images button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
    .images img { display: block; width: 100%; aspect-ratio: 1; image-rendering: pixelated;
                    border-radius: 4px; }
    .images span { display: block; font: .75rem/1.3 var(--st-font); color: var(--st-text-color); opacity: .8;
                     overflow-wrap: anywhere; }
    """,
    js=ROVING + (Path(__file__).parent / "image_grid.js").read_text(),
)


def image_grid(
    images: Sequence[np.ndarray] | np.ndarray,
    key: str,
    *,
    selected: int | None,
    labels: list[str] | None = None,
    alt: str,
    clicked: Callable[[int], None],
    columns: int | None = None,
    width: int = 0,
) -> None:
    """Draw images, uint8 (n, height, width, 1 or 3).

    Args:
        clicked: Called with an image's number, before the page is drawn anew.
        selected: The one with a frame.
        labels: The text below each.
        columns: Images in a row; without it the grid is as square as can be.
        width: Of the whole at most, in CSS pixels; 0: all there is.
    """
    rows = [
        {
            "src": _address(image.tobytes(), image.shape),
            "label": labels[i] if labels else "",
            "hint": f"Picture {i + 1}" + (f": {labels[i]}" if labels else ""),
        }
        for i, image in enumerate(images)
    ]

    def noted() -> None:
        number = st.session_state[key].get("clicked")
        if isinstance(number, int) and 0 <= number < len(rows):
            clicked(number)

    _component(
        data={
            "images": rows,
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
    """An image as a data address, at its own size: the browser enlarges it."""
    array = np.frombuffer(pixels, "uint8").reshape(shape)
    return "data:image/png;base64," + base64.b64encode(png(array, shape[1])).decode()
