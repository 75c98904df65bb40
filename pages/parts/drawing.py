"""SVG drawings of our own, with their tooltips: `st.html` would strip them."""

from __future__ import annotations

import streamlit as st

_component = st.components.v2.component(
    "studio_drawing",
    html='<div class="drawing"></div>',
    css="""
    .drawing { overflow-x: auto; text-align: center; color: var(--st-text-color);
               font-family: var(--st-font); }
    """,
    js="""
    export default ({ parentElement, data }) => {
        parentElement.querySelector(".drawing").innerHTML = data;
    };
    """,
)


def drawing(svg: str, key: str) -> None:
    """Show SVG text that dlcore made; it scrolls sideways where it is wider than its place."""
    _component(data=svg, key=key)
