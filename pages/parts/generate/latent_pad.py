"""Two latent dimensions as a plane to walk on, with the decoded image under the pointer."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from dlcore.charts.palette import CLASSES
from dlcore.charts.thumbnails import png

_component = st.components.v2.component(
    "studio_latent_pad",
    html="""
    <div class="pad">
      <div class="ground"><canvas class="plane" role="application" tabindex="0"></canvas>
        <div class="axes"></div></div>
      <div class="screen"><canvas role="img" aria-label="What the network makes of this place"></canvas><div class="place" role="status"></div>
        <figure class="given"><img alt="The picture you chose"><figcaption>your picture</figcaption></figure>
      </div>
      <div class="legend"></div>
    </div>
    """,
    css="""
    .pad { display: grid; grid-template-columns: minmax(0, 460px) minmax(0, 230px); gap: .4rem 1.2rem;
           font: .8rem var(--st-font); color: var(--st-text-color); }
    .pad.blind { grid-template-columns: minmax(0, 460px); }
    .pad.blind .screen canvas { display: none; }
    .plane { display: block; width: 100%; aspect-ratio: 1; cursor: crosshair; touch-action: none;
             border-radius: var(--st-base-radius); }
    .plane:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
    .screen canvas { display: block; width: 100%; aspect-ratio: 1; image-rendering: pixelated;
                     background: #000; border-radius: var(--st-base-radius); }
    .given { margin: .6rem 0 0; width: 60%; }
    .given:not(.there) { display: none; }
    .given img { display: block; width: 100%; image-rendering: pixelated; border-radius: 6px; }
    .axes, .place, figcaption { opacity: .75; margin-top: .3rem; font-variant-numeric: tabular-nums; }
    .legend { grid-column: 1 / -1; display: flex; flex-wrap: wrap; gap: .1rem .8rem; }
    .legend span { display: inline-flex; align-items: center; gap: .3rem; }
    .legend i { width: .6rem; height: .6rem; border-radius: 50%; }
    @media (max-width: 600px) {
        .pad { grid-template-columns: minmax(0, 1fr) 92px; gap: .4rem .6rem; }
    }
    """,
    js=(Path(__file__).parent / "latent_pad.js").read_text(),
)
Moved = Callable[[float, float, bool], None]


def latent_pad(
    plane: dict[str, Any],
    key: str,
    *,
    place: tuple[float, float],
    version: int,
    exact: list[tuple[float, float, np.ndarray]],
    pin: tuple[float, float] | None,
    given: np.ndarray | None,
    show: str,
    classes: tuple[str, ...],
    condition: int | None,
    axes: tuple[int, int],
    moved: Moved,
) -> None:
    """Draw the plane that the job ``latent_plane`` gave.

    Args:
        place: Where the marker is; the browser takes it over when ``version`` is another one.
        exact: Decoded images (x, y, pixels) to show at exactly these places.
        pin: Where a visitor's own image lies.
        given: That image.
        show: "both", "pictures" or "classes".
        condition: The class a class-conditional network is given, whose dots stand out; None without.
        axes: Which latent dimensions these are, from 0.
        moved: Called with x, y, and whether the marker was put there; if not, the pointer only rests there.
    """
    grid = plane["grid"]
    images = grid.ndim == 5

    def noted() -> None:
        at = st.session_state[key].get("at")
        if isinstance(at, list | tuple) and len(at) == 3:
            x, y = (float(value) for value in at[:2])
            if np.isfinite([x, y]).all():
                left, right, bottom, top = (1.2 * edge for edge in plane["extent"])
                moved(min(max(x, left), right), min(max(y, bottom), top), bool(at[2]))

    _component(
        key=key,
        data={
            "sheet": _sheet(grid) if images else None,
            "side": len(grid),
            "cell": list(grid.shape[2:4]) if images else [],
            "points": [
                [round(float(x), 2), round(float(y), 2), label]
                for (x, y), label in zip(plane["x"], plane["y"], strict=True)
            ],
            "colours": CLASSES,
            "classes": classes,
            "extent": plane["extent"],
            "place": place,
            "version": version,
            "exact": [[x, y, _address(png(pixels, 1))] for x, y, pixels in exact] if images else [],
            "pin": pin,
            "given": None if given is None else _address(png(given, 1)),
            "show": show,
            "condition": condition,
            "axes": f"→ latent dimension {axes[0] + 1} · ↑ latent dimension {axes[1] + 1}",
            "alt": "The latent plane: move over it, click, or use the arrow keys; the picture beside it "
            "is what the network makes of that place",
        },
        on_at_change=noted,
    )


@st.cache_data(max_entries=8, show_spinner=False)
def _sheet(grid: np.ndarray) -> str:
    """All images of the grid in one, its last row on top, as a data address."""
    rows, columns, height, width, channels = grid.shape
    sheet = grid[::-1].transpose(0, 2, 1, 3, 4).reshape(rows * height, columns * width, channels)
    file = io.BytesIO()
    image = Image.fromarray(sheet[..., 0] if channels == 1 else sheet)
    image.convert("RGB").save(file, "WEBP", lossless=True, method=2)
    return _address(file.getvalue(), "webp")


def _address(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64," + base64.b64encode(data).decode()
