"""Frames one after the other, to be played or walked through with a slider, without the engine."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import numpy as np
import streamlit as st

from dlcore.charts.thumbnails import png

SMALL = 96
"""Images up to this side are shown with all their pixels as squares."""

_component = st.components.v2.component(
    "studio_film",
    html="""<div class="film">
    <div class="large"></div>
    <div class="bar"><button class="play">▶ Play</button><input type="range" min="0" step="1"></div>
    <div class="caption" role="status"></div>
    <svg viewBox="0 0 300 72" role="presentation"></svg><div class="wide"></div>
    <div class="strip"></div>
    </div>""",
    css="""
    .film { font: .85rem var(--st-font); color: var(--st-text-color); }
    .large { display: flex; flex-wrap: wrap; gap: .8rem; }
    figure { margin: 0; flex: 1 1 7rem; max-width: 13rem; }
    figcaption { opacity: .75; font-size: .8rem; margin-top: .2rem; }
    img { display: block; width: 100%; image-rendering: pixelated; border-radius: 4px; }
    .smooth img { image-rendering: auto; }
    .bar { display: flex; gap: .8rem; align-items: center; margin: .5rem 0 .2rem; }
    .bar input { flex: 1; min-width: 0; accent-color: var(--st-primary-color); }
    .play { all: unset; cursor: pointer; border: 1px solid var(--st-border-color); min-width: 4.2rem;
            text-align: center; border-radius: var(--st-base-radius); padding: .3rem .5rem; }
    .play:hover { border-color: var(--st-primary-color); }
    .play:focus-visible { outline: 2px solid var(--st-primary-color); }
    .caption { min-height: 1.3rem; }
    svg { display: block; width: 100%; max-width: 27rem; margin-top: .4rem; }
    svg[hidden] { display: none; }
    svg line { stroke: var(--st-border-color); }
    svg polyline { fill: none; stroke: var(--st-primary-color); stroke-width: 2; }
    svg circle { fill: var(--st-primary-color); stroke: var(--st-background-color); stroke-width: 1.5; }
    .wide { opacity: .75; font-size: .8rem; }
    .strip { display: flex; gap: 3px; overflow-x: auto; margin-top: .5rem; padding: 2px; }
    .strip button { all: unset; cursor: pointer; flex: 1 0 2.4rem; max-width: 4rem; padding: 2px;
                    border: 2px solid transparent; border-radius: 6px; }
    .strip button[aria-pressed="true"] { border-color: var(--st-primary-color); }
    .strip button:focus-visible { outline: 2px solid var(--st-primary-color); }
    .strip img + img { margin-top: 3px; }
    """,
    js=(Path(__file__).parent / "film_player.js").read_text(),
)


def film_player(
    rows: dict[str, np.ndarray],
    captions: list[str],
    key: str,
    *,
    label: str,
    start: int = 0,
    share: list[float] | None = None,
    about: str = "",
    strip: bool = False,
    keep: bool = False,
) -> None:
    """Draw a player.

    Args:
        rows: Films that run side by side, by name: uint8 (frames, height, width, 1 or 3).
        captions: A line for each frame.
        label: What the slider is called.
        start: The frame it begins with.
        share: A number from 0 to 1 for each frame, drawn as a curve; ``about`` is the text below it.
        strip: Show all frames in small below each other's.
        keep: Another film begins at the frame where the one before was.
    """
    digest = hashlib.sha256()
    for film in rows.values():
        digest.update(film.tobytes())
    _component(
        key=key,
        data={
            "rows": [
                {"name": name, "frames": [_address(frame) for frame in film]} for name, film in rows.items()
            ],
            "captions": captions,
            "film": digest.hexdigest()[:16],
            "label": label,
            "start": start,
            "share": share or [],
            "about": about,
            "strip": strip,
            "keep": keep,
            "smooth": max(max(film.shape[1:3]) for film in rows.values()) > SMALL,
        },
    )


def _address(image: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(png(image, image.shape[1])).decode()
