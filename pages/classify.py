"""Classify: give an image to a trained network, see its answer or its reconstruction, and what it saw."""

from __future__ import annotations

import streamlit as st

from pages.parts.shell import enter

enter()
left, right = st.columns([5, 8], gap="large")
with left:
    st.title("Classify", anchor=False)

# What takes time to import comes after the first words are on the screen.
import io
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from dlcore.charts import plots
from dlcore.charts.thumbnails import png
from dlcore.client import client
from dlcore.datasets.base import Dataset
from dlcore.decoding.images import SUFFIXES
from dlcore.models import ZOO, ModelInfo, UnknownModel
from dlcore.settings import settings
from dlcore.tasks import headline
from pages.parts.classify.why import why
from pages.parts.image_grid import image_grid
from pages.parts.image_pad import image_pad
from pages.parts.plain import plain
from pages.parts.views import show_all
from pages.parts.visitor import visitor
from pages.parts.waiting import answer

SENT = "From Generate"  # the image that page has handed over


def choose_model() -> ModelInfo:
    """The model in the address, or any other that classifies images."""
    models = {
        info.name: info
        for info in client().models(visitor())
        if info.recipe.dataset.images and info.recipe.task.image_job
    }
    linked = st.query_params.get("model")
    if linked and linked not in models:
        try:
            info = client().model(linked, visitor())
            if not info.recipe.task.image_job:
                raise UnknownModel(f"model: {linked} generates pictures and cannot classify them")
            models[linked] = info
        except UnknownModel as error:
            st.warning(f"{plain(error)}. Taking {next(iter(models))}.", icon=":material/search_off:")
    if linked in models and st.session_state.get("classify.linked") != linked:
        st.session_state["classify.linked"] = st.session_state["classify.model"] = linked

    def title(name: str) -> str:
        info = models[name]
        return " · ".join(filter(None, (info.title, info.recipe.dataset.title, headline(info.metrics))))

    if st.session_state.get("classify.model") not in models:
        st.session_state.pop("classify.model", None)
    name = st.selectbox(
        "Network",
        list(models),
        format_func=title,
        key="classify.model",
        persist_state="session",
        help="Shipped with the Studio, or any finished run; its test accuracy, or the error of its reconstructions.",
    )
    return models[name]


def choose_image(info: ModelInfo) -> bytes | None:
    """An example (one click), a drawing, an upload or the camera."""
    sent: bytes | None = st.session_state.get("classify.sent")
    st.session_state.setdefault("classify.way", "Examples")
    way = st.segmented_control(
        "Picture",
        ["Examples", "Draw", "Upload", "Camera", *([SENT] if sent else [])],
        required=True,
        key="classify.way",
    )
    if way == SENT:
        return sent
    if way == "Draw":
        return image_pad("classify.pad", handwriting=info.recipe.dataset.handwriting)
    if way == "Upload":
        file = st.file_uploader(
            "A picture file",
            SUFFIXES,
            max_upload_size=settings().max_upload_mb,
            help="A photo of a handwritten digit on paper, or whatever the network has learned.",
        )
        return file.getvalue() if file else None
    if way == "Camera":
        photo = st.camera_input("Hold the picture before the camera")
        return photo.getvalue() if photo else None
    examples = photos(info.recipe.dataset) or test_images(info)
    if not examples:
        return None
    chosen = st.session_state.get("classify.example")
    if chosen not in examples:
        chosen = next(iter(examples))
    names = list(examples)

    def choose(number: int) -> None:
        st.session_state["classify.example"] = names[number]

    image_grid(
        [_square(data) for data in examples.values()],
        f"classify.examples.{info.name}",
        selected=names.index(chosen),
        labels=names,
        alt="Examples: click one",
        clicked=choose,
        columns=5,
        width=480,
    )
    return examples[chosen]


def photos(dataset: Dataset) -> dict[str, bytes]:
    """Photos that ship with the Studio: of handwritten digits, by what is special about them, or of things."""
    if dataset.handwriting:
        paths = sorted((ZOO / "examples").glob("*.jpg"))
        return {path.stem.rsplit("-", 1)[0].replace("-", " "): path.read_bytes() for path in paths}
    paths = [ZOO / "examples" / "photos" / f"{name}.jpg" for name in dataset.photos]
    return {path.stem.replace("-", " "): path.read_bytes() for path in paths}


def test_images(info: ModelInfo) -> dict[str, bytes]:
    """Test images of the model's own data set, by number and true class; empty until they are there."""
    rows = answer("examples", model=info.name, count=6)
    if not isinstance(rows, list):
        if rows:
            st.warning(plain(rows["error"]), icon=":material/cloud_off:")
        return {}
    return {f"{i + 1}. {row['label']}": png(np.array(row["picture"]), 280) for i, row in enumerate(rows)}


@st.cache_data(max_entries=100, show_spinner=False)
def _square(data: bytes) -> np.ndarray:
    """All examples in one size, uint8 (160, 160, 3): they are in a grid."""
    with Image.open(io.BytesIO(data)) as image:
        small = ImageOps.fit(image.convert("RGB"), (160, 160), Image.Resampling.BOX)
        return np.asarray(small)


def show_labels(result: dict[str, Any], info: ModelInfo, image: bytes, as_seen: bool) -> None:
    """The answer, and why it is that."""
    best = result["labels"][0]
    st.subheader(f"{plain(best['label'])}, {best['probability']:.1%} sure", anchor=False)
    st.plotly_chart(
        plots.bars(result["labels"]),
        config={"displayModeBar": False},
        key="bars",
        alt=f"Most probable: {best['label']} with {best['probability']:.1%}",
    )
    why(info, image, as_seen, result)


def show_reconstruction(result: dict[str, Any], info: ModelInfo, image: bytes, as_seen: bool) -> None:
    """The image as the network saw it, its reconstruction, whether that is unusual, and denoised."""
    error, threshold = result["mse"], info.metrics.get("threshold")
    heading = f"Mean squared error {error:.4g}"
    if threshold is not None:
        heading += ": an anomaly" if error > threshold else ": nothing unusual"
    st.subheader(heading, anchor=False)
    if threshold is not None:
        st.caption(f"95 % of the validation pictures are below {threshold:.4g}.")
    shown = {
        "seen": "As the network sees it",
        "reconstruction": "Its reconstruction",
        "noisy": "With noise",
        "denoised": "Denoised",
    }
    with st.container(horizontal=True):  # wraps on a phone
        for name in filter(result.get, shown):
            st.image(png(np.array(result[name]), 336), caption=shown[name], alt=shown[name], width=168)


def options(info: ModelInfo) -> dict[str, Any]:
    """Options of the job."""
    if not info.recipe.task.itself:
        return {"top": 5}
    about = "Standard deviation of noise that is added, to be removed by the network."
    usual = float(info.recipe.architecture.noise or 0.3)
    return {"noise": st.slider("Noise", 0.0, 1.0, usual, 0.05, key=f"classify.noise.{info.name}", help=about)}


SHOWN = {"classify": show_labels, "reconstruct": show_reconstruction}

with left:
    info = choose_model()
    image = choose_image(info)
    chosen_options = options(info)
with right:
    if image is None:
        st.info("Choose a picture on the left.", icon=":material/image:")
    else:
        with st.container():
            as_seen = st.session_state["classify.way"] == SENT
            job = info.recipe.task.image_job
            results = answer(job, model=info.name, images=[image], as_seen=as_seen, **chosen_options)
            result = results[0] if isinstance(results, list) else results
            if result and "error" in result:
                st.error(plain(result["error"]), icon=":material/broken_image:")
            elif result:
                SHOWN[job](result, info, image, as_seen)
    if info.recipe.task.itself and info.source == "run":
        result = client().run(info.name, visitor()).result
        with st.expander(info.recipe.task.results_title, icon=":material/bar_chart:"):
            views = info.recipe.task.views(info.recipe, result)
            show_all(views, f"classify.{info.name}", f"{info.name} {info.version}")
    if info.card:
        with st.expander(f"About {info.name}", icon=":material/badge:"):
            card, trained = info.card, info.card["trained"]
            accuracy = info.metrics.get("accuracy")
            minutes = f"{trained['minutes']} min on " if "minutes" in trained else ""
            st.markdown(
                f"**Data** {card['data']}  \n"
                f"**Accuracy** {f'{accuracy:.2%} on the ' if accuracy else ''}{card['test']}  \n"
                f"**Size** {card['parameters']:,} parameters, {card['bytes'] / 1e6:.1f} MB  \n"
                f"**Trained** {minutes}{trained['on']}; again with `{trained['command']}`  \n"
                f"**Bad at** {card['limits']}"
            )
