"""A network that can be downloaded: what it takes, the download, its progress and its end."""

from __future__ import annotations

import streamlit as st

from dlcore.client import client
from dlcore.models import ModelInfo
from pages.parts.plain import plain
from pages.parts.waiting import answer

UNDER_WAY = "classify.downloading"


def offer(info: ModelInfo) -> None:
    """Draw the way to get a network that is not here yet."""
    if st.session_state.get(UNDER_WAY) == info.name:
        _progress(info)
        return
    st.info(
        f"{info.card['bytes'] / 1e6:,.0f} MB to download, once; it will take "
        f"{4 * info.card['parameters'] / 1e6:,.0f} MB of memory.",
        icon=":material/download:",
    )
    if problem := st.session_state.get(_problem(info)):
        st.warning(plain(problem), icon=":material/cloud_off:")
    room = answer("network_room", name=info.name)
    if room is None:
        return
    if problem := room.get("problem") or room.get("error"):
        st.warning(plain(problem), icon=":material/memory:")
        return
    if st.button("Download", icon=":material/download:", key=f"classify.download.{info.name}"):
        st.session_state[UNDER_WAY] = info.name
        st.session_state.pop(_problem(info), None)
        st.rerun()


def _progress(info: ModelInfo) -> None:
    def stop() -> None:
        st.session_state.pop(UNDER_WAY, None)
        try:
            client().request("stop_network", name=info.name).result(20)
        except Exception as error:
            st.session_state[_problem(info)] = f"The download could not be stopped: {error}"

    def look() -> None:
        try:
            progress = client().request("fetch_network", name=info.name).result(20)
        except Exception as error:
            progress = {"error": f"The download failed: {error}"}
        if "total" not in progress:
            st.session_state.pop(UNDER_WAY, None)
            st.session_state[_problem(info)] = progress.get("error")
            st.rerun()
        share = min(1.0, progress["done"] / progress["total"]) if progress["total"] else 0.0
        total = progress["total"] or info.card["bytes"]
        st.progress(share, f"Downloading {progress['done'] / 1e6:,.0f} of {total / 1e6:,.0f} MB")

    st.fragment(look, run_every=0.5)()
    st.button("Stop", icon=":material/stop:", key=f"classify.download.stop.{info.name}", on_click=stop)


def _problem(info: ModelInfo) -> str:
    return f"classify.download.problem.{info.name}"
