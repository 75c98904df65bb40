"""Samples of a network, sixteen at a time; again with another seed; all of them to download."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from dlcore.charts import contact_sheet, learned, thumbnails
from dlcore.generative.first_samples import POINTS, first_options, first_samples
from dlcore.models import ModelInfo
from pages.parts.generate.generative_model import about
from pages.parts.generate.sample_look import look_at, shelf
from pages.parts.image_grid import image_grid
from pages.parts.plain import plain
from pages.parts.request import request
from pages.parts.widgets import KEEP, next_seed, seed_field

ALL = "all in turn"
LEGS, STEPS = 4, 8
"""Images a film passes through, and frames from one to the next."""


def samples(info: ModelInfo) -> None:
    """Draw the whole part."""
    points = info.recipe.dataset.planar
    left, middle, right = st.columns([4, 6, 5], gap="medium")
    with left:
        options = _options(info, points=points)
    with middle:
        drawn = first_samples(info, options) or request("sample", model=info.name, **options)
        if drawn is None:
            return
        if "error" in drawn:
            st.error(plain(drawn["error"]), icon=":material/error:")
            return
        if points:
            _cloud(info, drawn["samples"])
            return
        _grid(info, drawn)
        _downloads(info, options, drawn)
        shelf()
    with right:
        look_at(info, drawn, options["seed"])
        about(info)


# -- options --------------------------------------------------------------------------------------


def _options(info: ModelInfo, *, points: bool) -> dict[str, Any]:
    """The controls; their values as arguments of the sample job."""
    first = first_options(info)
    if st.session_state.get("generate.for") != info.name:
        st.session_state["generate.for"] = info.name
        st.session_state["generate.look"] = ("grid", 0)
        st.session_state["generate.film"] = False
        for name, value in first.items():
            st.session_state[f"generate.{name}"] = value
        st.session_state["generate.label"] = _class(info, first["label"])

    options: dict[str, Any] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Again",
            icon=":material/casino:",
            type="primary",
            on_click=next_seed,
            args=("generate.seed",),
            key="generate.again",
            help="Other samples: the same options with another seed.",
        )
        if info.recipe.conditional:
            label = st.selectbox(
                "Class",
                [ALL, *info.recipe.dataset.classes],
                key="generate.label",
                width=180,
                help="The network is class-conditional: choose the class of the samples.",
                **KEEP,
            )
            options["label"] = None if label == ALL else label
    with st.expander("How many, seed and more"):
        options["count"] = _count(points=points)
        if "steps" in first:
            options |= _diffusion(info)
        if "guidance" in first:
            options["guidance"] = st.slider(
                "Guidance",
                0.0,
                8.0,
                step=0.25,
                key="generate.guidance",
                help="Above 1 pictures look more like their class, and more like each other.",
                **KEEP,
            )
        options["truncation"] = st.slider(
            "Truncation",
            0.0,
            2.0,
            step=0.05,
            key="generate.truncation",
            help="Below 1 the random numbers are smaller: more typical, less various.",
            **KEEP,
        )
        options["seed"] = seed_field(
            "generate.seed", "The same seed and options give the same samples again."
        )
    return first | options


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
        help="The number of steps from noise to picture. Fewer are quicker and coarser.",
        **KEEP,
    )
    options: dict[str, Any] = {"steps": steps}
    options["sampler"] = st.segmented_control(
        "Sampler",
        ["ddim", "ddpm"],
        required=True,
        key="generate.sampler",
        format_func=str.upper,
        help="DDIM goes straight, good with few steps. DDPM adds new noise at every step.",
        **KEEP,
    )
    return options


# -- samples --------------------------------------------------------------------------------------


def _grid(info: ModelInfo, drawn: dict[str, Any]) -> None:
    """The images; a click chooses one."""
    images, classes = drawn["samples"], info.recipe.dataset.classes
    source, index = st.session_state.get("generate.look", ("grid", 0))
    chosen = min(index, len(images) - 1) if source == "grid" else None
    labels = drawn["labels"]
    image_grid(
        images,
        f"generate.grid.{info.name}",
        selected=chosen,
        width=560,
        labels=None if labels is None else [classes[label] for label in labels],
        alt=f"{len(images)} samples of {info.name}; click one to look at it",
        clicked=lambda i: st.session_state.update({"generate.look": ("grid", i)}),
    )


def _downloads(info: ModelInfo, options: dict[str, Any], drawn: dict[str, Any]) -> None:
    name = f"{info.name}-{options['seed']}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            "All as PNG",
            contact_sheet.png(drawn["samples"]),
            f"{name}.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
            key="generate.png",
        )
        from_noise = "denoise" in info.recipe.architecture.abilities
        film = st.toggle(
            "Film",
            key="generate.film",
            help="The first picture coming out of noise."
            if from_noise
            else "From the first picture to the next three and back, through the latent space.",
        )
    if not film:
        return
    frames = _noise_film(info, options, drawn) if from_noise else _way_film(info, options, drawn)
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


def _noise_film(info: ModelInfo, options: dict[str, Any], drawn: dict[str, Any]) -> np.ndarray | None:
    how = {name: options[name] for name in ("steps", "sampler", "guidance") if name in options}
    label = drawn["labels"][0] if drawn["labels"] else None
    frames = min(30, max(2, options["steps"]))
    film = request("film", model=info.name, seed=options["seed"], label=label, frames=frames, **how)
    return _or_error(film, "noisy")


def _way_film(info: ModelInfo, options: dict[str, Any], shown: dict[str, Any]) -> np.ndarray | None:
    """Frames from each of the first images to the next, and back to the first."""
    drawn = request("sample", model=info.name, **options | {"count": LEGS})
    latents = _or_error(drawn, "latents")
    if latents is None:
        return None
    label = shown["labels"][0] if shown["labels"] else None
    how = {"guidance": options["guidance"]} if "guidance" in options else {}
    frames: list[np.ndarray] = []
    for a, b in zip(latents, np.roll(latents, -1, axis=0), strict=True):
        leg = request(
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


def _or_error(answer: Any, name: str) -> Any:
    """``answer[name]``, or None with the reason on the page."""
    if answer is not None and "error" in answer:
        st.error(plain(answer["error"]), icon=":material/error:")
        return None
    return None if answer is None else answer[name]


def _cloud(info: ModelInfo, points: np.ndarray) -> None:
    """Sampled points over real ones."""
    real = request("test_examples", model=info.name, count=300)
    if real is None or "error" in real:
        _or_error(real, "")
        return
    st.echarts_chart(
        learned.cloud({"samples": points}, {"x": real["examples"]}),
        key="generate.cloud",
        width=learned.BOX,
        height=learned.BOX,
        alt=f"{len(points)} sampled points over {len(real['examples'])} real ones",
    )
    st.caption("Blue are real test points, orange are sampled ones: they should lie alike.")
    with st.container(horizontal=True):
        table = "x,y\n" + "".join(f"{x:.5f},{y:.5f}\n" for x, y in points)
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
            thumbnails.dots(points),
            f"{info.name}.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
            key="generate.dots",
        )
    about(info)
