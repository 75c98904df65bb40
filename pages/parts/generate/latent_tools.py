"""What to do with latent vectors: that of an image, the interpolation between two images, class arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from dlcore.charts import contact_sheet
from dlcore.charts.thumbnails import png
from dlcore.decoding.images import SUFFIXES
from dlcore.models import ModelInfo
from dlcore.settings import settings
from pages.parts.desk import reason
from pages.parts.image_grid import image_grid
from pages.parts.image_pad import image_pad
from pages.parts.plain import plain
from pages.parts.request import request
from pages.parts.widgets import KEEP

EXAMPLES = 10
FRAMES = 12
STRENGTHS = [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0]
State = dict[str, Any]


def tools(info: ModelInfo, state: State, label: str | None, now: np.ndarray) -> None:
    """Draw one of the three; ``now`` is what the latent vector decodes to."""
    parts = {"A picture": _picture, "Interpolation": _way, "Class arithmetic": _arithmetic}
    if len(info.recipe.dataset.classes) < 2:
        del parts["Class arithmetic"]
    st.divider()
    chosen = st.segmented_control(
        "With the latent vector",
        list(parts),
        default="A picture",
        required=True,
        key="generate.tool",
        label_visibility="collapsed",
    )
    parts.get(chosen, _picture)(info, state, label, now)


def put(state: State, z: Any) -> None:
    """Set the latent vector from elsewhere than the pad."""
    state["z"] = [float(value) for value in z]
    state["look"] = None
    state["version"] += 1


def _side_by_side(shown: Sequence[tuple[np.ndarray, str]]) -> None:
    """Images with a line below each; on a phone the row wraps."""
    with st.container(horizontal=True):
        for pixels, words in shown:
            with st.container(width=160):
                st.image(png(pixels, 224), caption=plain(words), alt=words, width="stretch")


def _problem(answer: Any) -> bool:
    """Whether there is no answer; an error is shown."""
    if isinstance(answer, dict) and "error" in answer:
        st.error(plain(answer["error"]), icon=":material/error:")
        return True
    return answer is None


def _examples(info: ModelInfo) -> dict[str, Any] | None:
    examples = request("test_examples", model=info.name, count=EXAMPLES)
    return None if _problem(examples) else examples


# -- an image -------------------------------------------------------------------------------------


def encode_request(info: ModelInfo, state: State) -> bool:
    """Encode the image that was just chosen, before anything is drawn; False while that is under way."""
    chosen = state["request"]
    if chosen is None:
        return True
    encoded = request("encode", model=info.name, images=[chosen["image"]], label=chosen["label"])
    if encoded is None:
        return False
    state["request"] = None
    if "error" in encoded:
        state["problem"] = reason(encoded)
        return True
    state["problem"] = ""
    label = encoded["labels"][0] if info.recipe.conditional else None
    if label is not None:
        st.session_state["generate.condition"] = label
    state["input"] = {
        "seen": encoded["seen"][0],
        "mean": encoded["mean"][0].tolist(),
        "label": label,
        "number": chosen["number"],
    }
    put(state, encoded["mean"][0])
    return True


def _picture(info: ModelInfo, state: State, label: str | None, now: np.ndarray) -> None:
    left, right = st.columns([5, 7], gap="large")
    with left:
        _choose(info, state)
    with right:
        if state["problem"]:
            kept = " Below is the picture before." if state["input"] else ""
            st.error(plain(state["problem"]) + kept, icon=":material/broken_image:")
        if state["input"] is None:
            st.info(
                "Choose a picture: the network encodes it as a latent vector and decodes that. "
                "Then move the sliders and see what each dimension does.",
                icon=":material/image:",
            )
            return
        given = state["input"]
        decoded = request("decode", model=info.name, latents=[given["mean"]], label=given["label"])
        if _problem(decoded):
            return
        shown = (
            (given["seen"], "As the network sees it"),
            (decoded[0], "Decoded from its latent vector"),
            (now, "Where the point is now"),
        )
        _side_by_side(shown)
        _strangeness(info, given["seen"])
        st.button(
            "Back to the picture",
            icon=":material/undo:",
            on_click=put,
            args=(state, given["mean"]),
            key="generate.back",
        )


def _choose(info: ModelInfo, state: State) -> None:
    examples = _examples(info)
    if examples is None:
        return

    def chosen(i: int) -> None:
        state["request"] = {
            "image": examples["examples"][i].tolist(),
            "number": i,
            "label": examples["labels"][i] if info.recipe.conditional else None,
        }

    def own(data: bytes | None) -> None:
        if data is not None:
            # A class-conditional network gets the class that suits the image best.
            state["request"] = {"image": data, "number": None, "label": None}

    def uploaded() -> None:
        file = st.session_state["generate.upload"]
        own(file.getvalue() if file else None)

    way = st.segmented_control(
        "Picture",
        ["Test pictures", "Draw", "Upload"],
        default="Test pictures",
        required=True,
        key="generate.way",
        label_visibility="collapsed",
    )
    if way == "Draw":
        image_pad("generate.pad", handwriting=info.recipe.dataset.handwriting, drawn=own)
        return
    if way == "Upload":
        st.file_uploader(
            "A picture file",
            SUFFIXES,
            max_upload_size=settings().max_upload_mb,
            key="generate.upload",
            on_change=uploaded,
            label_visibility="collapsed",
        )
        return
    image_grid(
        examples["examples"],
        f"generate.examples.{info.name}",
        columns=5,
        selected=state["input"]["number"] if state["input"] else None,
        labels=examples["labels"],
        width=420,
        clicked=chosen,
        alt=f"Test pictures; click one to encode it. They are the first of {examples['data']}",
    )


def _strangeness(info: ModelInfo, seen: np.ndarray) -> None:
    answer = request("anomaly", model=info.name, images=[seen.tolist()])
    if _problem(answer):
        return
    score, share = answer["scores"][0], answer["quantiles"][0]
    st.markdown(
        f"**{strangeness(share)}** Its anomaly score is {score:.0f} nats, more than that of "
        f"{share:.0%} of test pictures.",
        help="Reconstruction error plus KL divergence of its latent vector from the prior (−ELBO).",
    )


def strangeness(share: float) -> str:
    """In words: which share of test images is less strange."""
    if share >= 0.99:
        return "Strange: hardly like anything in its training data."
    if share >= 0.9:
        return "Unusual."
    return "Ordinary." if share >= 0.1 else "Very ordinary."


# -- interpolation --------------------------------------------------------------------------------


def _choice(key: str, i: int) -> None:
    st.session_state[key] = i


def _way(info: ModelInfo, state: State, label: str | None, now: np.ndarray) -> None:
    examples = _examples(info)
    if examples is None:
        return
    encoded = request("encode", model=info.name, images=examples["examples"].tolist())
    if _problem(encoded):
        return
    images = [*examples["examples"], now]
    means = [*encoded["mean"].tolist(), state["z"]]
    conditions = [*(encoded["labels"] or [None] * len(examples["labels"])), label]
    labels = [*examples["labels"], "point"]
    ends, classes = [], []
    for column, (name, title, usual) in zip(
        st.columns(2, gap="large"), (("from", "From", 3), ("to", "To", 8)), strict=True
    ):
        key = f"generate.{name}"
        at = min(st.session_state.get(key, usual), len(images) - 1)
        with column:
            st.markdown(f"**{title}**")
            image_grid(
                images,
                f"{key}.{info.name}",
                selected=at,
                columns=len(images),
                labels=labels,
                alt=f"{title} which picture",
                clicked=partial(_choice, key),
            )
        ends.append(means[at])
        classes.append(conditions[at])
    strip = request(
        "interpolate",
        model=info.name,
        latents_a=ends[0],
        latents_b=ends[1],
        count=FRAMES,
        label=classes[0],
        to_label=classes[1],
    )
    if _problem(strip):
        return
    way = np.linspace(ends[0], ends[1], FRAMES)

    def go(i: int) -> None:
        put(state, way[i])
        if info.recipe.conditional:  # the room shows one class at a time: that of the nearer end
            st.session_state["generate.condition"] = classes[2 * i >= FRAMES]

    changing = classes[0] != classes[1]
    st.markdown(
        f"**Linear interpolation in the latent space**"
        f"{', from one class to the other' if changing else ''}; "
        "click a frame to go there"
    )
    image_grid(
        strip,
        f"generate.strip.{info.name}",
        selected=None,
        columns=FRAMES,
        alt=f"{FRAMES} pictures on the way",
        clicked=go,
    )
    film = contact_sheet.gif(np.concatenate([strip, strip[-2:0:-1]]), 224, hold=0.1)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.image(film, alt="There and back as a film", width=120)
        st.download_button(
            "Film as GIF",
            film,
            f"{info.name}-way.gif",
            "image/gif",
            on_click="ignore",
            icon=":material/download:",
            key="generate.way.gif",
        )
        st.download_button(
            "Strip as PNG",
            contact_sheet.png(strip, 1400, FRAMES),
            f"{info.name}-way.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
            key="generate.way.png",
        )


# -- class arithmetic -----------------------------------------------------------------------------


def _arithmetic(info: ModelInfo, state: State, label: str | None, now: np.ndarray) -> None:
    classes = info.recipe.dataset.classes
    # A class-conditional network draws examples of the given class: so that is what to take off first.
    minus = classes.index(label) if label else 0
    left, right = st.columns([4, 8], gap="large")
    with left:
        chosen = []
        for name, title, usual in (
            ("plus", "Add the mean of", 0 if minus else 1),
            ("minus", "and take off", minus),
        ):
            key = f"generate.{name}"
            if st.session_state.get(key) not in classes:
                st.session_state[key] = classes[usual]
            chosen.append(st.selectbox(title, classes, key=key, **KEEP))
        plus, off = chosen
        strength = st.slider(
            "Strength",
            STRENGTHS[0],
            STRENGTHS[-1],
            1.0,
            0.1,
            key="generate.strength",
            help="How much of the difference of the two means is added to the point on the plane.",
            **KEEP,
        )
        if label:
            st.caption(
                f"This network is class-conditional, so the class becomes the same sum: {plain(label)} + strength × "
                f"({plain(plus)} − {plain(off)}), shares of classes."
                + (f" The point is of class {plain(label)}: take that off to leave it." * (label != off))
            )
    sums = request(
        "arithmetic",
        model=info.name,
        latents=state["z"],
        plus_class=plus,
        minus_class=off,
        strengths=[*STRENGTHS, strength],
        label=label,
    )
    if _problem(sums):
        return

    def go() -> None:
        put(state, sums["latents"][-1])
        if label:  # the room shows one class at a time: that with the largest share
            st.session_state["generate.condition"] = sums["labels"][-1]

    with right:
        st.markdown(f"**The point's picture + strength × ({plain(plus)} − {plain(off)})**")
        shown = (
            (now, "The point now" + (f", class {label}" if label else "")),
            (sums["samples"][-1], f"with {strength:g} × ({plus} − {off})"),
        )
        _side_by_side(shown)
        image_grid(
            sums["samples"][:-1],
            f"generate.strengths.{info.name}",
            columns=len(STRENGTHS),
            width=520,
            selected=STRENGTHS.index(strength) if strength in STRENGTHS else None,
            labels=[f"{s:g}".replace("-", "−") for s in STRENGTHS],
            alt="With each strength; click one to take it",
            clicked=lambda i: st.session_state.update({"generate.strength": STRENGTHS[i]}),
        )
        st.button("Move the point there", icon=":material/near_me:", on_click=go, key="generate.go")
