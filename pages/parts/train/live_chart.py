"""A chart for curves that grow while one looks: a small component around uPlot.

Streamlit's own charts were tried: `st.plotly_chart` is mounted anew on every tick of a fragment;
`st.echarts_chart` and `st.vega_lite_chart` keep their node but lose the zoom with every update.
uPlot 1.6.32 (MIT, 50 kB) is in ``vendor`` as published.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent
_component = st.components.v2.component(
    "studio_curve",
    html='<div class="curve"><div class="plot"></div><a href="#" download="curve.png" aria-label="Save the curve as PNG">PNG</a></div>',
    css=(HERE / "vendor" / "uPlot.min.css").read_text()
    + """
    .curve { position: relative; color: var(--st-text-color); }
    .uplot, .uplot * { font-family: var(--st-font); }
    .u-legend { font-size: .8rem; text-align: left; }
    .u-legend tr:first-child { opacity: .7; }
    .curve a { position: absolute; top: -1.7rem; right: 0; font-size: .75rem; opacity: .6;
               color: inherit; cursor: pointer; text-decoration: none; }
    .curve a:hover, .curve a:focus-visible { opacity: 1; text-decoration: underline; }
    """,
    js=(HERE / "vendor" / "uPlot.min.js").read_text() + (HERE / "live_chart.js").read_text(),
)


def live_chart(curve: dict[str, Any], key: str, alt: str) -> None:
    """Draw what :func:`dlcore.charts.curves.curve` made. Drag to zoom in, double-click to see all again."""
    _component(data=curve | {"alt": alt}, key=key)
