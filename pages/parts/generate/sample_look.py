"""One sample, looked at closely: kept, compared with what the network has seen, classified, downloaded."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from dlcore.charts import contact_sheet
from dlcore.charts.thumbnails import png
from dlcore.client import client
from dlcore.models import ModelInfo
from pages.parts.desk import reason
from pages.parts.image_grid import image_grid
from pages.parts.plain import plain
from pages.parts.request import request
from pages.parts.visitor import visitor

MOST = 24
"""Images that a session keeps."""
COPY, ALIKE = 0.5, 0.8
"""Shares of the distance that real images have to their nearest training image."""
Item = dict[str, Any]
"""``image`` (height, width, channels), its ``title``, and the ``model`` that generated it."""


def look_at(info: ModelInfo, drawn: dict[str, Any], seed: int) -> None:
    """The chosen sample, large, and what can be done with it."""
    source, index = st.session_state.get("generate.look", ("grid", 0))
    kept = _kept()
    if source == "shelf" and index < len(kept):
        item = kept[index]
    else:
        source, index = "grid", min(index, len(drawn["samples"]) - 1)
        labels = drawn["labels"]
        of_class = f", class {info.recipe.dataset.classes[labels[index]]}" if labels else ""
        item = {
            "image": drawn["samples"][index],
            "title": f"{info.title}, seed {seed}, picture {index + 1}{of_class}",
            "model": info.name,
        }
    key = hashlib.sha256(item["image"].tobytes()).hexdigest()[:16]
    pair = st.container(horizontal=True)
    with pair:
        _show(item["image"], item["title"])
    _buttons(item, key, index if source == "shelf" else None)
    if st.session_state.get("generate.compared") == key:
        _nearest(item, pair)


def _show(pixels: np.ndarray, words: str) -> None:
    with st.container(width=168):
        st.image(png(pixels, 280), caption=plain(words), alt=words, width="stretch")


def _kept() -> list[Item]:
    kept: list[Item] = st.session_state.setdefault("generate.shelf", [])
    return kept


def _buttons(item: Item, key: str, on_shelf: int | None) -> None:
    kept = _kept()
    known = any(np.array_equal(other["image"], item["image"]) for other in kept)

    def keep() -> None:
        kept.append(item)

    def drop() -> None:
        if on_shelf is not None:
            del kept[on_shelf]
        st.session_state["generate.look"] = ("grid", 0)

    def compare() -> None:
        st.session_state["generate.compared"] = key

    with st.container(horizontal=True):
        if on_shelf is None:
            st.button(
                "Keep",
                icon=":material/bookmark:",
                on_click=keep,
                key="generate.keep",
                disabled=len(kept) >= MOST or known,
                help=f"Put it on a shelf below; it holds {MOST} as long as this page is open.",
            )
        else:
            st.button("Let go", icon=":material/bookmark_remove:", on_click=drop, key="generate.drop")
        st.button(
            "Nearest training picture",
            icon=":material/compare:",
            on_click=compare,
            key="generate.compare",
            help="Has the network learned this one by heart?",
        )
        classifier = _classifier(item["model"])
        if classifier and st.button(
            "Classify",
            icon=":material/image_search:",
            key="generate.classify",
            help=f"What does {classifier} see in it?",
        ):
            st.session_state["classify.sent"] = png(item["image"], 280)
            st.session_state["classify.way"] = "From Generate"
            st.switch_page("pages/classify.py", query_params={"model": classifier})
        st.download_button(
            "PNG",
            png(item["image"], 280),
            f"{item['title'].replace(', ', '-')}.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
            key="generate.one",
        )


def _info(model: str) -> ModelInfo | None:
    return next((info for info in client().models(visitor()) if info.name == model), None)


def _classifier(model: str) -> str | None:
    """A classifier that has learned the same kind of image."""
    info = _info(model)
    if info is None:
        return None
    problem = info.recipe.dataset.problem
    fitting = (
        other.name
        for other in client().models(visitor())
        if other.recipe.classifies
        and other.recipe.dataset.problem == problem
        and other.recipe.dataset.name == info.recipe.dataset.name
    )
    return next(fitting, None)


def _nearest(item: Item, place: Any) -> None:
    """The nearest training image beside it, and what the distance means."""
    nearest = request("nearest", model=item["model"], images=[item["image"].tolist()])
    if nearest is None:
        return
    if "error" in nearest:
        st.warning(plain(reason(nearest)), icon=":material/cloud_off:")
        _download(item["model"])
        return
    distance, typical = nearest["distance"][0], nearest["typical"]
    with place:
        _show(nearest["nearest"][0], f"Nearest training picture: {nearest['label'][0]}")
    st.markdown(
        f"**{_verdict(distance / typical)}** The nearest training picture is {distance:.2f} away; "
        f"for real test pictures that is typically {typical:.2f}.",
        help="Euclidean distance over all pixels, each from 0 to 1.",
    )


def _verdict(share: float) -> str:
    if share < COPY:
        return "Close to a copy."
    return "Much like one it has seen." if share < ALIKE else "Not memorised."


def _download(model: str) -> None:
    """Fetch the data set that a comparison needs."""
    info = _info(model)
    dataset = info.recipe.dataset if info else None
    if info is None or dataset is None or dataset.source != "download":
        return
    size = dataset.download_bytes / 1e6
    if st.button(
        f"Download {dataset.title} ({size:.0f} MB)", icon=":material/download:", key="generate.download"
    ):
        views = request("look_at", dataset=dataset.model_dump(), seed=info.recipe.training.seed)
        if views is not None and "error" in views:
            st.error(plain(views["error"]), icon=":material/cloud_off:")
        elif views is not None:
            st.rerun()


# -- the shelf ------------------------------------------------------------------------------------


def shelf() -> None:
    """The kept images; a click chooses one."""
    kept = _kept()
    if not kept:
        return
    source, index = st.session_state.get("generate.look", ("grid", 0))
    st.markdown(f"**Kept** · {len(kept)} of {MOST}")
    image_grid(
        [item["image"] for item in kept],
        "generate.kept",
        selected=index if source == "shelf" else None,
        columns=8,
        width=560,
        alt=f"{len(kept)} pictures you have kept; click one to look at it",
        clicked=lambda i: st.session_state.update({"generate.look": ("shelf", i)}),
    )
    with st.container(horizontal=True):
        st.download_button(
            "Kept as PNG",
            _sheet(kept),
            "kept.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
            key="generate.kept.png",
        )
        st.button(
            "Empty the shelf",
            icon=":material/delete:",
            on_click=kept.clear,
            key="generate.kept.empty",
            type="tertiary",
        )


def _sheet(kept: list[Item]) -> bytes:
    """Kept images may be of several sizes: all are brought to one."""
    cells = []
    for item in kept:
        with Image.open(io.BytesIO(png(item["image"], 112))) as image:
            cells.append(np.asarray(image.convert("RGB").resize((112, 112), Image.Resampling.NEAREST)))
    return contact_sheet.png(np.stack(cells), 1200)
