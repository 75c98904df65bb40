"""The one line that a page shows where the run store cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from pages.parts.plain import plain


@contextmanager
def store_line(place: Any = st) -> Iterator[None]:
    """Around what reads the store, such as a part of a page that is drawn again by itself."""
    try:
        yield
    except RuntimeError as error:
        from dlcore.runs.database import StoreError

        if not isinstance(error, StoreError):
            raise
        place.error(plain(error), icon=":material/database_off:")


@contextmanager
def store_line_above() -> Iterator[None]:
    """Around a page: the line is above it, also where the page itself needs no store."""
    place = st.empty()
    with store_line(place):
        yield
        # What takes time to import comes after the page has been drawn.
        from dlcore.runs.store import open_store

        if problem := open_store().problem():
            place.error(plain(problem), icon=":material/database_off:")
