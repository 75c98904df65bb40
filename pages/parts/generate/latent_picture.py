"""A picture as a latent vector: encoded, decoded again, and how strange it is."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.decoding.images import SUFFIXES
from dlcore.models import ModelInfo
from dlcore.settings import settings
from pages.parts.desk import reason
from pages.parts.generate.latent_state import State, examples_of, put, side_by_side, unanswered
from pages.parts.image_grid import image_grid
from pages.parts.image_pad import image_pad
from pages.parts.plain import plain
from pages.parts.request import request
from pages.parts.widgets import one_of


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


def picture(info: ModelInfo, state: State, label: str | None, now: np.ndarray) -> None:
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
        if unanswered(decoded):
            return
        shown = (
            (given["seen"], "As the network sees it"),
            (decoded[0], "Decoded from its latent vector"),
            (now, "Where the point is now"),
        )
        side_by_side(shown)
        _strangeness(info, given["seen"])
        st.button(
            "Back to the picture",
            icon=":material/undo:",
            on_click=put,
            args=(state, given["mean"]),
            key="generate.back",
        )


def _choose(info: ModelInfo, state: State) -> None:
    examples = examples_of(info)
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

    ways = ["Test pictures", "Draw", "Upload"]
    way = one_of("Picture", ways, "generate.way", label_visibility="collapsed")
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
    if unanswered(answer):
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
