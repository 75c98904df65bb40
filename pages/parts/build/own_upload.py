"""What uploads of every kind share on the Build page: an uploader that can be emptied, and deleting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dlcore.client import Visitor, client
from dlcore.datasets import Dataset
from pages.parts.form import fill


def uploader_key(prefix: str) -> str:
    """The key of the uploader; another one where it has been emptied."""
    return f"{prefix}.files.{st.session_state.setdefault(f'{prefix}.emptied', 0)}"


def empty_uploader(prefix: str, files: Sequence[Any] = ()) -> None:
    """Free the memory that these files take at once, and forget what was uploaded."""
    if context := get_script_run_ctx():
        manager: Any = context.uploaded_file_mgr
        for file in files:
            manager.remove_file(context.session_id, file.file_id)
    st.session_state[f"{prefix}.taken"] = None
    st.session_state[f"{prefix}.emptied"] = st.session_state.get(f"{prefix}.emptied", 0) + 1


def delete_button(prefix: str, kind: type[Dataset], who: Visitor, label: str) -> None:
    """Where there is an upload: delete it with one click."""
    upload = st.session_state.get(f"{prefix}.id")
    if upload:
        st.button(
            label,
            icon=":material/delete:",
            key=f"{prefix}.delete",
            on_click=_delete,
            args=(prefix, kind, upload, who),
            help="At once and for good, unless somebody else uploaded the same. Trained networks stay.",
        )


def _delete(prefix: str, kind: type[Dataset], upload: str, who: Visitor) -> None:
    client().forget_upload(upload, who)
    st.cache_resource.clear()  # what was drawn or read of it
    empty_uploader(prefix)
    st.session_state.pop(f"{prefix}.report", None)
    fill(prefix, kind.model_validate({}))
