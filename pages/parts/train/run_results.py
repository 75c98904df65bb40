"""The results of a run that has ended: test metrics, confusion matrix, classes, and where to go next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from dlcore.models import shipped
from dlcore.recipe import Recipe
from dlcore.runs.store import Run
from pages.parts.train import watched
from pages.parts.train.gate_view import gate_view
from pages.parts.train.run_curves import curve
from pages.parts.views import show_all


def results(run: Run) -> None:
    """Metrics on the test split, what there is to look at of them, and the ways on."""
    recipe = run.parsed()
    st.subheader(
        recipe.task.results_title, anchor=False, help="On the test part: data the network has never seen."
    )
    metrics(recipe, run.result)
    with st.container(horizontal=True):
        for label, page, icon in recipe.task.ways_on(recipe):
            if (Path(__file__).parents[2] / f"{page}.py").exists():
                st.page_link(
                    f"pages/{page}.py", label=f"**{label}**", icon=icon, query_params={"model": run.id}
                )
    views = [*recipe.task.views(recipe, run.result), *watched.errors(run)]
    show_all(views, f"result.{run.id}", f"{run.id} {run.ended}")
    gate_view(run)


def metrics(recipe: Recipe, result: dict[str, Any]) -> None:
    """The metrics of the task, as many as the result has."""
    with st.container(horizontal=True):  # wraps on a phone
        for metric in recipe.task.metrics:
            if (value := result["metrics"].get(metric.key)) is not None:
                st.metric(metric.title, metric.text(value, recipe.problem.unit), help=metric.help, width=150)
    if baseline := result.get("baseline"):
        st.caption(f"{baseline['title']}: {recipe.task.summary(baseline, recipe.problem.unit)}")


def shipped_training() -> None:
    """Before anybody has trained anything: the training of the network that ships with the Studio."""
    info = next(info for info in shipped() if info.recipe.classifies and "history" in info.card)
    st.markdown(
        f"Nothing has been trained here yet. This is how **{info.name}** learned, a network of the "
        "Classify page. Build one of your own and watch it here, live."
    )
    st.page_link("pages/build.py", label="**Build a network**", icon=":material/tune:")
    history = info.card["history"]
    total = len(history)
    for column, metric in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        with column:
            curve((history, [], []), metric, total, f"shipped.{metric}")
    metrics(info.recipe, info.card)
    show_all(info.recipe.task.views(info.recipe, info.card), "shipped", info.name)
