"""What drawing a view takes: who draws its kind, its title and its charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dlcore.charts import plots
from pages.parts.plain import plain

View = dict[str, Any]
Renderer = Callable[[View, str], None]
RENDERERS: dict[str, Renderer] = {}
"""By kind, what draws a view; the key tells it from others on the page."""


def draws(kind: str) -> Callable[[Renderer], Renderer]:
    def register(renderer: Renderer) -> Renderer:
        RENDERERS[kind] = renderer
        return renderer

    return register


def title(view: View, help: str | None = None) -> None:
    st.markdown(f"**{plain(view['title'])}**", help=help)


@st.cache_resource(max_entries=200, show_spinner=False)
def _figure(name: str, _make: Callable[[], View]) -> Any:
    """Plotly's figure of a name: Plotly takes longer to validate one than everything else on the page."""
    from plotly.graph_objects import Figure

    return Figure(_make())


def chart(view: View, key: str, alt: str, make: Callable[[], View], part: str = "") -> None:
    figure = _figure(f"{view['name']} {part}", make)
    st.plotly_chart(figure, config=plots.CONFIG, key=key + part, alt=alt)


def axis(view: View) -> str:
    """What a series is of, and its unit, which the name of a column may say already."""
    name, unit = view.get("of", "value"), view["unit"]  # results of earlier versions have no name
    said = f"{name[:40]} in {unit}" if unit and unit not in name else name[:40]
    return plots.plain(said)
