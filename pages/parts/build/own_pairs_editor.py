"""Pairs of one's own on the Build page: which column is read, and which is written."""

from __future__ import annotations

import streamlit as st

from dlcore.client import Visitor
from dlcore.datasets import DatasetError
from dlcore.datasets.own_pairs import MAX_PAIRS, MIN_PAIRS, OwnPairs
from dlcore.datasets.own_pairs_plan import plan
from pages.parts.build.own_columns import file_and_columns, tell
from pages.parts.build.own_upload import delete_button
from pages.parts.form import fill
from pages.parts.plain import plain
from pages.parts.widgets import KEEP

SLIDERS = ("tokens", "vocabulary", "source_length", "target_length", "validation_share", "test_share")
"""Fields that have widgets of their own; a change of columns leaves them."""


def pairs(prefix: str, who: Visitor) -> None:
    """Take a table; it becomes the fields of an :class:`OwnPairs` below ``prefix``."""
    st.markdown(
        f"**Choose a CSV or TSV file** with {MIN_PAIRS} to {MAX_PAIRS:,} pairs of texts in two columns."
    )
    if found := file_and_columns(prefix, OwnPairs, who):
        file, _ = found
        upload = st.session_state[f"{prefix}.id"]
        known = st.session_state.get(f"{prefix}.examples")
        sliders = {name: st.session_state.get(f"{prefix}.{name}") for name in SLIDERS if known}
        chosen = tuple(
            st.selectbox(
                title,
                list(file.columns),
                index=min(i, len(file.columns) - 1),
                key=f"{prefix}.{upload}.{i}",
                **KEEP,
            )
            for i, title in enumerate(("Read", "Write"))
        )
        try:
            dataset, notes = plan(upload, file, chosen)
        except DatasetError as error:
            fill(prefix, OwnPairs.model_validate({"id": upload}))
            st.error(plain(error), icon=":material/error:")
        else:
            fill(prefix, dataset)
            for name, value in sliders.items():
                st.session_state[f"{prefix}.{name}"] = value
            tell(f"{dataset.examples:,} pairs, “{chosen[0]}” to “{chosen[1]}”", notes)
    delete_button(prefix, OwnPairs, who, "Delete these pairs")
