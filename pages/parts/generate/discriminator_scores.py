"""How real a GAN's own discriminator finds the images its generator makes."""

from __future__ import annotations

import streamlit as st

from dlcore.charts.thumbnails import grid
from dlcore.models import ModelInfo
from pages.parts.plain import plain
from pages.parts.waiting import answer


def discriminator_scores(model: ModelInfo) -> None:
    """Sixteen generated images, those first that the discriminator finds most real."""
    st.subheader(f"The discriminator of {plain(model.title)}", anchor=False)
    scored = answer("discriminated", model=model.name, count=16, seed=1)
    if scored is None:
        return
    if "error" in scored:
        st.error(plain(scored["error"]), icon=":material/error:")
        return
    words = "Sixteen generated pictures, sorted by how real its own discriminator finds them."
    if scored["probability"]:
        words += " The number is the probability that it gives to *real*."
    st.caption(words)
    form = "{:.0%} real" if scored["probability"] else "{:+.1f}"
    st.html(grid(list(scored["samples"]), [form.format(score) for score in scored["scores"]], size=84))
