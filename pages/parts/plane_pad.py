"""A plane to draw points on, with mouse, pen or finger: a data set of one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from dlcore.datasets.drawn import MAX_POINTS

Points = list[list[float]]

_component = st.components.v2.component(
    "studio_plane_pad",
    html="""<div class="pad">
    <canvas role="application" tabindex="0"></canvas>
    <div class="row">
    <button data-name="orange"><i class="orange"></i>orange</button>
    <button data-name="blue"><i class="blue"></i>blue</button>
    <button class="undo">Undo</button><button class="clear">Clear</button>
    <span class="count" role="status"></span>
    </div>
    </div>""",
    css="""
    .pad { max-width: 540px; font: .8rem var(--st-font); color: var(--st-text-color); }
    canvas { display: block; width: 100%; aspect-ratio: 1; box-sizing: border-box; cursor: crosshair;
             touch-action: none; background: var(--st-background-color);
             border: 2px dashed var(--st-primary-color); border-radius: var(--st-base-radius); }
    .row { display: flex; flex-wrap: wrap; gap: .35rem; margin-top: .4rem; align-items: center; }
    button { all: unset; cursor: pointer; display: inline-flex; align-items: center; gap: .35rem;
             border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
             padding: .2rem .6rem; }
    button[hidden] { display: none; }
    button[aria-pressed="true"] { border-color: var(--st-primary-color); font-weight: 600; }
    canvas:focus-visible, button:focus-visible { outline: 2px solid var(--st-primary-color); }
    i { width: .7rem; height: .7rem; border-radius: 50%; }
    .blue { background: #0877bd; } .orange { background: #f59322; }
    .count { margin-left: auto; opacity: .75; }
    """,
    js=(Path(__file__).parent / "plane_pad.js").read_text(),
)


def plane_pad(
    strokes: dict[str, Points],
    key: str,
    drawn: Callable[[dict[str, Points]], None],
    *,
    looks: dict[str, str] | None = None,
) -> None:
    """A pad that begins with ``strokes``, the points of each colour ("orange", "blue").

    Args:
        drawn: Called with the points of each colour after every stroke, before the page is drawn anew.
        looks: In which colour the points of a colour are shown, where it is another.
    """

    def changed() -> None:
        changes = st.session_state[key].get("drawn")
        if isinstance(changes, dict):
            drawn({name: list(changes.get(name, []))[:MAX_POINTS] for name in strokes})

    _component(
        data={
            "strokes": strokes,
            "looks": {name: name for name in strokes} | (looks or {}),
            "most": MAX_POINTS,
            "alt": "A plane to draw points on: arrow keys move the pen, Space puts a point",
        },
        key=key,
        on_drawn_change=changed,
    )
