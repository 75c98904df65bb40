"""A table of one's own on the Build page: what is predicted, and from what."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.client import Visitor
from dlcore.datasets import DatasetError
from dlcore.datasets.own_columns import Input
from dlcore.datasets.own_table import OwnTable
from dlcore.datasets.own_table_plan import plan, target_kind, usual_target
from dlcore.uploads.classes import listed
from dlcore.uploads.columns import DECIMAL, Column, Kind
from dlcore.uploads.own_file import OwnFile
from pages.parts.build.own_columns import file_and_columns, kinds_of, tell
from pages.parts.build.own_upload import delete_button
from pages.parts.form import fill
from pages.parts.plain import plain
from pages.parts.widgets import KEEP


def table(prefix: str, who: Visitor) -> None:
    """Take a CSV file; it becomes the fields of an :class:`OwnTable` below ``prefix``."""
    if found := file_and_columns(prefix, OwnTable, who):
        _choose(prefix, *found)
    delete_button(prefix, OwnTable, who, "Delete this table")


def _choose(prefix: str, file: OwnFile, columns: list[Column]) -> None:
    upload = st.session_state[f"{prefix}.id"]
    known: tuple[Input, ...] = st.session_state.get(f"{prefix}.columns", ())
    before = known[0] if known else Input()
    key = f"{prefix}.choose.{upload}"
    shares = {name: st.session_state.get(f"{prefix}.{name}") for name in ("validation_share", "test_share")}
    try:
        usual = before.name if before.name in file.columns else usual_target(file, columns)[0]
        st.session_state.setdefault(f"{key}.target", usual)
        target = st.selectbox("Predict", list(file.columns), key=f"{key}.target", **KEEP)
        column = next(column for column in columns if column.name == target)
        kind = _kind(f"{key}.as.{target}", file, column, before)
        with st.expander("How the columns are read", icon=":material/table_chart:", expanded=True):
            kinds = kinds_of(prefix, columns, known, target)
            st.session_state.setdefault(f"{key}.drop", bool(st.session_state.get(f"{prefix}.drop")))
            drop = st.toggle(
                "Leave out rows with a missing number",
                key=f"{key}.drop",
                help="Otherwise such a number becomes the mean of the training part.",
                **KEEP,
            )
        dataset, notes = _planned(upload, file, target, kind, kinds, drop)
    except DatasetError as error:
        fill(prefix, OwnTable(id=upload))
        st.error(plain(error), icon=":material/error:")
    else:
        fill(prefix, dataset)
        what = f"{len(dataset.classes)} classes: {listed(dataset.classes)}" if dataset.classes else "a number"
        inputs = f"{len(dataset.inputs)} column{'s' if len(dataset.inputs) > 1 else ''}"
        tell(f"Predicts “{target}” ({what}) from {inputs}, {dataset.examples:,} rows", notes)
    for name, share in shares.items():
        if share is not None:
            st.session_state[f"{prefix}.{name}"] = share


@st.cache_resource(max_entries=50, show_spinner=False)
def _planned(
    upload: str, _file: OwnFile, target: str, kind: Kind, kinds: dict[str, Kind], drop: bool
) -> tuple[OwnTable, list[str]]:
    """The plan, made once: the page runs again at every move of a slider."""
    return plan(upload, _file, target, kind, kinds, drop)


def _kind(key: str, file: OwnFile, column: Column, before: Input) -> Kind:
    """Whether the target is a class or a number."""
    number: Kind = column.kind if column.kind in DECIMAL else "number"
    usual = before.kind if before.name == column.name else target_kind(file, column)
    st.session_state.setdefault(key, "classes" if usual == "category" else "a number")
    options: dict[str, Any] = {"classes": "category", "a number": number}
    chosen = st.segmented_control(
        "As",
        list(options),
        required=True,
        key=key,
        help="Classes are told apart (classification); a number is predicted as such (regression).",
        **KEEP,
    )
    return options[chosen]
