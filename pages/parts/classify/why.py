"""Why a network calls an image what it does: where it looked, what its layers see, and what is like it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlcore.charts import plots
from dlcore.charts.heat_map import METHODS, overlaid
from dlcore.charts.thumbnails import png
from dlcore.models import ModelInfo
from pages.parts.image_grid import image_grid
from pages.parts.plain import plain
from pages.parts.waiting import answer

WIDTH = 336
"""Pixels of an image beside another."""
WAYS = {
    "Where it looked": "A map of what counted for a class.",
    "Feature maps": "What each layer makes of the picture.",
    "Most alike": "Pictures for which the last layer has nearly the same values.",
}


def why(info: ModelInfo, image: bytes, as_seen: bool, result: dict[str, Any]) -> None:
    """The picture, how the network sees it, and one of the ways to look closer."""
    way = st.segmented_control(
        "Why?",
        list(WAYS),
        default="Where it looked",
        required=True,
        key="classify.why",
        help=" ".join(f"{name}: {about}" for name, about in WAYS.items()),
    )
    asked = {"model": info.name, "image": image, "as_seen": as_seen}
    if way == "Where it looked":
        _map(asked, info, result)
    elif way == "Feature maps":
        _feature_maps(asked, info)
    else:
        _alike(asked, info)


def _answer(job: str, **arguments: Any) -> dict[str, Any] | None:
    """The job's answer; None while it is on its way, or where an error has been shown."""
    result: dict[str, Any] | None = answer(job, **arguments)
    if result and "error" in result:
        st.info(plain(result["error"]), icon=":material/visibility_off:")
        return None
    return result


# -- where it looked -----------------------------------------------------------------------------------


def _map(asked: dict[str, Any], info: ModelInfo, result: dict[str, Any]) -> None:
    images = st.columns(3)
    images[0].image(result["picture"], caption="Your picture", alt="Your picture", width="stretch")
    side = info.recipe.dataset.input_shape[0]
    images[1].image(
        png(np.array(result["seen"]), WIDTH),
        caption=f"As the network sees it: {side}×{side}",
        alt="Your picture as the network sees it",
        width="stretch",
    )
    first, second = st.columns(2)
    method = first.selectbox(
        "Method",
        list(METHODS),
        format_func=lambda name: METHODS[name].title,
        key="classify.method",
        help="Each asks another question; the line below says which.",
    )
    labels = [entry["label"] for entry in result["labels"]]
    label = second.selectbox(
        "Class",
        labels,
        key=f"classify.class.{info.name}.{labels[0]}",
        help="Of the most probable ones: what speaks for it?",
    )
    opacity = first.slider(
        "Opacity", 0.0, 1.0, 0.6, 0.05, key="classify.opacity", help="How much of the map covers the picture."
    )
    about = METHODS[method]
    layer = ""
    if about.layered and (layers := st.session_state.get(f"classify.layers.{info.name}")):
        layer = second.select_slider(
            "Layer",
            layers,
            st.session_state[_layer(info)],
            key=f"{_layer(info)}.slider",
            help="Early layers see small patterns, late ones whole things.",
        )
    with images[2]:
        found = _answer("explain_image", **asked, label=label, method=method, layer=layer)
        if found:
            drawn = overlaid(found["seen"], found["map"], opacity, signed=about.signed)
            st.image(
                png(drawn, WIDTH),
                width="stretch",
                caption=f"{about.title}: {plain(label)}",
                alt=f"{about.title} for {label}, over the picture",
            )
            if about.layered and f"classify.layers.{info.name}" not in st.session_state:
                st.session_state[f"classify.layers.{info.name}"] = found["layers"]
                st.session_state[_layer(info)] = found["layer"]
                st.rerun()
    st.caption(about.read)


def _layer(info: ModelInfo) -> str:
    return f"classify.layer.{info.name}"


# -- what the layers see -------------------------------------------------------------------------------


def _feature_maps(asked: dict[str, Any], info: ModelInfo) -> None:
    key = f"classify.maps.{info.name}"
    found = _answer("feature_maps", **asked, layer=st.session_state.get(key, ""))
    if not found:
        return
    st.session_state.setdefault(key, found["layer"])
    layer = st.select_slider(
        "Layer", found["layers"], key=key, help="From the picture (left) to the answer (right)."
    )
    maps, channel = found["maps"], st.session_state.get("classify.channel", (layer, 0))
    number = channel[1] if channel[0] == layer and channel[1] < len(maps) else 0

    def choose(clicked: int) -> None:
        st.session_state["classify.channel"] = (layer, clicked)

    left, right = st.columns([3, 2])
    with left:
        image_grid(
            maps,
            f"classify.grid.{info.name}.{layer}",
            selected=number,
            alt="Feature maps: click one to see what excites it",
            clicked=choose,
            columns=8,
        )
        shown = f", the first {len(maps)} of them" if found["channels"] > len(maps) else ""
        height, width = maps.shape[1:3]
        st.caption(
            f"{found['channels']} channels of {height}×{width}{shown}. Bright: there the channel answers strongly. "
            "Each is as bright as can be: a faint one looks like a strong one."
        )
    with right:
        pair = st.columns(2)
        named = {f"Channel {number + 1}": maps} | (
            {"Its filter": found["filters"]} if "filters" in found else {}
        )
        for column, (words, images) in zip(pair, named.items(), strict=False):
            column.image(png(images[number], WIDTH), caption=words, alt=words, width="stretch")
        exciting = answer("most_exciting", model=info.name, layer=layer, channel=number)
        if exciting:
            st.markdown("**What excites it most**")
            _row(exciting)


# -- what is like it -----------------------------------------------------------------------------------


def _alike(asked: dict[str, Any], info: ModelInfo) -> None:
    found = _answer("neighbours", **asked)
    if not found:
        return
    _row(found["nearest"])
    st.caption(
        "The pictures whose values before the last layer are nearest. Near means: the same to this network. "
        + (
            ""
            if info.recipe.dataset.at_hand
            else "Its own data is not here: these are the pictures of it that ship."
        )
    )
    st.plotly_chart(
        plots.embedding(found["points"], found["labels"], found["here"]),
        config=plots.CONFIG,
        key="classify.embedding",
        alt="Pictures as points: the two directions in which their values differ most",
    )
    st.caption(
        "The same values in the two directions in which they differ most (PCA). Of hundreds of directions two "
        "are left: what lies together here may be far apart."
    )


def _row(images: list[dict[str, Any]]) -> None:
    with st.container(horizontal=True, gap="small"):
        for entry in images:
            st.image(entry["image"], caption=plain(entry["label"]), alt=entry["label"], width=84)
