"""What widgets of several pages share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import streamlit as st

KEEP: dict[str, Any] = {"persist_state": "session"}
"""The value is still there when a visitor comes back to the page."""


def one_of(label: str, options: Sequence[str], key: str, **how: Any) -> str:
    """One of the options, the first of them at first."""
    chosen: str = st.segmented_control(label, options, default=options[0], required=True, key=key, **how)
    return chosen


def seed_field(key: str, help: str, value: int | Literal["min"] = "min") -> int:
    return int(st.number_input("Seed", 0, 2**31 - 1, value, key=key, help=help, **KEEP))


def next_seed(key: str) -> None:
    """Another seed in that field."""
    st.session_state[key] = (st.session_state[key] + 1) % 2**31
