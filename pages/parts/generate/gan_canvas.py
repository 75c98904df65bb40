"""The plane on which a GAN of points is watched: a canvas of our own.

ECharts can draw points, arrows and a background, but does not let generated points glide to their next place.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

_component = st.components.v2.component(
    "studio_gan_canvas",
    html="""<div class="stage">
    <canvas role="img"></canvas>
    <div class="row">
    <button data-layer="real"><i class="blue"></i>real</button>
    <button data-layer="fake"><i class="orange"></i>generated</button>
    <button data-layer="ground"><i class="both"></i>what the discriminator predicts</button>
    <button data-layer="arrows"><i>→</i>where generated points will move</button>
    <a href="#" download="gan.png" aria-label="Save the plane as PNG">PNG</a>
    </div>
    <div class="under" role="status"></div>
    </div>""",
    css="""
    .stage { max-width: 540px; font: .8rem var(--st-font); color: var(--st-text-color); }
    canvas { display: block; width: 100%; aspect-ratio: 1; box-sizing: border-box;
             border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
             background: var(--st-background-color); }
    .row { display: flex; flex-wrap: wrap; gap: .15rem .8rem; margin-top: .35rem; align-items: center; }
    button { all: unset; cursor: pointer; display: inline-flex; align-items: center; gap: .3rem;
             padding: .15rem 0; }
    button[hidden] { display: none; }
    button[aria-pressed="false"] { opacity: .4; text-decoration: line-through; }
    button:focus-visible { outline: 2px solid var(--st-primary-color); }
    i { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%; font-style: normal;
        line-height: .7rem; }
    .blue { background: #0877bd; } .orange { background: #f59322; }
    .both { border-radius: 2px; background: linear-gradient(90deg, #f5932299, #0877bd99); }
    a { margin-left: auto; color: inherit; opacity: .6; cursor: pointer; text-decoration: none; }
    a:hover, a:focus-visible { opacity: 1; text-decoration: underline; }
    .under { min-height: 1.2rem; opacity: .75; }
    """,
    js=(Path(__file__).parent / "gan_canvas.js").read_text(),
)


def gan_canvas(scene: dict[str, Any], key: str, *, run: str, moment: str, alt: str) -> None:
    """Draw what :func:`dlcore.charts.gan_stage.stage` made.

    Generated points glide from one ``moment`` of the same ``run`` to the next.
    """
    _component(data=scene | {"alt": alt, "run": run, "moment": moment}, key=key)
