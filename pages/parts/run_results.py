"""The marks of a run that has ended: test metrics, confusion matrix, classes, and where to go next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from dlcore import plots
from dlcore.models import shipped
from dlcore.recipe import Recipe
from dlcore.store import Run
from pages.parts.run_live import curve

METRICS = {
    "accuracy": ("Accuracy", "Share of test examples named rightly."),
    "loss": ("Loss", "Cross-entropy on the test data: how surprised the network is. Lower is better."),
    "precision": ("Precision", "Of the examples called a class, the share that are it; mean over classes."),
    "recall": ("Recall", "Of the examples of a class, the share that are found; mean over classes."),
    "f1": ("F1", "Harmonic mean of precision and recall; mean over classes."),
}


def results(run: Run) -> None:
    """Metrics on the test split, the confusion matrix, a row a class, and the ways on."""
    recipe = run.parsed()
    if recipe.generative:
        generative_results(run, recipe)
        return
    st.subheader("On the test data, which it never saw", anchor=False)
    marks(run.result)
    with st.container(horizontal=True):
        if recipe.dataset.modality == "image":
            st.page_link(
                "pages/classify.py",
                label="**Classify a picture with it**",
                icon=":material/image_search:",
                query_params={"model": run.id},
            )
        st.page_link(
            "pages/build.py",
            label="Change it and compare",
            icon=":material/tune:",
            query_params={"recipe": recipe.link()},
        )
    table(run.result, recipe.dataset.classes, f"confusion.{run.id}")


QUALITY = {
    "confident": (
        "Sure of them",
        "Share of samples of which a shipped classifier is at least 90 % sure.",
        "{:.1%}",
    ),
    "rarest": ("Rarest class", "Share of the class that it makes least often.", "{:.1%}"),
    "frechet": (
        "Fréchet distance",
        "How far the samples as a whole are from test pictures, as that classifier sees them. "
        "Lower is better.",
        "{:.4g}",
    ),
    "novelty": (
        "Novelty",
        "Distance to the nearest training picture: 1 as for real test pictures, 0 for copies.",
        "{:.2f}",
    ),
    "jensen_shannon": (
        "Jensen-Shannon",
        "Divergence of samples and real points on a grid: 0 the same, 1 nothing in common.",
        "{:.3f}",
    ),
    "loss": ("−ELBO", "Bound on how surprising test examples are to it, in nats.", "{:.4g}"),
}


def generative_results(run: Run, recipe: Recipe) -> None:
    """How good what it makes is, beside the same numbers of real examples and of noise."""
    st.subheader("What it makes, measured", anchor=False)
    quality = run.result["quality"]
    with st.container(horizontal=True):  # wraps on a phone
        for name, value in run.result["metrics"].items():
            title, about, form = QUALITY[name]
            st.metric(title, form.format(value), help=about, width=150)
    with st.container(horizontal=True):
        if (Path(__file__).parents[1] / "generate.py").exists():
            st.page_link(
                "pages/generate.py",
                label="**Make some with it**",
                icon=":material/auto_awesome:",
                query_params={"model": run.id},
            )
        st.page_link(
            "pages/build.py",
            label="Change it and compare",
            icon=":material/tune:",
            query_params={"recipe": recipe.link()},
        )
    shown = [name for name in QUALITY if name in quality.get("samples", {})]
    if shown:
        rows = {"samples": "its samples", "real": "real test examples", "noise": "noise"}
        table = pd.DataFrame(
            [
                {"": words}
                | {QUALITY[name][0]: QUALITY[name][2].format(quality[row][name]) for name in shown}
                for row, words in rows.items()
            ]
        )
        st.dataframe(table, hide_index=True, width="content")
    if "judge" in quality:
        st.caption(f"Judged by {quality['judge']}, a classifier that ships with the Studio.")


def marks(result: dict[str, Any]) -> None:
    with st.container(horizontal=True):  # wraps on a phone
        for name, (title, about) in METRICS.items():
            value = result["metrics"][name]
            st.metric(title, f"{value:.3f}" if name == "loss" else f"{value:.1%}", help=about, width=150)


def table(result: dict[str, Any], classes: tuple[str, ...], key: str) -> None:
    matrix, rows = st.columns([1, 1], gap="medium")
    with matrix:
        st.markdown("**What it takes for what**")
        wrong = sum(map(sum, result["confusion"])) - sum(
            result["confusion"][i][i] for i in range(len(classes))
        )
        st.plotly_chart(
            plots.confusion(result["confusion"], classes),
            config=plots.CONFIG,
            key=key,
            alt=f"Confusion matrix of {len(classes)} classes with {wrong} mistakes off the diagonal",
        )
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
    info = next(info for info in shipped() if not info.recipe.generative)
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
