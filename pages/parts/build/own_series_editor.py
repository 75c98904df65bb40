"""A series of one's own on the Build page: its time, what is predicted, and what is seen."""

from __future__ import annotations

import streamlit as st

from dlcore.client import Visitor
from dlcore.datasets import DatasetError
from dlcore.datasets.own_series import OwnSeries
from dlcore.datasets.own_series_plan import plan, usual_time
from dlcore.uploads.columns import DECIMAL, Column, Kind, categories
from dlcore.uploads.own_file import OwnFile
from pages.parts.build.own_columns import file_and_columns, kinds_of, tell
from pages.parts.build.own_upload import delete_button
from pages.parts.form import fill
from pages.parts.plain import plain
from pages.parts.widgets import KEEP

IN_ORDER = "the order of the rows"
SLIDERS = ("window", "horizon", "change", "own_scale", "together", "validation_share", "test_share")
"""Fields that have widgets of their own; a change of columns leaves them."""


def series(prefix: str, who: Visitor) -> None:
    """Take a CSV file; it becomes the fields of an :class:`OwnSeries` below ``prefix``."""
    if found := file_and_columns(prefix, OwnSeries, who):
        _choose(prefix, *found)
    delete_button(prefix, OwnSeries, who, "Delete this series")


def _choose(prefix: str, file: OwnFile, columns: list[Column]) -> None:
    upload = st.session_state[f"{prefix}.id"]
    known = st.session_state.get(f"{prefix}.columns", ())
    sliders = {name: st.session_state.get(f"{prefix}.{name}") for name in SLIDERS if known}
    key = f"{prefix}.choose.{upload}"
    time = _time(key, file, columns, st.session_state.get(f"{prefix}.time", ()) if known else None)
    numbers = [column.name for column in columns if column.kind in DECIMAL and column.name not in time]
    others = sorted((name for name in file.columns if name not in numbers), key=lambda name: name in time)
    usual = known[0].name if known else next(iter(numbers + others))
    st.session_state.setdefault(f"{key}.predict", usual)
    predict = st.selectbox("Predict", numbers + others, key=f"{key}.predict", **KEEP)
    member = _member(f"{key}.member", file, prefix)
    with st.expander("How the columns are read", icon=":material/table_chart:"):
        kinds = kinds_of(prefix, columns, known, predict)
    try:
        dataset, notes = _planned(upload, file, predict, kinds, time, member)
    except DatasetError as error:
        fill(prefix, OwnSeries(id=upload))
        st.error(plain(error), icon=":material/error:")
        return
    fill(prefix, dataset)
    for name, value in sliders.items():
        st.session_state[f"{prefix}.{name}"] = value
    seen = f" and sees {len(dataset.variables) - 1} more" if len(dataset.variables) > 1 else ""
    tell(f"Predicts “{predict}”{seen}, {dataset.count:,} moments", notes)
    if dataset.group and not member:
        st.rerun()  # now that there is a choice of series


@st.cache_resource(max_entries=50, show_spinner=False)
def _planned(
    upload: str, _file: OwnFile, predict: str, kinds: dict[str, Kind], time: tuple[str, ...], member: str
) -> tuple[OwnSeries, list[str]]:
    """The plan, made once: the page runs again at every move of a slider."""
    return plan(upload, _file, predict, kinds, time, member)


def _time(key: str, file: OwnFile, columns: list[Column], before: tuple[str, ...] | None) -> tuple[str, ...]:
    """The column of times, or those that hold its parts."""
    usual = usual_time(columns) if before is None else before
    joined = {" + ".join(names): names for names in {usual, usual_time(columns)} if len(names) > 1}
    options = {**joined, **{name: (name,) for name in file.columns}, IN_ORDER: ()}
    titles = {names: title for title, names in options.items()}
    st.session_state.setdefault(f"{key}.time", titles[usual])
    chosen = st.selectbox("Time", list(options), key=f"{key}.time", help="Rows are sorted by it.", **KEEP)
    return options[chosen]


def _member(key: str, file: OwnFile, prefix: str) -> str:
    """Which series it is, where the file holds several."""
    group = st.session_state.get(f"{prefix}.group", "")
    if not group:
        return ""
    st.session_state.setdefault(key, st.session_state[f"{prefix}.member"])
    chosen: str = st.selectbox(f"Series, by “{group}”", categories(file.columns[group]), key=key, **KEEP)
    return chosen
