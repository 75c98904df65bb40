"""How every kind of view is drawn: what a data set, a preview, a result or a card has to show."""

from __future__ import annotations

import streamlit as st

from pages.parts.views import classes, data, generated, numbers  # noqa: F401  # they say what they draw
from pages.parts.views.drawing import RENDERERS, View

__all__ = ["RENDERERS", "show_all"]


def show_all(views: list[View], key: str, name: str) -> None:
    """Draw views in two columns, in their order.

    ``key`` tells them from others on the page; ``name`` says what they show, so that figures are made once.
    """
    for start in range(0, len(views), 2):
        pair = views[start : start + 2]
        for i, (column, view) in enumerate(zip(st.columns(2, gap="medium"), pair, strict=False), start):
            with column:
                RENDERERS[view["kind"]](view | {"name": f"{name} {i}"}, f"{key}.{i}")
