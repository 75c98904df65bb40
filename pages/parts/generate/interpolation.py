"""From one picture to another in a straight line through the latent space."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from dlcore.charts import contact_sheet
from dlcore.models import ModelInfo
from pages.parts.generate.latent_state import State, examples_of, put, unanswered
from pages.parts.image_grid import image_grid
from pages.parts.request import request

FRAMES = 12


def _choice(key: str, i: int) -> None:
    st.session_state[key] = i


def interpolation(info: ModelInfo, state: State, label: str | None, now: np.ndarray) -> None:
    examples = examples_of(info)
    if examples is None:
        return
    encoded = request("encode", model=info.name, images=examples["examples"].tolist())
    if unanswered(encoded):
        return
    images = [*examples["examples"], now]
    at = _ends(info, images, [*examples["labels"], "point"])
    means = [*encoded["mean"].tolist(), state["z"]]
    conditions = [*(encoded["labels"] or [None] * len(examples["labels"])), label]
    (first, last), classes = [means[i] for i in at], [conditions[i] for i in at]
    strip = request(
        "interpolate",
        model=info.name,
        latents_a=first,
        latents_b=last,
        count=FRAMES,
        label=classes[0],
        to_label=classes[1],
    )
    if unanswered(strip):
        return
    way = np.linspace(first, last, FRAMES)

    def go(i: int) -> None:
        put(state, way[i])
        if info.recipe.conditional:  # the room shows one class at a time: that of the nearer end
            st.session_state["generate.condition"] = classes[2 * i >= FRAMES]

    changing = ", from one class to the other" if classes[0] != classes[1] else ""
    st.markdown(f"**Linear interpolation in the latent space**{changing}; click a frame to go there")
    image_grid(
        strip,
        f"generate.strip.{info.name}",
        selected=None,
        columns=FRAMES,
        alt=f"{FRAMES} pictures on the way",
        clicked=go,
    )
    _downloads(info, strip)


def _ends(info: ModelInfo, images: list[np.ndarray], labels: list[str]) -> list[int]:
    """Choose two of the images; their places."""
    chosen = []
    for column, (name, title, usual) in zip(
        st.columns(2, gap="large"), (("from", "From", 3), ("to", "To", 8)), strict=True
    ):
        key = f"generate.{name}"
        chosen.append(min(st.session_state.get(key, usual), len(images) - 1))
        with column:
            st.markdown(f"**{title}**")
            image_grid(
                images,
                f"{key}.{info.name}",
                selected=chosen[-1],
                columns=len(images),
                labels=labels,
                alt=f"{title} which picture",
                clicked=partial(_choice, key),
            )
    return chosen


def _downloads(info: ModelInfo, strip: np.ndarray) -> None:
    film = contact_sheet.gif(np.concatenate([strip, strip[-2:0:-1]]), 224, hold=0.1)
    sheet = contact_sheet.png(strip, 1400, FRAMES)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.image(film, alt="There and back as a film", width=120)
        for title, data, ending in (("Film as GIF", film, "gif"), ("Strip as PNG", sheet, "png")):
            st.download_button(
                title,
                data,
                f"{info.name}-way.{ending}",
                f"image/{ending}",
                on_click="ignore",
                icon=":material/download:",
                key=f"generate.way.{ending}",
            )
