"""The marks of a run that has ended: test metrics, confusion matrix, classes, and where to go next."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dlcore import plots
from dlcore.models import shipped
from dlcore.store import Run
from pages.parts.run_live import curve

METRICS = {
    "accuracy": ("Accuracy", "Share of test examples named rightly."),
    "loss": (
        "Loss",
        "Cross-entropy on the test data: how surprised the network is. Lower is better.",
    ),
    "precision": (
        "Precision",
        "Of the examples called a class, the share that are it; mean over classes.",
    ),
    "recall": (
        "Recall",
        "Of the examples of a class, the share that are found; mean over classes.",
    ),
    "f1": ("F1", "Harmonic mean of precision and recall; mean over classes."),
}


def results(run: Run) -> None:
    """Metrics on the test split, the confusion matrix, a row a class, and the ways on."""
    recipe = run.parsed()
    st.subheader("On the test data, which it never saw", anchor=False)
    marks(run.result)
    with st.container(horizontal=True):
        if recipe.dataset.modality == "image":
            st.page_link(
                "pages/classify.py", label="**Classify a picture with it**",
                icon=":material/image_search:", query_params={"model": run.id},
            )  # fmt: skip
        st.page_link(
            "pages/build.py", label="Change it and compare", icon=":material/tune:",
            query_params={"recipe": recipe.link()},
        )  # fmt: skip
    table(run.result, recipe.dataset.classes, f"confusion.{run.id}")


def marks(result: dict[str, Any]) -> None:
    with st.container(horizontal=True):  # wraps on a phone
        for name, (title, about) in METRICS.items():
            value = result["metrics"][name]
            st.metric(
                title, f"{value:.3f}" if name == "loss" else f"{value:.1%}", help=about, width=150
            )


def table(result: dict[str, Any], classes: tuple[str, ...], key: str) -> None:
    matrix, rows = st.columns([1, 1], gap="medium")
    with matrix:
        st.markdown("**What it takes for what**")
        wrong = sum(map(sum, result["confusion"])) - sum(
            result["confusion"][i][i] for i in range(len(classes))
        )
        st.plotly_chart(
            plots.confusion(result["confusion"], classes), config=plots.CONFIG, key=key,
            alt=f"Confusion matrix of {len(classes)} classes with {wrong} mistakes off the diagonal",
        )  # fmt: skip
    with rows:
        st.markdown("**Class by class**")
        share = st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent")
        st.dataframe(
            pd.DataFrame(result["classes"]),
            hide_index=True,
            column_config={
                "class": "Class",
                "precision": share | {"label": "Precision"},
                "recall": share | {"label": "Recall"},
                "f1": share | {"label": "F1"},
                "support": st.column_config.NumberColumn("Examples", format="localized"),
            },
        )


def shipped_training() -> None:
    """Before anybody has trained anything: the training of the network that ships with the Studio."""
    info = shipped()[0]
    st.markdown(
        f"Nothing has been trained here yet. This is how **{info.name}** learned, the network behind the "
        "Classify page. Build one of your own and watch it here, live."
    )
    st.page_link("pages/build.py", label="**Build a network**", icon=":material/tune:")
    history = info.card["history"]
    total = len(history)
    for column, metric in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        with column:
            curve(history, [], [], metric, total, f"shipped.{metric}")
    marks(info.card)
    table(info.card, info.recipe.dataset.classes, "confusion.shipped")
