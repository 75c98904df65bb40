"""What a visitor controls where a network writes: the length, and clicks that are noted."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.settings import settings
from pages.parts.widgets import KEEP, next_seed


def length_field(key: str, help: str, low: int, high: int, value: int, step: int) -> int:
    most = min(high, settings().max_tokens)
    help = f"{help}: a token is a word or a part of one."
    return st.slider("Length", low, most, value, step, key=key, help=help, **KEEP)


def action(label: str, icon: str, part: str, what: str, *, again: bool = False, **how: Any) -> None:
    """A button; ``again``: with the next seed.

    A click is only noted: its callback would see the values of the run before.
    """

    def note() -> None:
        if again:
            next_seed(f"{part}.seed")
        st.session_state[f"{part}.do"] = what

    st.button(label, icon=f":material/{icon}:", on_click=note, **how)
