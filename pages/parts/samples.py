"""Samples: what a network makes, sixteen at a time; again with another seed; all of it to take home."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlcore import contact_sheet, curves, thumbnails
from dlcore.generative.first_samples import POINTS, first_samples, first_wish
from dlcore.models import ModelInfo
from pages.parts.asking import ask
from pages.parts.generative_model import about
from pages.parts.image_grid import image_grid
from pages.parts.plain import plain
from pages.parts.sample_look import look_at, shelf

KEEP: dict[str, Any] = {"persist_state": "session"}
ALL = "all in turn"
LEGS, STEPS = 4, 8
"""A film through so many pictures, with so many frames from one to the next."""


def samples(info: ModelInfo) -> None:
    """Draw the whole part."""
    points = info.recipe.dataset.planar
    left, middle, right = st.columns([4, 6, 5], gap="medium")
    with left:
        wish = _wish(info, points=points)
    with middle:
        found = first_samples(info, wish) or ask("sample", model=info.name, **wish)
        if found is None:
            return
        if "error" in found:
            st.error(plain(found["error"]), icon=":material/error:")
            return
        if points:
            _cloud(info, found["samples"])
            return
        _grid(info, found)
        _downloads(info, wish, found)
        shelf()
    with right:
        look_at(info, found, wish["seed"])
        about(info)


# -- what is asked for ----------------------------------------------------------------------------


def _wish(info: ModelInfo, *, points: bool) -> dict[str, Any]:
    """The controls; what the sample job is to be asked."""
    first = first_wish(info)
    if st.session_state.get("generate.for") != info.name:
        st.session_state["generate.for"] = info.name
        st.session_state["generate.look"] = ("grid", 0)
        st.session_state["generate.film"] = False
        for name, value in first.items():
            st.session_state[f"generate.{name}"] = value
        st.session_state["generate.label"] = _class(info, first["label"])

    def again() -> None:
        st.session_state["generate.seed"] = (st.session_state["generate.seed"] + 1) % 2**31

    wish: dict[str, Any] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Again",
            icon=":material/casino:",
            type="primary",
            on_click=again,
            key="generate.again",
            help="Others: the same wishes with another seed.",
        )
        if info.recipe.conditional:
            label = st.selectbox(
                "Class",
                [ALL, *info.recipe.dataset.classes],
                key="generate.label",
                width=180,
                help="This network can be told what to make.",
                **KEEP,
            )
            wish["label"] = None if label == ALL else label
    with st.expander("How many, seed and more"):
        wish["count"] = _count(points=points)
        if "steps" in first:
            wish |= _diffusion(info)
        if "guidance" in first:
            wish["guidance"] = st.slider(
                "Guidance",
                0.0,
                8.0,
                step=0.25,
                key="generate.guidance",
                help="Above 1 pictures look more like their class, and more like each other.",
                **KEEP,
            )
        wish["truncation"] = st.slider(
            "Truncation",
            0.0,
            2.0,
            step=0.05,
            key="generate.truncation",
            help="Below 1 the random numbers are smaller: more typical, less various.",
            **KEEP,
        )
        wish["seed"] = int(
            st.number_input(
                "Seed",
                0,
                2**31 - 1,
                step=1,
                key="generate.seed",
                help="The same seed and wishes give the same samples again.",
                **KEEP,
            )
        )
    return first | wish


def _class(info: ModelInfo, label: int | str | None) -> str:
    classes = info.recipe.dataset.classes
    if label is None:
        return ALL
    return str(label) if label in classes else classes[int(label)]


def _count(*, points: bool) -> int:
    low, high, step = (50, 1000, 50) if points else (1, 64, 1)
    usual = POINTS if points else 16
    chosen = int(st.session_state.get("generate.count", usual))
    st.session_state["generate.count"] = min(max(chosen, low), high)
    return st.slider(
        "How many",
        low,
        high,
        step=step,
        key="generate.count",
        help="The first ones stay the same when there are more.",
        **KEEP,
    )


def _diffusion(info: ModelInfo) -> dict[str, Any]:
    architecture: Any = info.recipe.architecture
    most = architecture.steps
    st.session_state["generate.steps"] = min(int(st.session_state["generate.steps"]), most)
    steps = st.slider(
        "Steps",
        1,
        min(most, 200),
        key="generate.steps",
        help="From noise to picture in so many steps. Fewer are quicker and coarser.",
        **KEEP,
    )
    found: dict[str, Any] = {"steps": steps}
    found["sampler"] = st.segmented_control(
        "Sampler",
        ["ddim", "ddpm"],
        required=True,
        key="generate.sampler",
        format_func=str.upper,
        help="DDIM goes straight, good with few steps. DDPM adds new noise at every step.",
        **KEEP,
    )
    return found


# -- what comes -----------------------------------------------------------------------------------


def _grid(info: ModelInfo, found: dict[str, Any]) -> None:
    """The pictures; a click chooses one."""
    made, classes = found["samples"], info.recipe.dataset.classes
    source, index = st.session_state.get("generate.look", ("grid", 0))
    chosen = min(index, len(made) - 1) if source == "grid" else None
    labels = found["labels"]
    image_grid(
        made,
        f"generate.grid.{info.name}",
        selected=chosen,
        width=560,
        labels=None if labels is None else [classes[label] for label in labels],
        alt=f"{len(made)} samples of {info.name}; click one to look at it",
        clicked=lambda i: st.session_state.update({"generate.look": ("grid", i)}),
    )


def _downloads(info: ModelInfo, wish: dict[str, Any], found: dict[str, Any]) -> None:
    name = f"{info.name}-{wish['seed']}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "All as PNG",
            contact_sheet.png(found["samples"]),
            f"{name}.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
            key="generate.png",
        )
        diffusion = info.recipe.architecture.kind == "diffusion"
        film = st.toggle(
            "Film",
            key="generate.film",
            help="The first picture coming out of noise."
            if diffusion
            else "From the first picture to the next three and back, through the latent space.",
        )
    if not film:
        return
    frames = _noise_film(info, wish, found) if diffusion else _way_film(info, wish, found)
    if frames is None:
        return
    data = contact_sheet.gif(frames)
    st.image(data, alt="The film", width=200)
    st.download_button(
        "Film as GIF",
        data,
        f"{name}.gif",
        "image/gif",
        icon=":material/download:",
        on_click="ignore",
        key="generate.gif",
    )


def _noise_film(info: ModelInfo, wish: dict[str, Any], found: dict[str, Any]) -> np.ndarray | None:
    how = {name: wish[name] for name in ("steps", "sampler", "guidance") if name in wish}
    label = found["labels"][0] if found["labels"] else None
    frames = min(30, max(2, wish["steps"]))
    film = ask("film", model=info.name, seed=wish["seed"], label=label, frames=frames, **how)
    return _or_error(film, "noisy")


def _way_film(info: ModelInfo, wish: dict[str, Any], found: dict[str, Any]) -> np.ndarray | None:
    """Frames from each of the first pictures to the next, and back to the first."""
    drawn = ask("sample", model=info.name, **wish | {"count": LEGS})
    latents = _or_error(drawn, "latents")
    if latents is None:
        return None
    label = found["labels"][0] if found["labels"] else None
    how = {"guidance": wish["guidance"]} if "guidance" in wish else {}
    frames: list[np.ndarray] = []
    for a, b in zip(latents, np.roll(latents, -1, axis=0), strict=True):
        leg = ask(
            "interpolate",
            model=info.name,
            latents_a=a.tolist(),
            latents_b=b.tolist(),
            count=STEPS + 1,
            label=label,
            **how,
        )
        if leg is None or isinstance(leg, dict):
            return _or_error(leg, "")
        frames.append(leg[:-1])
    return np.concatenate(frames)


def _or_error(found: Any, name: str) -> Any:
    """``found[name]``, or None with the reason on the page."""
    if found is not None and "error" in found:
        st.error(plain(found["error"]), icon=":material/error:")
        return None
    return None if found is None else found[name]


def _cloud(info: ModelInfo, made: np.ndarray) -> None:
    """Sampled points over real ones."""
    real = ask("test_examples", model=info.name, count=300)
    if real is None or "error" in real:
        _or_error(real, "")
        return
    st.echarts_chart(
        curves.cloud({"samples": made}, {"x": real["examples"]}),
        key="generate.cloud",
        width=curves.BOX,
        height=curves.BOX,
        alt=f"{len(made)} sampled points over {len(real['examples'])} real ones",
    )
    st.caption("Blue are real test points, orange are sampled ones: they shall lie alike.")
    with st.container(horizontal=True):
        table = "x,y\n" + "".join(f"{x:.5f},{y:.5f}\n" for x, y in made)
        st.download_button(
            "Points as CSV",
            table,
            f"{info.name}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="generate.csv",
        )
        st.download_button(
            "PNG",
            thumbnails.dots(made),
            f"{info.name}.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
            key="generate.dots",
        )
    about(info)
