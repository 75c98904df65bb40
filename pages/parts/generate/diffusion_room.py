"""The diffusion room: the forward process covers an image with noise, the reverse process draws one out of noise."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from dlcore.charts.contact_sheet import gif
from dlcore.charts.contact_sheet import png as sheet
from dlcore.charts.thumbnails import dots
from dlcore.generative.first_samples import first_options
from dlcore.generative.noise_schedule import alpha_bars
from dlcore.models import ModelInfo
from pages.parts.generate.film_player import film_player
from pages.parts.plain import plain
from pages.parts.request import request
from pages.parts.widgets import KEEP, next_seed, one_of, seed_field

EXAMPLES = 60
"""Test images, of which the first of each class can be chosen."""
PLACES = 24
"""Places of the slider along the forward way."""
FRAMES = 14
COMPARED = (5, 20, 50)
KEY = "generate.diffusion"
ALL = "all in turn"


def diffusion_room(model: ModelInfo) -> None:
    """Draw the room of a diffusion model, of images or of points."""
    left, right = st.columns([5, 8], gap="large")
    what = "points" if _of_points(model) else "a picture"
    with left:
        st.subheader(f"Forward process: noise covers {what}", anchor=False)
        _forward(model)
    with right:
        st.subheader(f"Reverse process: {what} out of noise", anchor=False)
        _backward(model)


def _of_points(model: ModelInfo) -> bool:
    return model.recipe.dataset.planar


def _scatter(clouds: np.ndarray) -> np.ndarray:
    """Clouds of points (frames, n, 2) as images (frames, side, side, 3)."""
    return np.stack([np.asarray(Image.open(io.BytesIO(dots(cloud, 240)))) for cloud in clouds])


def _failed(answer: Any) -> bool:
    """Say what went wrong, where something has."""
    if isinstance(answer, dict) and "error" in answer:
        st.error(plain(answer["error"]), icon=":material/error:")
        return True
    return answer is None


def _forward(model: ModelInfo) -> None:
    """Real examples at many steps, in one request; the slider then needs no engine."""
    architecture: Any = model.recipe.architecture
    signal = alpha_bars(architecture.schedule, architecture.steps)
    steps = np.linspace(0, len(signal) - 1, PLACES).round().astype(int).tolist()
    if _of_points(model):
        clouds = request("cloud_noising", model=model.name, t=steps)
        if _failed(clouds):
            return
        frames = _scatter(clouds)
    else:
        noised = _test_image(model, steps)
        if noised is None:
            return
        frames = noised
    shares = [float(signal[t]) for t in steps]
    film_player(
        {"With the noise": frames},
        ["Before the first step: 100% signal"]
        + [
            f"After step {t + 1} of {len(signal)}: {share:.1%} signal, {1 - share:.1%} noise"
            for t, share in zip(steps, shares, strict=True)
        ],
        f"{KEY}.forward",
        label="Noise steps",
        start=PLACES // 3,
        share=[1.0, *shares],
        keep=True,
        about=f"Share of the signal (ᾱ) along the {len(signal)} steps, {architecture.schedule} schedule",
    )
    st.caption(
        "Each step adds a little noise; after the last one nothing is left to see. The network learns one "
        "thing: to say which noise was added."
    )


def _test_image(model: ModelInfo, steps: list[int]) -> np.ndarray | None:
    """A test image of the visitor's choice, and as it is after each of the steps."""
    examples = request("test_examples", model=model.name, count=EXAMPLES)
    if _failed(examples):
        return None
    first: dict[str, int] = {}
    for i, label in enumerate(examples["labels"]):
        first.setdefault(label, i)
    classes = [label for label in model.recipe.dataset.classes if label in first]
    chosen = first[
        st.pills(
            "A test picture of",
            classes,
            format_func=plain,
            default=classes[0],
            required=True,
            key=f"{KEY}.picture.{model.name}",
            help="The network has never seen it.",
        )
    ]
    noised = request("noising", model=model.name, image=chosen, t=steps)
    return None if _failed(noised) else np.concatenate([examples["examples"][chosen][None], noised])


def _film(model: ModelInfo, options: dict[str, Any], frames: int) -> dict[str, Any] | None:
    """Frames of the way back, as images."""
    job = "cloud_film" if _of_points(model) else "film"
    film = request(job, model=model.name, frames=frames, **options)
    if _failed(film):
        return None
    if _of_points(model):
        film = film | {name: _scatter(film[name]) for name in ("noisy", "clean")}
    return dict(film)


def _backward(model: ModelInfo) -> None:
    options = _options(model)
    film = _film(model, options, min(FRAMES, options["steps"] + 1))
    if film is None:
        return
    total = model.recipe.architecture.model_dump()["steps"]
    last = len(film["t"]) - 1
    film_player(
        {"What it is given (x_t)": film["noisy"], "Its prediction without the noise (x̂₀)": film["clean"]},
        [
            "The end: no noise is left" if i == last else f"At step {t + 1} of {total}, on the way back"
            for i, t in enumerate(film["t"])
        ],
        f"{KEY}.backward",
        label="Frames",
        start=last,
        strip=True,
    )
    frames = np.concatenate([film["noisy"], film["clean"]], axis=2)
    with st.container(horizontal=True):
        st.download_button(
            "GIF",
            gif(frames, 480, 0.15),
            f"{model.title}.gif",
            "image/gif",
            icon=":material/download:",
            key=f"{KEY}.gif",
            on_click="ignore",
        )
        compare = st.toggle(
            "Compare 5, 20 and 50 steps",
            key=f"{KEY}.compare",
            help="The same seed, the same noise, the same class; only the number of steps differs.",
            **KEEP,
        )
    if compare:
        _compare(model, options, total)


def _options(model: ModelInfo) -> dict[str, Any]:
    """The controls; their values as arguments of the film job."""
    options: dict[str, Any] = {}
    first, second, third = st.columns([3, 4, 4], gap="small", vertical_alignment="bottom")
    with first:
        st.button(
            "Another",
            type="primary",
            icon=":material/casino:",
            on_click=next_seed,
            args=(f"{KEY}.seed",),
            width="stretch",
            key=f"{KEY}.again",
            help="Begin with other noise: the seed plus one.",
        )
    st.session_state.setdefault(f"{KEY}.seed", 5)
    with second:
        options["seed"] = seed_field(f"{KEY}.seed", "Decides the noise it begins with.")
    with third:
        options["label"] = _label(model) if model.recipe.conditional else None
    first, second, third = st.columns([4, 3, 4], gap="small")
    with first:
        options["steps"] = _steps(model.recipe.architecture.model_dump()["steps"])
    with second:
        options["sampler"] = _sampler()
    with third:
        options["guidance"] = _guidance(model) if model.recipe.conditional else 1.0
    return options


def _label(model: ModelInfo) -> str | None:
    label: str = st.selectbox(
        "Class",
        [*([ALL] if _of_points(model) else []), *model.recipe.dataset.classes],
        key=f"{KEY}.class.{model.name}",
        help="The network is class-conditional: the class it generates.",
        **KEEP,
    )
    return None if label == ALL else label


def _steps(total: int) -> int:
    most = min(total, 100)
    if not 2 <= st.session_state.setdefault(f"{KEY}.steps", min(50, most)) <= most:
        st.session_state[f"{KEY}.steps"] = min(50, most)
    about = "The number of denoising steps. Fewer are faster and coarser."
    return st.slider("Steps", 2, most, key=f"{KEY}.steps", help=about, **KEEP)


def _sampler() -> str:
    return one_of(
        "Sampler",
        ["ddim", "ddpm"],
        f"{KEY}.sampler",
        format_func=str.upper,
        help="DDIM leaves nothing to chance; DDPM adds a little fresh noise after every step.",
        **KEEP,
    )


def _guidance(model: ModelInfo) -> float:
    return st.slider(
        "Guidance",
        0.0,
        8.0,
        float(first_options(model)["guidance"]),
        0.5,
        key=f"{KEY}.guidance.{model.name}",
        help="How strongly it follows the class. 0 ignores it; high is more typical, less varied.",
        **KEEP,
    )


def _compare(model: ModelInfo, options: dict[str, Any], total: int) -> None:
    """The same beginning, with few and with many steps."""
    images = []
    counts = [count for count in COMPARED if count <= total]
    for count in counts:
        film = _film(model, options | {"steps": count}, 2)
        if film is None:
            return
        images.append(film["noisy"][-1])
    for place, count, image in zip(st.columns(len(counts)), counts, images, strict=True):
        place.image(
            sheet(image[None], 280),
            caption=f"{count} steps",
            width="stretch",
            alt=f"What comes out after {count} steps",
        )
    st.caption(
        "More steps cost more time; beyond some number they change nothing."
        if options["sampler"] == "ddim"
        else "With DDPM fresh noise comes in at every step, so each count ends somewhere else."
    )
