"""A training of classes of one's own: how far it is, how good it became, and an answer to a new picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from dlcore.charts import plots
from dlcore.client import Visitor, client
from dlcore.decoding.images import SUFFIXES
from dlcore.runs.states import State
from dlcore.runs.store import Run, UnknownRun
from dlcore.settings import settings
from pages.parts.pace import PACE
from pages.parts.plain import plain
from pages.parts.train.run_wait import why_it_waits
from pages.parts.waiting import answer

PHASES = {
    "loading data": "Loading the images…",
    "preparing": "Computing features of the images…",
    "training": "Training…",
    "evaluating": "Evaluating on the held-out images…",
}


def show(run_id: str | None, who: Visitor) -> bool:
    """How far a training is, drawn again until it has ended; whether it goes on."""
    if not run_id:
        return False
    try:
        run = client().run(run_id, who)
    except UnknownRun:
        return False
    if run.state.is_terminal:
        return False
    st.fragment(_progress, run_every=PACE.interval())(run_id, who)
    return True


def _progress(run_id: str, who: Visitor) -> None:
    try:
        run = client().run(run_id, who)
    except UnknownRun:
        st.rerun()
    if run.state.is_terminal:
        st.rerun()
    if run.state is State.QUEUED:
        st.progress(0.0, why_it_waits(run))
    else:
        done = run.progress.get("epoch", 0) / max(1, run.progress.get("epochs", 1))
        words = PHASES.get(run.progress.get("phase", ""), "Starting…")
        epochs = client().store.metrics(run_id, "epoch")
        if epochs and "val_accuracy" in epochs[-1]:
            words += f" Validation accuracy {epochs[-1]['val_accuracy']:.0%}."
        st.progress(min(1.0, done), words)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link(
            "pages/train.py", label="Watch it", icon=":material/show_chart:", query_params={"run": run_id}
        )
        st.button(
            "Stop",
            icon=":material/stop:",
            type="tertiary",
            key="teach.stop",
            on_click=client().stop,
            args=(run_id, who),
        )


def result(run_id: str, who: Visitor, use: Callable[[str], None]) -> None:
    """Of a run that has ended: held-out accuracy, what it confuses, and the network to try."""
    try:
        run = client().run(run_id, who)
    except UnknownRun:
        return
    if not run.state.is_terminal:
        return
    if run.reason:
        st.warning(plain(run.reason), icon=":material/info:")
    if run.result:
        _held_out(run)
        _try(run)
        _ways_on(run, use)


def _held_out(run: Run) -> None:
    matrix = np.array(run.result["confusion"])
    names = run.parsed().dataset.classes
    count = int(matrix.sum())
    right = int(np.trace(matrix))
    st.subheader(f"Held-out accuracy {right / count:.0%}", anchor=False)
    st.caption(
        f"{right} of {count} images that it did not learn from; one image more or less is {1 / count:.0%}. "
        + plain(confused(matrix, names))
    )
    rows = list(zip(np.diag(matrix), matrix.sum(axis=1), strict=True))
    st.dataframe(
        {
            "Class": list(names),
            "Correct": [f"{hits} of {size}" for hits, size in rows],
            "Accuracy": [100 * hits / size if size else None for hits, size in rows],
        },
        hide_index=True,
        column_config={
            "Accuracy": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100)
        },
    )


def confused(matrix: np.ndarray, names: tuple[str, ...]) -> str:
    """Which two classes are confused most, as a sentence; rows are the true classes."""
    both = np.triu(matrix + matrix.T, 1)
    if not both.any():
        return "It confuses none of them."
    a, b = np.unravel_index(both.argmax(), both.shape)
    wrong, of = int(both[a, b]), int(matrix[[a, b]].sum())
    return f"It confuses {names[a]} and {names[b]} most: {wrong} of their {of} held-out images."


def _try(run: Run) -> None:
    """An answer to a new picture."""
    st.subheader("Try it", anchor=False)
    way = st.segmented_control(
        "New picture",
        ["Upload", "Camera"],
        default="Upload",
        required=True,
        key="teach.way",
        label_visibility="collapsed",
    )
    if way == "Camera":
        image = st.camera_input("A new picture", key="teach.try.camera", label_visibility="collapsed")
    else:
        image = st.file_uploader(
            "A new picture",
            SUFFIXES,
            max_upload_size=settings().max_upload_mb,
            key="teach.try.file",
            label_visibility="collapsed",
        )
    if image is None:
        return
    answers = answer("classify", model=run.id, images=[image.getvalue()], top=8)
    row: Any = answers[0] if isinstance(answers, list) else answers
    if row and "error" in row:
        st.error(plain(row["error"]), icon=":material/broken_image:")
    elif row:
        best = row["labels"][0]
        picture, bars = st.columns([1, 2], vertical_alignment="center")
        picture.image(row["picture"], alt="The new picture")
        bars.plotly_chart(
            plots.bars(row["labels"]),
            config={"displayModeBar": False},
            key="teach.bars",
            alt=f"Most probable: {best['label']} with {best['probability']:.1%}",
        )


def _ways_on(run: Run, use: Callable[[str], None]) -> None:
    st.caption("Not good enough? Add images of the classes it confuses, and train again.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Classify with it, and see why",
            icon=":material/image_search:",
            on_click=use,
            args=(run.id,),
            key="teach.use",
        )
        st.page_link(
            "pages/train.py",
            label="Its curves and errors",
            icon=":material/show_chart:",
            query_params={"run": run.id},
        )
        st.page_link(
            "pages/build.py",
            label="Its recipe and Keras code",
            icon=":material/code:",
            query_params={"recipe": run.parsed().link()},
        )
