"""The picture to classify: an example, a drawing, an upload, the camera, or what Generate has handed over."""

from __future__ import annotations

import io

import numpy as np
import streamlit as st
from PIL import Image, ImageOps

from dlcore.charts.thumbnails import png
from dlcore.datasets.base import Dataset
from dlcore.decoding.images import SUFFIXES, ImageError
from dlcore.models import ZOO, ModelInfo
from dlcore.settings import settings
from dlcore.uploads.web import fetch
from pages.parts.image_grid import image_grid
from pages.parts.image_pad import image_pad
from pages.parts.image_paste import image_paste
from pages.parts.plain import plain
from pages.parts.waiting import answer

SENT = "From Generate"  # the image that page has handed over


def choose(info: ModelInfo) -> bytes | None:
    """An example (one click), a drawing, an upload or paste, the camera, or an address."""
    sent: bytes | None = st.session_state.get("classify.sent")
    handed_over = st.session_state.get("classify.way") == SENT
    way = st.segmented_control(
        "Picture",
        ["Examples", "Draw", "Upload", "Camera", "Web", *([SENT] if sent else [])],
        default=None if handed_over else "Examples",
        required=True,
        key="classify.way",
    )
    if way == SENT:
        return sent
    if way == "Draw":
        return image_pad("classify.pad", handwriting=info.recipe.dataset.handwriting)
    if way == "Camera":
        photo = st.camera_input("Hold the picture before the camera")
        return photo.getvalue() if photo else None
    if way in OTHERS:
        return OTHERS[way]()
    return _example(info)


def _upload() -> bytes | None:
    """One of the files that were chosen, or what was pasted since."""
    most = settings().max_upload_mb
    files = st.file_uploader(
        "Picture files",
        SUFFIXES,
        accept_multiple_files=True,
        max_upload_size=most,
        key="classify.files",
        help="A photo of a handwritten digit on paper, or whatever the network has learned.",
    )
    chosen = tuple(file.file_id for file in files)

    def pasted(data: bytes) -> None:
        st.session_state["classify.pasted"] = (data, chosen)

    image_paste("classify.paste", most, pasted)
    data, before = st.session_state.get("classify.pasted", (b"", ()))
    if data and before == chosen:
        st.caption("This is the picture that you pasted.")
        return bytes(data)
    st.session_state.pop("classify.pasted", None)
    if not files:
        return None
    number = len(files) - 1  # the newest
    if number:
        number = st.selectbox(
            f"Which of the {len(files):,}",
            range(len(files)),
            number,
            format_func=lambda i: files[i].name,
            key=f"classify.which.{chosen[-1]}",
            help="Batch test classifies all of them at once.",
        )
    data = files[number].getvalue()
    return bytes(data)


def _web() -> bytes | None:
    """A picture of the web, fetched once."""
    url = st.text_input(
        "Address of a picture",
        key="classify.url",
        max_chars=2000,
        placeholder="https://…",
        help="Of the picture itself: in most browsers a right click on it copies its address.",
    ).strip()
    if not url:
        return None
    asked, data, problem = st.session_state.get("classify.fetched", ("", b"", ""))
    if asked != url:
        data, problem = b"", ""
        with st.spinner("Fetching…"):
            try:
                data = fetch(url)
            except ImageError as error:
                problem = str(error)
        st.session_state["classify.fetched"] = (url, data, problem)
    if problem:
        st.error(plain(problem), icon=":material/link_off:")
        st.button(
            "Try again", key="classify.refetch", on_click=st.session_state.pop, args=("classify.fetched",)
        )
        return None
    return bytes(data)


OTHERS = {"Upload": _upload, "Web": _web}


def _example(info: ModelInfo) -> bytes | None:
    """One of the examples: a click chooses."""
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
