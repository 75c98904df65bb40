"""Texts of one's own on the Build page: a CSV file, of which two columns are chosen, or a zip of folders."""

from __future__ import annotations

import streamlit as st

from dlcore.client import Visitor
from dlcore.datasets import DatasetError
from dlcore.datasets.own_texts import OwnTexts, plan, usual_columns
from dlcore.uploads.classes import listed
from dlcore.uploads.own_file import OwnFile
from dlcore.uploads.text_zip import keep_texts
from pages.parts.build.own_columns import own_file, tell
from pages.parts.build.own_upload import delete_button
from pages.parts.plain import plain
from pages.parts.widgets import KEEP

ABOUT = (
    "A CSV file with a text and a label in each row, or a zip with a folder of .txt files for each label. "
    "From Excel: save as CSV."
)


def texts(prefix: str, who: Visitor) -> None:
    """Take texts with labels; they become the fields of an :class:`OwnTexts` below ``prefix``."""
    endings = ("csv", "tsv", "txt", "zip")
    if file := own_file(prefix, OwnTexts, who, "A CSV file or a zip", endings, ABOUT, keep_texts):
        _choose(prefix, file)
    delete_button(prefix, OwnTexts, who, "Delete these texts")


def _choose(prefix: str, file: OwnFile) -> None:
    upload = st.session_state[f"{prefix}.id"]
    names = list(file.columns)
    try:
        usual = usual_columns(file)
        chosen = []
        for field, title, name, place in zip(
            ("text", "label"), ("Texts", "Labels"), usual, st.columns(2), strict=True
        ):
            before = st.session_state.get(f"{prefix}.{field}")
            key = f"{prefix}.choose.{upload}.{field}"
            st.session_state.setdefault(key, before if before in names else name)
            chosen.append(place.selectbox(title, names, key=key, **KEEP))
        dataset, notes = plan(upload, file, *chosen)
    except DatasetError as error:
        st.session_state[f"{prefix}.examples"] = 0
        st.error(plain(error), icon=":material/error:")
        return
    for field in ("text", "label", "classes", "examples"):
        st.session_state[f"{prefix}.{field}"] = getattr(dataset, field)
    classes = f"{len(dataset.classes)} labels: {listed(dataset.classes, 10)}"
    tell(f"{dataset.examples:,} texts with {classes}", notes)
