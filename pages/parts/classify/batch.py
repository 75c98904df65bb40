"""A batch test: many images, or a zip with a folder for each class, classified in slices and counted."""

from __future__ import annotations

import base64
import hashlib
import io
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from dlcore import batch
from dlcore.batch import Labels, labels_of
from dlcore.decoding.images import SUFFIXES, ImageError
from dlcore.models import ModelInfo
from dlcore.settings import settings
from dlcore.uploads.apart import File
from dlcore.uploads.limits import MAX_IMAGES, MAX_TOTAL_MB, MAX_TOTAL_MEGAPIXELS, UploadError
from dlcore.uploads.listing import Listed, list_images
from pages.parts.classify.picture import photos
from pages.parts.plain import plain
from pages.parts.request import request
from pages.parts.views import show_all

SECONDS = 0.5
"""How long a slice should take: short enough for a bar that moves and for others to come in between."""
MOST = 32
"""Images in a slice."""
SLICE_MB = 20
FIRST_SHOWN = 200
"""Rows of the table; the file has them all."""


@dataclass
class Test:
    """The answers so far of one network to one upload. Its files are the browser's, and go when the visitor does."""

    digest: str
    answers: list[dict[str, Any]] = field(default_factory=list)
    size: int = 4
    stopped: bool = False
    full: bool = False
    """Whether as many pixels have been decoded as may be."""

    @property
    def pixels(self) -> int:
        """How many may still be decoded."""
        return MAX_TOTAL_MEGAPIXELS * 1_000_000 - sum(answer.get("pixels", 0) for answer in self.answers)

    def open(self, total: int) -> bool:
        """Whether of ``total`` images there are some to be classified now."""
        return len(self.answers) < total and not self.stopped and not self.full


def batch_test(info: ModelInfo, left: Any, right: Any) -> None:
    """The files on the left; on the right the answers, and how good they are where the files have labels."""
    with left:
        files: Sequence[Any] = st.file_uploader(
            "Pictures, or a zip with a folder for each class",
            [*SUFFIXES, "zip"],
            accept_multiple_files=True,
            max_upload_size=settings().max_upload_mb,
            key="classify.batch.files",
            help="A folder's name is the true class of the pictures in it; without folders there are answers, "
            "but no accuracy.",
        )
        st.caption(
            f"Up to {MAX_IMAGES:,} pictures, {MAX_TOTAL_MB} MB and {MAX_TOTAL_MEGAPIXELS:,} megapixels in all. They are not kept."
        )
        for _ in range(4):  # what stood here for one picture goes now, not after the last slice
            st.empty()
    with right:
        if not files:
            st.caption(
                "Until you choose files, these are pictures that ship. With a folder for each class there are also "
                "accuracy, confusion matrix and errors."
            )
            files = _shipped(info)
        if not files:
            return
        try:
            images, notes = _listed(files)
        except UploadError as error:
            st.error(plain(error), icon=":material/error:")
            return
        test = _test(info, files)
        if _classify(info, test, images):
            for note in notes:
                st.warning(plain(note), icon=":material/info:")
            _show(info, test, images[: len(test.answers)])


class _Shipped(NamedTuple):
    """A picture that ships, as if it were uploaded."""

    file_id: str
    name: str
    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    def getvalue(self) -> bytes:
        return self.data


def _shipped(info: ModelInfo) -> list[_Shipped]:
    pictures = photos(info.recipe.dataset).items()
    return [_Shipped(f"shipped {name}", f"{name}.jpg", data) for name, data in pictures]


def _test(info: ModelInfo, files: Sequence[Any]) -> Test:
    """The test of these files with this network: the one under way, or a new one."""
    named = repr((info.name, info.version, [(file.file_id, file.size) for file in files]))
    digest = hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()
    test: Test | None = st.session_state.get("classify.batch")
    if test is None or test.digest != digest:
        test = st.session_state["classify.batch"] = Test(digest)
    return test


def _listed(files: Sequence[Any]) -> tuple[list[Listed], list[str]]:
    """The images, and what has been left out. Raises UploadError."""
    if sum(file.size for file in files) > MAX_TOTAL_MB * 2**20:
        raise UploadError(f"The files have more than {MAX_TOTAL_MB} MB together: choose fewer.")
    images, notes = list_images([File(file.name, file.size, file.getvalue) for file in files])
    if not images:
        raise UploadError("There is no picture in these files: choose pictures, or a zip with some.")
    return images, notes


def _classify(info: ModelInfo, test: Test, images: list[Listed]) -> bool:
    """Add the answers that are missing, in slices, until a click comes in between; whether there are any."""
    total, bar, button = len(images), st.empty(), st.empty()
    if test.open(total):
        button.button(
            "Stop",
            icon=":material/stop:",
            key="classify.batch.stop",
            on_click=setattr,
            args=(test, "stopped", True),
        )
    began, before = time.monotonic(), len(test.answers)
    while test.open(total):
        done = len(test.answers)
        bar.progress(done / total, _progress(done, total, began, before))
        sent = time.monotonic()
        read = _slice(images[done : done + test.size])
        contents = [one for one in read if isinstance(one, bytes)]
        answers = (
            request("classify_many", model=info.name, images=contents, pixels=test.pixels) if contents else []
        )
        if not isinstance(answers, list):
            if answers is not None:
                st.error(plain(answers["error"]), icon=":material/error:")
            return False
        slice_ = _joined(read, answers)
        test.full = not slice_
        # Where a click came in between, the script before it may have added the same answers.
        test.answers[done : done + len(slice_)] = slice_
        took, count = time.monotonic() - sent, len(slice_)
        test.size = max(1, min(MOST, 2 * count, round(count * SECONDS / max(took, 0.01))))
    bar.empty()
    button.empty()
    if test.full:
        st.warning(
            f"The pictures have more than {MAX_TOTAL_MEGAPIXELS:,} megapixels together: these are the answers to the "
            f"first {len(test.answers):,} of {total:,}. Choose fewer or smaller ones.",
            icon=":material/photo_size_select_large:",
        )
    elif len(test.answers) < total:
        st.info(f"Stopped after {len(test.answers):,} of {total:,} pictures.", icon=":material/stop:")
        st.button(
            "Go on",
            icon=":material/play_arrow:",
            key="classify.batch.on",
            on_click=setattr,
            args=(test, "stopped", False),
        )
    return bool(test.answers)


def _slice(images: list[Listed]) -> list[bytes | str]:
    """The bytes of the first of these images, at most ``SLICE_MB``; for one that cannot be had, why."""
    read: list[bytes | str] = []
    size = 0
    for image in images:
        try:
            content: bytes | str = image.content()
        except ImageError as error:
            content = str(error)
        size += len(content)
        if read and size > SLICE_MB * 2**20:
            break
        read.append(content)
    return read


def _joined(read: list[bytes | str], answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers, and errors where there was nothing to classify, up to the first image without an answer."""
    given = iter(answers)
    rows: list[dict[str, Any]] = []
    for one in read:
        row = next(given, None) if isinstance(one, bytes) else {"error": one}
        if row is None:
            break
        rows.append(row)
    return rows


def _progress(done: int, total: int, began: float, before: int) -> str:
    line = f"{done:,} of {total:,} pictures"
    if done > before:
        line += f", {(time.monotonic() - began) / (done - before) * (total - done):.0f} s left"
    return line


def _show(info: ModelInfo, test: Test, images: list[Listed]) -> None:
    """Accuracy where there are labels, the table, the errors and the file."""
    answers = test.answers
    labels = labels_of(images, info.recipe.dataset.classes)
    report = batch.report(answers, labels.classes)
    for note in labels.notes:
        st.warning(plain(note), icon=":material/info:")
    if report:
        _accuracy(report)
    paths = [image.path for image in images]
    _table(paths, answers, labels)
    st.download_button(
        "All answers as CSV",
        lambda: batch.table(paths, answers, labels),
        "batch-test.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
    if report:
        _counts(report, answers, labels, f"{test.digest} {len(answers)}")
    broken = [f"{path}: {a['error']}" for path, a in zip(paths, answers, strict=True) if "error" in a]
    if broken:
        number = "1 file" if len(broken) == 1 else f"{len(broken):,} files"
        with st.expander(f"{number} could not be read", icon=":material/broken_image:"):
            st.text("\n".join(broken[:FIRST_SHOWN]))


def _accuracy(report: dict[str, Any]) -> None:
    shown = (
        ("Top-1 accuracy", f"{report['top1']:.1%}", "The most probable class is the true one."),
        ("Top-5 accuracy", f"{report['top5']:.1%}", "The true class is among the five most probable."),
        ("Labelled pictures", f"{report['count']:,}", "Those in a folder that is called like a class."),
    )
    with st.container(horizontal=True, gap="medium"):  # side by side on a phone too
        for title, value, about in shown:
            st.metric(title, value, help=about, width="content")


def _table(paths: list[str], answers: list[dict[str, Any]], labels: Labels) -> None:
    """Every image with its answer, the surest first."""
    rows = [
        {
            "picture": f"data:image/jpeg;base64,{base64.b64encode(answer['thumbnail']).decode()}",
            "predicted": answer["labels"][0]["label"],
            "probability": answer["labels"][0]["probability"],
            "label": label,
            "correct": answer["labels"][0]["label"] == known if known else None,
            "file": path,
        }
        for path, answer, label, known in zip(paths, answers, labels.given, labels.classes, strict=True)
        if "labels" in answer
    ]
    if not rows:
        return
    frame = pd.DataFrame(rows).sort_values("probability", ascending=False, kind="stable")
    if not any(labels.given):
        frame = frame.drop(columns=["label", "correct"])
    st.dataframe(
        frame.head(FIRST_SHOWN),
        hide_index=True,
        row_height=52,
        height=min(460, 38 + 52 * len(frame)),
        key="classify.batch.table",
        column_config={
            "picture": st.column_config.ImageColumn("Picture", width=64),
            "predicted": st.column_config.TextColumn("Predicted class"),
            "probability": st.column_config.ProgressColumn(
                "Probability", min_value=0, max_value=1, format="percent", color="gray"
            ),
            "label": st.column_config.TextColumn("True class", help="The folder's name."),
            "correct": st.column_config.CheckboxColumn("Correct"),
            "file": st.column_config.TextColumn("File"),
        },
    )
    if len(frame) > FIRST_SHOWN:
        st.caption(f"The {FIRST_SHOWN} surest of {len(frame):,}; the file below has them all.")


def _counts(report: dict[str, Any], answers: list[dict[str, Any]], labels: Labels, name: str) -> None:
    """Confusion matrix, per-class metrics and the most confident errors."""
    views: list[dict[str, Any]] = [
        {"kind": "confusion", "matrix": report["confusion"], "classes": report["names"]},
        {"kind": "per class", "rows": report["classes"]},
    ]
    wrong = batch.worst(answers, labels.classes)
    if wrong:
        shown = wrong[: batch.MOST_ERRORS]
        best = [answers[i]["labels"][0] for i in shown]
        said = {
            "true": [labels.classes[i] for i in shown],
            "predicted": [row["label"] for row in best],
            "probability": [row["probability"] for row in best],
        }
        images = [np.asarray(Image.open(io.BytesIO(answers[i]["thumbnail"]))) for i in shown]
        title = f"Most confident errors · {len(shown)} of {len(wrong)}"
        views.append({"kind": "gallery", "title": title, "images": images, "answers": said})
    show_all(views, "classify.batch", name)
