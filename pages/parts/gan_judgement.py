"""What a GAN's own discriminator thinks of the pictures its generator makes."""

from __future__ import annotations

import streamlit as st

from dlcore.models import ModelInfo
from dlcore.thumbnails import grid
from pages.parts.plain import plain
from pages.parts.waiting import answer


def judgement(model: ModelInfo) -> None:
    """Sixteen of the model's pictures, those first that its discriminator takes for real."""
    st.subheader(f"The discriminator of {plain(model.title)}", anchor=False)
    found = answer("discriminated", model=model.name, count=16, seed=1)
    if found is None:
        return
    if "error" in found:
        st.error(plain(found["error"]), icon=":material/error:")
        return
    words = "Sixteen pictures its generator has made, sorted by how real its own discriminator finds them."
    if found["probability"]:
        words += " The number is the probability that it gives to *real*."
    st.caption(words)
    form = "{:.0%} real" if found["probability"] else "{:+.1f}"
    st.html(grid(list(found["samples"]), [form.format(score) for score in found["scores"]], size=84))
