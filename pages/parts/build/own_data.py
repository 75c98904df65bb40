"""Data of one's own on the Build page: what a visitor makes it with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dlcore.client import Visitor
from dlcore.datasets.drawn import Drawn
from pages.parts.build.own_images import upload
from pages.parts.build.own_pairs_editor import pairs
from pages.parts.build.own_series_editor import series
from pages.parts.build.own_table_editor import table
from pages.parts.build.own_text_editor import text
from pages.parts.build.own_texts_editor import texts
from pages.parts.plane_pad import plane_pad


def draw(prefix: str, who: Visitor) -> None:
    """Draw points; they become the fields of a :class:`Drawn` below ``prefix`` in the session state."""
    usual = Drawn()
    strokes = {}
    for colour in ("orange", "blue"):
        points = st.session_state.setdefault(f"{prefix}.{colour}", getattr(usual, colour))
        strokes[colour] = [list(point) for point in points]

    def drawn(strokes: dict[str, Any]) -> None:
        for colour, points in strokes.items():
            st.session_state[f"{prefix}.{colour}"] = points

    st.markdown("**Draw your points** with mouse or finger. One colour is enough to generate.")
    plane_pad(strokes, f"{prefix}.pad", drawn)


EDITORS: dict[str, Callable[[str, Visitor], None]] = {
    "plane": draw,
    "images": upload,
    "table": table,
    "series": series,
    "text": text,
    "pairs": pairs,
    "texts": texts,
}
"""By what a data set calls its editor."""
