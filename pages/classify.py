"""Classify: give a picture to a trained network, see its answer and what it saw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from dlcore import plots
from dlcore.client import client
from dlcore.models import ZOO, ModelInfo, UnknownModel, find
from dlcore.settings import settings
from dlcore.thumbnails import png
from pages.parts.shell import enter
from pages.parts.waiting import answer

enter()
EXAMPLES = sorted((ZOO / "examples").glob("*.jpg"))
TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"]


def choose_model() -> ModelInfo:
    """The model in the address, or any other that takes pictures."""
    models = {info.name: info for info in client().models() if info.recipe.dataset.modality == "image"}
    asked = st.query_params.get("model")
    if asked and asked not in models:
        try:
            models[asked] = find(client().store, asked)
        except UnknownModel as error:
            st.warning(f"{error}. Taking {next(iter(models))}.", icon=":material/search_off:")
    if asked in models and st.session_state.get("classify.asked") != asked:
        st.session_state["classify.asked"] = st.session_state["classify.model"] = asked

    def title(name: str) -> str:
        info = models[name]
        accuracy = info.metrics.get("accuracy", 0)
        return f"{info.title} · {info.recipe.dataset.title} · {accuracy:.1%}"

    if st.session_state.get("classify.model") not in models:
        st.session_state.pop("classify.model", None)
    name = st.selectbox(
        "Network", list(models), format_func=title, key="classify.model", persist_state="session",
        help="Shipped with the Studio, or any finished run; the share is its test accuracy.",
    )  # fmt: skip
    return models[name]


def choose_picture() -> bytes | None:
    """An example (one click), an upload or the camera."""
    way = st.segmented_control(
        "Picture", ["Examples", "Upload", "Camera"], required=True, default="Examples",
        key="classify.way",
    )  # fmt: skip
    if way == "Upload":
        file = st.file_uploader(
            "A picture file", TYPES, max_upload_size=settings().max_upload_mb,
            help="A photo of a handwritten digit on paper, or whatever the network has learned.",
        )  # fmt: skip
        return file.getvalue() if file else None
    if way == "Camera":
        photo = st.camera_input("Hold the picture before the camera")
        return photo.getvalue() if photo else None
    chosen = st.session_state.setdefault("classify.example", EXAMPLES[0].name)
    for start in range(0, len(EXAMPLES), 3):
        for column, path in zip(st.columns(3), EXAMPLES[start : start + 3], strict=False):
            with column:
                st.image(_file(path), alt=f"Example photo {path.stem}", width="stretch")
                if st.button(
                    path.stem.rsplit("-", 1)[0].replace("-", " "), key=f"example.{path.stem}",
                    width="stretch", type="secondary" if path.name != chosen else "primary",
                ):  # fmt: skip
                    st.session_state["classify.example"] = path.name
                    st.rerun()
    return _file(ZOO / "examples" / st.session_state["classify.example"])


@st.cache_data(max_entries=20, show_spinner=False)
def _file(path: Path) -> bytes:
    return path.read_bytes()


def show(picture: bytes, found: dict[str, Any], info: ModelInfo) -> None:
    """The answer beside the picture and the picture as the network saw it."""
    if "error" in found:
        st.error(found["error"], icon=":material/broken_image:")
        return
    best = found["labels"][0]
    st.subheader(f"{best['label']}, {best['probability']:.1%} sure")
    st.plotly_chart(
        plots.bars(found["labels"]), config={"displayModeBar": False}, key="bars",
        alt=f"Most probable: {best['label']} with {best['probability']:.1%}",
    )  # fmt: skip
    whole, seen = st.columns(2)
    with whole:
        st.image(picture, caption="Your picture", width="stretch")
    with seen:
        side = info.recipe.dataset.input_shape[0]
        st.image(
            png(np.array(found["seen"]), 336), width="stretch",
            caption=f"As the network sees it: {side}×{side}",
        )  # fmt: skip


left, right = st.columns([5, 8], gap="large")
with left:
    st.title("Classify")
    info = choose_model()
    picture = choose_picture()
with right:
    if picture is None:
        st.info("Choose a picture on the left.", icon=":material/image:")
    else:
        with st.container():
            found = answer("classify", model=info.name, pictures=[picture], top=5)
            if found is not None:
                show(picture, found[0] if isinstance(found, list) else found, info)
    if info.card:
        with st.expander(f"About {info.name}", icon=":material/badge:"):
            card = info.card
            st.markdown(
                f"**Data** {card['data']}  \n**Accuracy** {card['metrics']['accuracy']:.2%} on the "
                f"{card['test']}  \n**Size** {card['parameters']:,} parameters, "
                f"{card['bytes'] / 1e6:.1f} MB  \n**Trained** {card['trained']['minutes']} min on "
                f"{card['trained']['on']}; again with `{card['trained']['command']}`  \n"
                f"**Bad at** {card['limits']}"
            )
