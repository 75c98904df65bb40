"""Runs drawn over each other: which ones, their curves in one chart, and a table of what differs.

The page's address holds them: ``run`` is the one that is shown in full, ``with`` the others.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dlcore.charts import curves
from dlcore.client import Visitor, client
from dlcore.comparison import differences
from dlcore.recipe import RecipeError
from dlcore.runs.store import Run, UnknownRun
from pages.parts.train import watched
from pages.parts.train.live_chart import live_chart

MOST = 8
"""Runs that are compared at a time."""


def asked() -> list[str]:
    """The ids in the page's address beside ``run``, each once."""
    main, others = st.query_params.get("run", ""), st.query_params.get("with", "").split(",")
    return [run for run in dict.fromkeys(others) if run and run != main][: MOST - 1]


def open_together(runs: list[str]) -> None:
    """Put runs into the address; the first is shown in full."""
    first, *others = list(dict.fromkeys(runs))[:MOST]
    st.query_params["run"] = first
    if others:
        st.query_params["with"] = ",".join(others)
    else:
        st.query_params.pop("with", None)


def seen(ids: list[str], who: Visitor) -> list[Run]:
    """Those of them that the visitor may see and that can be read."""
    runs = []
    for run in ids:
        try:
            runs.append(client().run(run, who))
            runs[-1].parsed()
        except UnknownRun:
            continue
        except RecipeError:
            runs.pop()
    return runs


def names(runs: list[Run]) -> list[str]:
    """What each is called in the legend: its name, and its id where two have the same."""
    called = [run.name for run in runs]
    return [
        name if called.count(name) == 1 else f"{name} · {run.id[:4]}"
        for name, run in zip(called, runs, strict=True)
    ]


def overlay(runs: list[Run], log: bool) -> None:
    """The curves of runs over each other: the charts of the first."""
    recipe = runs[0].parsed()
    total = max(run.parsed().epochs for run in runs)
    rows = [(name, watched.measured(run)[0]) for name, run in zip(names(runs), runs, strict=True)]
    charts = recipe.architecture.curves or recipe.task.curves
    for column, metrics in zip(st.columns(len(charts)), charts, strict=True):
        percent = metrics[0].endswith("accuracy")
        title = " and ".join(curves.NAMES.get(metric, metric.capitalize()) for metric in metrics)
        with column:
            st.markdown(f"**{title}**", help="Thick: validation. Thin and dashed: training. Drag to zoom in.")
            chart = curves.overlaid(rows, metrics, total, log=log and not percent, percent=percent)
            key = f"overlay.{'.'.join(metrics)}.{'.'.join(run.id for run in runs)}"
            live_chart(chart, key, f"{title} of {len(runs)} runs over {total} epochs")


def heading(runs: list[Run], missing: int) -> None:
    """How many are compared, and the way back to one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        words = f"{len(runs)} runs over each other; the link of this page opens the same."
        if missing:
            words += f" {missing} more of the link: deleted, or not shared with you."
        st.caption(words, width="stretch")
        if st.button("Show one run", icon=":material/close:", key="compare.end"):
            open_together([runs[0].id])
            st.rerun()


def table(runs: list[Run]) -> None:
    """What differs in their recipes, and their test metrics; a row is a run."""
    recipes = [run.parsed() for run in runs]
    columns: dict[str, list[Any]] = {"run": names(runs), **differences(recipes)}
    for recipe in recipes:
        for metric in recipe.task.metrics:
            columns.setdefault(f"test {metric.title}", [_metric(run, metric) for run in runs])
    st.markdown("**What differs, and test metrics**")
    shown = {name: values for name, values in columns.items() if any(values)}
    st.dataframe(pd.DataFrame(shown), hide_index=True, alt=f"Table of what differs between {len(runs)} runs")


def _metric(run: Run, metric: Any) -> str:
    value = run.result.get("metrics", {}).get(metric.key)
    mine = metric in run.parsed().task.metrics
    return metric.text(value, run.parsed().problem.unit) if mine and value is not None else ""
