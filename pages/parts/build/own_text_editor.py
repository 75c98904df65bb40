"""A text file of one's own on the Build page."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dlcore.client import Visitor, client
from dlcore.datasets import DatasetError
from dlcore.datasets.own_text import LEAST, MOST, OwnText, keep_text
from dlcore.settings import settings
from dlcore.uploads.apart import File
from pages.parts.build.own_upload import delete_button, uploader_key
from pages.parts.plain import plain


def text(prefix: str, who: Visitor) -> None:
    """Take a text file; it becomes the fields of an :class:`OwnText` below ``prefix``."""
    st.markdown(
        f"**Choose a text file** of {LEAST:,} to {MOST:,} characters. It is cut by position: the network learns from "
        "its beginning and is tested on its end."
    )
    file = st.file_uploader(
        "A text file",
        ["txt", "md", "csv", "py", "tex", "html"],
        max_upload_size=settings().max_upload_mb,
        key=uploader_key(prefix),
        label_visibility="collapsed",
    )
    if file and st.session_state.get(f"{prefix}.taken") != file.file_id:
        st.session_state[f"{prefix}.report"] = _take(file, prefix, who)
        st.session_state[f"{prefix}.taken"] = file.file_id
    problem, notes = st.session_state.get(f"{prefix}.report", ("", []))
    if file and problem:
        st.error(plain(problem), icon=":material/error:")
    elif size := st.session_state.get(f"{prefix}.size"):
        different = st.session_state[f"{prefix}.alphabet"]
        st.success(f"{size:,} characters, {different:,} different ones", icon=":material/check:")
        if notes:
            st.warning("  \n".join(map(plain, notes)), icon=":material/info:")
    delete_button(prefix, OwnText, who, "Delete this text")


def _take(file: Any, prefix: str, who: Visitor) -> tuple[str, list[str]]:
    """Keep the text; why it cannot be used, and what was not taken as it is."""
    chosen = OwnText.model_validate({})
    problem, notes = "", list[str]()
    try:
        chosen, notes = keep_text(File(file.name, file.size, file.getvalue))
        client().store.claim_upload(chosen.id, who.id)
    except DatasetError as error:
        problem = str(error)
    for name in ("id", "size", "alphabet"):
        st.session_state[f"{prefix}.{name}"] = getattr(chosen, name)
    return problem, notes
