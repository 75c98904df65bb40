"""Data of one's own on the Build page: a drawing in the plane, or uploaded pictures."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.client import Visitor, client
from dlcore.datasets import DatasetError
from dlcore.datasets.drawn import Drawn
from dlcore.datasets.uploaded import MIN_PICTURES, Uploaded, keep, unpacked
from dlcore.pictures import SUFFIXES
from dlcore.settings import settings
from pages.parts.form import KEEP, fill
from pages.parts.plain import plain
from pages.parts.plane_pad import plane_pad


def draw(prefix: str) -> None:
    """Draw points; they become the fields of a :class:`Drawn` below ``prefix`` in the session state."""
    usual = Drawn()
    strokes = {}
    for colour in ("orange", "blue"):
        points = st.session_state.setdefault(f"{prefix}.{colour}", getattr(usual, colour))
        strokes[colour] = [list(point) for point in points]

    def drawn(found: dict[str, Any]) -> None:
        for colour, points in found.items():
            st.session_state[f"{prefix}.{colour}"] = points

    st.markdown("**Draw your points** with mouse or finger. One colour is enough to generate.")
    plane_pad(strokes, f"{prefix}.pad", drawn)


def upload(prefix: str, who: Visitor) -> None:
    """Take pictures; they become the fields of an :class:`Uploaded` below ``prefix``."""
    st.markdown(
        f"**Choose at least {MIN_PICTURES} pictures**, or a zip with a folder for each class. "
        "Names like `cat_1.jpg` give classes too."
    )
    files = st.file_uploader(
        "Pictures or a zip",
        [*SUFFIXES, "zip"],
        accept_multiple_files=True,
        max_upload_size=settings().max_upload_mb,
        key=f"{prefix}.files",
        label_visibility="collapsed",
    )
    sides = {16: "16×16, quick", 28: "28×28", 32: "32×32, slower"}
    st.session_state.setdefault(f"{prefix}.look.side", 28)
    side = st.segmented_control(
        "Cut to",
        list(sides),
        format_func=sides.__getitem__,
        required=True,
        key=f"{prefix}.look.side",
        help="Small pictures train in minutes without a GPU.",
        **KEEP,
    )
    colour = st.toggle("In colour", key=f"{prefix}.look.colour", **KEEP)
    wanted = (tuple(file.file_id for file in files), side, colour)
    if files and st.session_state.get(f"{prefix}.made") != wanted:
        st.session_state[f"{prefix}.told"] = _take(files, side, colour, prefix, who)
        st.session_state[f"{prefix}.made"] = wanted
    problem, skipped = st.session_state.get(f"{prefix}.told") or ("", [])
    if problem and files:
        st.error(plain(problem), icon=":material/error:")
    elif count := st.session_state.get(f"{prefix}.examples"):
        classes = st.session_state[f"{prefix}.classes"]
        told = f"{len(classes)} classes: {plain(', '.join(classes))}" if len(classes) > 1 else "one class"
        st.success(f"{count} pictures in {told}", icon=":material/check:")
    if skipped and files:
        number = "1 file" if len(skipped) == 1 else f"{len(skipped)} files"
        with st.expander(f"{number} could not be used", icon=":material/warning:"):
            for line in skipped:
                st.text(line)


def _take(files: list[Any], side: Any, colour: bool, prefix: str, who: Visitor) -> tuple[str, list[str]]:
    """Keep the pictures; why they cannot be used, or which of them cannot."""
    bar = st.progress(0.0, "Reading the pictures…")

    def report(done: int, total: int) -> None:
        if done % 10 == 0 or done == total:
            bar.progress(done / total, f"Picture {done} of {total}")

    try:
        inside = unpacked([(file.name, file.getvalue()) for file in files])
        dataset, skipped = keep(inside, side, colour, report)
        client().store.claim_upload(dataset.id, who.id)
    except DatasetError as error:
        fill(prefix, Uploaded.model_validate({}))
        return str(error), []
    finally:
        bar.empty()
    fill(prefix, dataset)
    return "", skipped
