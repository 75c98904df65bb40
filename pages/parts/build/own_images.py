"""Images of one's own on the Build page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.client import Visitor, client
from dlcore.datasets import DatasetError
from dlcore.datasets.uploaded import SIDES, Uploaded, keep
from dlcore.decoding.images import SUFFIXES
from dlcore.settings import settings
from dlcore.uploads.apart import File
from dlcore.uploads.classes import listed
from dlcore.uploads.limits import MAX_IMAGES, MAX_TOTAL_MB, MIN_IMAGES
from pages.parts.build.own_upload import delete_button, empty_uploader, uploader_key
from pages.parts.form import fill
from pages.parts.plain import plain
from pages.parts.widgets import KEEP

SHOWN = 100
"""Lines about files that could not be used."""


def upload(prefix: str, who: Visitor) -> None:
    """Take images; they become the fields of an :class:`Uploaded` below ``prefix``."""
    st.markdown(
        f"**Choose {MIN_IMAGES} to {MAX_IMAGES:,} pictures**, or a zip with a folder for each class. "
        "One zip a class and names like `cat_1.jpg` give classes too."
    )
    files = st.file_uploader(
        "Pictures or a zip",
        [*SUFFIXES, "zip"],
        accept_multiple_files=True,
        max_upload_size=settings().max_upload_mb,
        key=uploader_key(prefix),
        label_visibility="collapsed",
    )
    sides = dict(zip(SIDES, map("{0}×{0}".format, SIDES), strict=True))
    st.session_state.setdefault(f"{prefix}.look.side", 28)
    side = st.segmented_control(
        "Cut to",
        list(sides),
        format_func=sides.__getitem__,
        required=True,
        key=f"{prefix}.look.side",
        help="Small pictures train in minutes without a GPU; photos of 128 or 224 are for a Transfer network.",
        **KEEP,
    )
    colour = st.toggle("In colour", key=f"{prefix}.look.colour", **KEEP)
    if files and sum(file.size for file in files) > MAX_TOTAL_MB * 2**20:
        _refuse(files, prefix)
    wanted = (tuple(file.file_id for file in files), side, colour)
    if files and st.session_state.get(f"{prefix}.taken") != wanted:
        st.session_state[f"{prefix}.report"] = _take(files, side, colour, prefix, who)
        st.session_state[f"{prefix}.taken"] = wanted
    report = st.session_state.get(f"{prefix}.report")
    if report and (files or st.session_state.get(f"{prefix}.taken") is None):
        problem, notes, unusable = report
        _tell(problem, notes, unusable, prefix)
    elif count := st.session_state.get(f"{prefix}.examples"):
        _tell_classes(count, st.session_state[f"{prefix}.classes"])
    delete_button(prefix, Uploaded, who, "Delete these pictures")


def _refuse(files: list[Any], prefix: str) -> None:
    """Free the memory that these files take at once, and empty the uploader."""
    empty_uploader(prefix, files)
    fill(prefix, Uploaded.model_validate({}))
    words = f"The files have more than {MAX_TOTAL_MB} MB together: choose fewer."
    st.session_state[f"{prefix}.report"] = (words, [], [])
    st.rerun()


def _tell(problem: str, notes: list[str], unusable: list[str], prefix: str) -> None:
    """What has become of the files: why they cannot be used, or what classes they gave and what was set aside."""
    if problem:
        st.error(plain(problem), icon=":material/error:")
        return
    _tell_classes(st.session_state[f"{prefix}.examples"], st.session_state[f"{prefix}.classes"])
    if notes:
        st.warning("  \n".join(map(plain, notes)), icon=":material/info:")
    if unusable:
        number = "1 file" if len(unusable) == 1 else f"{len(unusable):,} files"
        with st.expander(f"{number} could not be used", icon=":material/warning:"):
            st.text("\n".join(unusable[:SHOWN]))
            if len(unusable) > SHOWN:
                st.text(f"… and {len(unusable) - SHOWN:,} more")


def _tell_classes(count: int, classes: tuple[str, ...]) -> None:
    named = f"{len(classes)} classes: {listed(classes, 20)}" if len(classes) > 1 else "one class"
    st.success(plain(f"{count:,} pictures in {named}"), icon=":material/check:")


def _take(
    files: list[Any], side: Any, colour: bool, prefix: str, who: Visitor
) -> tuple[str, list[str], list[str]]:
    """Keep the images; why they cannot be used, what was set aside, and which files cannot be used."""
    bar = st.progress(0.0, "Reading the pictures…")

    def report(done: int, total: int) -> None:
        if not total:
            bar.progress(0.0, "Another visitor's pictures are read first…")
        elif done % 10 == 0 or done == total:
            bar.progress(min(done / total, 1.0), f"File {done:,} of {total:,}")

    try:
        kept = keep([File(file.name, file.size, file.getvalue) for file in files], side, colour, report)
        client().store.claim_upload(kept.dataset.id, who.id)
    except DatasetError as error:
        fill(prefix, Uploaded.model_validate({}))
        return str(error), [], []
    finally:
        bar.empty()
    fill(prefix, kept.dataset)
    return "", kept.notes, kept.unusable
