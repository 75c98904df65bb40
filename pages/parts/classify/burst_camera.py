"""A camera that takes a burst of pictures while its button is held."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Any

import streamlit as st

JPEG = "data:image/jpeg;base64,"

_component = st.components.v2.component(
    "studio_burst_camera",
    html="""<div class="camera"><video autoplay muted playsinline aria-label="What the camera sees"></video>
    <button disabled>Take a picture; hold for a burst <span class="count"></span></button>
    <div class="message" role="status"></div></div>""",
    css="""
    .camera { max-width: 320px; font: .85rem var(--st-font); color: var(--st-text-color); }
    video { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; background: #222;
            border-radius: var(--st-base-radius); }
    button { all: unset; box-sizing: border-box; width: 100%; margin-top: .4rem; padding: .4rem .6rem; cursor: pointer;
             text-align: center; touch-action: none; user-select: none; border: 1px solid var(--st-border-color);
             border-radius: var(--st-base-radius); }
    button:disabled { opacity: .5; cursor: default; }
    button:active { background: var(--st-primary-color); color: #fff; }
    button:focus-visible { outline: 2px solid var(--st-primary-color); }
    """,
    js=Path(__file__).with_suffix(".js").read_text(),
)


def burst_camera(key: str, most: int) -> list[bytes]:
    """The pictures just taken, as JPEG files, at most ``most``; empty while none are."""
    taken: Any = _component(data={"most": most}, key=key, on_pictures_change=lambda: None).get("pictures")
    return [data for picture in (taken or [])[:most] if (data := _bytes(picture))]


def _bytes(address: object) -> bytes:
    """The content of a ``data:`` address; empty of anything else."""
    if not isinstance(address, str) or not address.startswith(JPEG):
        return b""
    try:
        return base64.b64decode(address.removeprefix(JPEG))
    except binascii.Error:
        return b""
