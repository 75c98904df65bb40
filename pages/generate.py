"""Generate: generative networks. Samples, and a room for each kind of network."""

from __future__ import annotations

import streamlit as st

from pages.parts.shell import enter, words_first

enter()
title, network, part = st.columns([2, 5, 4], gap="medium", vertical_alignment="bottom")
with title:
    st.title("Generate", anchor=False)

words_first()  # what takes time to import comes after
from dlcore.models import ModelInfo
from pages.parts.generate.generative_model import choose_model, nothing_yet
from pages.parts.visitor import visitor


def choose_part(info: ModelInfo) -> str:
    """Samples, or the room that fits the network; the address has it as ``show``."""
    room, name = info.recipe.architecture.room
    parts = {"samples": "Samples"} | ({room: name} if room else {})
    linked = st.query_params.get("show")
    if linked != st.session_state.get("generate.linked_show"):
        st.session_state["generate.linked_show"] = linked
        if linked:
            # Another kind of network has another room.
            st.session_state["generate.show"] = room if room and linked != "samples" else "samples"
    if st.session_state.get("generate.show") not in parts:
        was = st.session_state.get("generate.show", "samples")
        st.session_state["generate.show"] = room if room and was != "samples" else "samples"
    chosen: str = (
        st.segmented_control(
            "Part",
            list(parts),
            format_func=parts.__getitem__,
            required=True,
            key="generate.show",
            label_visibility="collapsed",
            persist_state="session",
        )
        or "samples"
    )
    st.session_state["generate.linked_show"] = chosen
    if st.query_params.get("show") != chosen:
        st.query_params["show"] = chosen
    return chosen


who = visitor()
with network:
    info = choose_model()
if info is None:
    nothing_yet()
    st.stop()
with part:
    shown = choose_part(info)
if shown != "gan":
    st.query_params.pop("run", None)  # the run that the GAN room watches
if shown == "samples":
    from pages.parts.generate.samples import samples

    samples(info)
elif shown == "latent":
    from pages.parts.generate.latent_room import latent_room

    latent_room(info)
elif shown == "gan":
    from pages.parts.generate.gan_room import gan_room

    gan_room(info, who)
else:
    from pages.parts.generate.diffusion_room import diffusion_room

    diffusion_room(info)
