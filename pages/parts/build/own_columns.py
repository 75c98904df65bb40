"""A CSV file on the Build page: uploaded or found again, and how its columns are read, which can be changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from dlcore.client import Visitor, client
from dlcore.datasets import Dataset, DatasetError
from dlcore.datasets.own_columns import Input, opened
from dlcore.settings import settings
from dlcore.uploads.apart import File
from dlcore.uploads.columns import KINDS, Column, Kind, recognise
from dlcore.uploads.limits import UploadError
from dlcore.uploads.own_file import OwnFile, keep_file
from pages.parts.build.own_upload import uploader_key
from pages.parts.form import fill
from pages.parts.plain import plain

Keep = Callable[[File, bool | None], tuple[str, OwnFile]]
"""Reads a file, of which it may be said whether its first line names the columns, and keeps it; its id and content."""
CSV = "Separated by commas, semicolons or tabs. From Excel: save as CSV."


@st.cache_resource(max_entries=8, show_spinner=False)
def _opened(upload: str) -> OwnFile:
    return opened(upload)


@st.cache_resource(max_entries=8, show_spinner=False)
def _columns(upload: str) -> list[Column]:
    file = _opened(upload)
    return recognise(file.columns, file.delimiter)


def file_and_columns(prefix: str, kind: type[Dataset], who: Visitor) -> tuple[OwnFile, list[Column]] | None:
    """Take a file; what is in it, or in the one that was taken before. None where there is none."""
    file = own_file(prefix, kind, who, "A CSV file", ("csv", "tsv", "txt"), CSV, keep_file)
    return (file, _columns(st.session_state[f"{prefix}.id"])) if file else None


def own_file(
    prefix: str, kind: type[Dataset], who: Visitor, label: str, endings: Sequence[str], help: str, keep: Keep
) -> OwnFile | None:
    """The same without a look at the columns."""
    chosen = st.file_uploader(
        label, list(endings), max_upload_size=settings().max_upload_mb, key=uploader_key(prefix), help=help
    )
    if chosen:
        named = f"{prefix}.header.{chosen.file_id}"
        wanted = (chosen.file_id, st.session_state.get(named))
        if st.session_state.get(f"{prefix}.taken") != wanted:
            header, problem = _take(chosen, wanted[1], prefix, kind, who, keep)
            st.session_state[f"{prefix}.report"] = problem
            st.session_state[named] = header
            st.session_state[f"{prefix}.taken"] = (chosen.file_id, header)
        if report := st.session_state.get(f"{prefix}.report"):
            st.error(plain(report), icon=":material/error:")
            return None
    upload = st.session_state.get(f"{prefix}.id")
    if not upload:
        return None
    try:
        file = _opened(upload)
    except DatasetError as error:
        st.error(plain(error), icon=":material/error:")
        return None
    rows = "1 row" if file.rows == 1 else f"{file.rows:,} rows"
    columns = "1 column" if len(file.columns) == 1 else f"{len(file.columns)} columns"
    st.caption(plain(f"{rows}, {columns}. {' '.join([file.assumed, *file.notes])}"))
    if chosen and file.from_lines:
        st.toggle("The first line names the columns", key=named)
    return file


def _take(
    chosen: Any, header: bool | None, prefix: str, kind: type[Dataset], who: Visitor, keep: Keep
) -> tuple[bool | None, str]:
    """Keep the file; whether its first line names the columns, and why it cannot be used."""
    fill(prefix, kind.model_validate({}))
    try:
        with st.spinner("Reading the file…"):
            upload, file = keep(File(chosen.name, chosen.size, chosen.getvalue), header)
    except UploadError as error:
        return header, str(error)
    client().store.claim_upload(upload, who.id)
    st.session_state[f"{prefix}.id"] = upload
    return file.header, ""


def kinds_of(prefix: str, columns: Sequence[Column], inputs: Sequence[Input], target: str) -> dict[str, Kind]:
    """A small table of how the columns are read, in which that can be changed."""
    key = f"{prefix}.kinds.{st.session_state[f'{prefix}.id']}"
    if key not in st.session_state:
        chosen = {one.name: one.kind for one in inputs}
        rows = []
        for column in columns:
            kept = not inputs or column.name in chosen or column.name == target
            kind = chosen.get(column.name, column.kind) if kept else "left out"
            rows.append({"Column": column.name, "Read as": KINDS[kind], "Holds": column.about})
        st.session_state[f"{key}.rows"] = pd.DataFrame(rows)
    edited = st.data_editor(
        st.session_state[f"{key}.rows"],
        key=key,
        hide_index=True,
        disabled=["Column", "Holds"],
        height=min(38 + 35 * len(columns), 320),
        column_config={
            "Read as": st.column_config.SelectboxColumn(
                options=[*KINDS.values()], required=True, width=110, help="Change what was assumed."
            )
        },
    )
    names = {title: kind for kind, title in KINDS.items()}
    return {row["Column"]: names[row["Read as"]] for row in edited.to_dict("records")}


def tell(summary: str, notes: Sequence[str]) -> None:
    """What has become of the file, and what was assumed on the way."""
    st.success(plain(summary), icon=":material/check:")
    if notes:
        st.info("  \n".join(map(plain, notes)), icon=":material/info:")
