"""The latent room of a VAE: its latent vector on a plane and as sliders, and what to do with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlcore.charts import learned
from dlcore.models import ModelInfo
from dlcore.recipe import Recipe
from pages.parts.generate.latent_pad import latent_pad
from pages.parts.generate.latent_picture import encode_request
from pages.parts.generate.latent_state import State, put
from pages.parts.generate.latent_tools import tools
from pages.parts.plain import plain
from pages.parts.request import request
from pages.parts.widgets import KEEP, one_of

SLIDERS = 16
REACH = 5.0
"""Sliders go to ±REACH; an image's own latent vector may lie beyond."""
UNCONDITIONAL = Recipe.parse({"dataset": "digits", "architecture": {"kind": "vae"}})


def latent_room(info: ModelInfo) -> None:
    """Draw the room. A step on the plane draws it anew and nothing else of the page."""
    st.fragment(_room)(info)


def _room(info: ModelInfo) -> None:
    state = _state(info)
    ready = encode_request(info, state)  # first: it also chooses the class
    left, right = st.columns([8, 4], gap="large")
    with right:
        sliders = st.container()
        label, axes, show = _choices(info, state)
    with left:
        if not ready:
            return
        decoded = _decoded(info, state, label, axes)
        if decoded is None or (axes and not _plane(info, state, label, axes, show, decoded)):
            return
    with sliders:
        _sliders(info, state)
    with right:
        if info.recipe.dataset.planar:
            _dot(info, decoded[0])
    if info.recipe.dataset.images:
        tools(info, state, label, decoded[0])


def _state(info: ModelInfo) -> State:
    """What this session has done with this model."""
    state: State = st.session_state.get("generate.latent", {})
    dim = _dim(info)
    if state.get("model") != (info.name, info.version):
        state = {
            "model": (info.name, info.version),
            "z": [0.0] * dim,
            "version": 0,
            "look": None,
            "input": None,
            "request": None,
            "problem": "",
        }
        st.session_state["generate.latent"] = state
    return state


def _dim(info: ModelInfo) -> int:
    architecture: Any = info.recipe.architecture
    dim: int = architecture.latent_dim
    return dim


def _choices(info: ModelInfo, state: State) -> tuple[str | None, tuple[int, int] | None, str]:
    """Beside the plane: the class, the two latent dimensions it shows, and what is drawn on it."""
    label, axes, show, dim = None, None, "classes", _dim(info)
    classes = info.recipe.dataset.classes

    def turned() -> None:
        state["version"] += 1
        state["look"] = None

    with st.container(horizontal=True, vertical_alignment="bottom"):
        if info.recipe.dataset.images and dim > 1:
            show = one_of(
                "On the plane",
                ["both", "pictures", "classes"],
                "generate.plane",
                format_func=str.capitalize,
                help="What is decoded at each place, and where test pictures of each class lie.",
            )
        if info.recipe.conditional:
            if st.session_state.get("generate.condition") not in classes:
                st.session_state["generate.condition"] = classes[0]
            label = st.selectbox(
                "Class",
                classes,
                key="generate.condition",
                width=160,
                help="This network is class-conditional: the class is given, the latent vector says the rest.",
                **KEEP,
            )
        if dim > 2:
            chosen = []
            for key, title, usual in (("across", "Across", 0), ("up", "Up", 1)):
                if st.session_state.get(f"generate.{key}", dim) not in range(dim):
                    st.session_state[f"generate.{key}"] = usual
                chosen.append(
                    st.selectbox(
                        title,
                        range(dim),
                        format_func=lambda i: f"dimension {i + 1}",
                        width=140,
                        key=f"generate.{key}",
                        on_change=turned,
                        **KEEP,
                    )
                )
            axes = (chosen[0], chosen[1])
        elif dim == 2:
            axes = (0, 1)
    return label, axes, show


def _decoded(
    info: ModelInfo, state: State, label: str | None, axes: tuple[int, int] | None
) -> np.ndarray | None:
    """The latent vector decoded, and the place under the pointer: (1 or 2, …)."""
    rows = [list(state["z"])]
    if state["look"] and axes:
        rows.append(list(state["z"]))
        for axis, value in zip(axes, state["look"], strict=True):
            rows[1][axis] = value
    decoded: Any = request("decode", model=info.name, latents=rows, label=label)
    if isinstance(decoded, dict):
        st.error(plain(decoded["error"]), icon=":material/error:")
        return None
    return decoded


def _plane(
    info: ModelInfo, state: State, label: str | None, axes: tuple[int, int], show: str, decoded: np.ndarray
) -> bool:
    """The pad; whether there is one."""
    others = None
    if _dim(info) > 2:
        others = [0.0 if i in axes else value for i, value in enumerate(state["z"])]
    plane = request("latent_plane", model=info.name, axes=axes, label=label, others=others)
    if plane is None or "error" in plane:
        if plane:
            st.error(plain(plane["error"]), icon=":material/error:")
        return False

    def moved(x: float, y: float, put_there: bool) -> None:
        if put_there:
            state["z"][axes[0]], state["z"][axes[1]], state["look"] = x, y, None
        else:
            state["look"] = (x, y)

    def on_axes(z: Any) -> tuple[float, float]:
        return float(z[axes[0]]), float(z[axes[1]])

    classes = info.recipe.dataset.classes
    places = [on_axes(state["z"]), *([state["look"]] if state["look"] else [])]
    latent_pad(
        plane,
        f"generate.pad.{info.name}",
        place=places[0],
        version=state["version"],
        exact=[(*place, pixels) for place, pixels in zip(places, decoded, strict=False)],
        pin=on_axes(state["input"]["mean"]) if state["input"] else None,
        given=state["input"]["seen"] if state["input"] else None,
        show=show,
        classes=classes,
        condition=None if label is None else classes.index(label),
        axes=axes,
        moved=moved,
    )
    st.caption(
        f"Move over the plane: the picture beside it follows. Click to stay there. Dots are "
        f"{plane['data']}" + (f", the bright ones of class {plain(label)}." if label else ".")
    )
    if label:
        st.caption(
            "This network is class-conditional, so its latent vector need not say the class. An unconditional "
            "one sorts the classes on its plane by itself."
        )
        st.page_link(
            "pages/build.py",
            icon=":material/tune:",
            label="Train one in half a minute",
            query_params={"recipe": UNCONDITIONAL.link()},
        )
    return True


def _sliders(info: ModelInfo, state: State) -> None:
    """One for each latent dimension, in step with the pad."""
    dim = _dim(info)
    st.markdown(
        f"**{dim} latent dimension{'s' if dim > 1 else ''}**",
        help="The latent vector: all that the network keeps of a picture. In training data each is mostly within ±2.",
    )

    def slid(i: int, key: str) -> None:
        z = list(state["z"])
        z[i] = st.session_state[key]
        put(state, z)

    columns = st.columns(2 if dim > 4 else 1)
    for i in range(min(dim, SLIDERS)):
        key = f"generate.z.{info.name}.{i}"
        st.session_state[key] = round(min(max(state["z"][i], -REACH), REACH), 2)
        columns[i % len(columns)].slider(
            f"Dimension {i + 1}", -REACH, REACH, step=0.05, key=key, on_change=slid, args=(i, key)
        )
    if dim > SLIDERS:
        st.caption(f"The first {SLIDERS} of {dim}.")
    with st.container(horizontal=True):
        st.button(
            "To the middle",
            icon=":material/filter_center_focus:",
            on_click=put,
            args=(state, [0.0] * dim),
            key="generate.middle",
            help="All latent dimensions 0.",
        )
        drawn = np.random.default_rng(state["version"] + 1).normal(size=dim)
        st.button(
            "Anywhere",
            icon=":material/casino:",
            on_click=put,
            args=(state, drawn),
            type="primary",
            key="generate.anywhere",
            help="A random latent vector, drawn as for a sample.",
        )


def _dot(info: ModelInfo, point: np.ndarray) -> None:
    """Of a network of points: where the decoded point lies among real ones."""
    real = request("test_examples", model=info.name, count=300)
    if real is None or "error" in real:
        return
    st.echarts_chart(
        learned.cloud({"samples": [point]}, {"x": real["examples"]}),
        key="generate.dot",
        width=learned.BOX,
        height=learned.BOX,
        alt=f"The decoded point {point.round(2).tolist()} among real ones",
    )
