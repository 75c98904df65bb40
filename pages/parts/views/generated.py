"""What a network shows that makes examples or restores them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.charts import plots
from dlcore.charts.thumbnails import strips
from dlcore.tasks import TASKS
from pages.parts.views.drawing import View, chart, draws, title


@draws("quality")
def _quality(view: View, key: str) -> None:
    """Samples beside real test examples and noise, by the same metrics."""
    shown = [metric for metric in TASKS["generation"].metrics if metric.key in view.get("samples", {})]
    if shown:
        rows = {"samples": "its samples", "real": "real test examples", "noise": "noise"}
        table = [
            {"": words} | {metric.title: metric.text(view[row][metric.key]) for metric in shown}
            for row, words in rows.items()
        ]
        st.dataframe(pd.DataFrame(table), hide_index=True, width="content")
    if "judge" in view:
        st.caption(f"Evaluated by {view['judge']}, a classifier that ships with the Studio.")


@draws("strips")
def _strips(view: View, key: str) -> None:
    title(view, "Test data.")
    st.html(strips(view["strips"]))


@draws("bottleneck")
def _bottleneck(view: View, key: str) -> None:
    about = "Each point is a test example; the network was not given the classes. "
    about += "Of a bottleneck of more than two dimensions: its first two principal components."
    st.markdown("**Codes in the bottleneck**", help=about)
    places, labels, classes = np.array(view["x"]), np.array(view["y"]), tuple(view["classes"])
    alt = f"Scatter of the codes of {len(places)} test examples in {len(classes)} classes"
    chart(view, key, alt, lambda: plots.scatter(places, labels, classes))


@draws("anomalies")
def _anomalies(view: View, key: str) -> None:
    """Errors of the usual examples and of the left-out class; a threshold says which are called anomalies."""
    usual, anomalies = np.array(view["usual"]), np.array(view.get("anomalies", []))
    every = np.concatenate([usual, anomalies])
    st.markdown("**Reconstruction errors**", help="What is badly reconstructed is unlike what was learned.")
    low, high = float(every.min()), float(every.max())
    step = (high - low) / 200 or 1e-6
    threshold = st.slider(
        "Call an anomaly what has an error above",
        low,
        max(high, low + step),
        min(max(view["threshold"], low), high),
        step,
        format="%.4g",
        key=key + ".threshold",
        help="At first: the error that 95 % of the validation examples stay below.",
    )
    groups = {"test examples": view["usual"]}
    if len(anomalies):
        groups[f"left-out class {view['left_out']}"] = view["anomalies"]
    chart(
        view,
        key,
        f"Histogram of the reconstruction errors of {len(every)} test examples, threshold {threshold:.4g}",
        lambda: plots.histograms(groups, "mean squared error", threshold),
        f".{threshold:.5g}",
    )
    false, true = int((usual > threshold).sum()), int((anomalies > threshold).sum())
    if len(anomalies):
        precision = f"{true / (true + false):.1%}" if true + false else "none called so"
        st.markdown(
            f"Precision **{precision}**, recall **{true / len(anomalies):.1%}**: {true} of {len(anomalies)} "
            f"anomalies found, {false} of {len(usual)} other examples called one."
        )
    else:
        st.markdown(f"{false} of {len(usual)} test examples are above it ({false / len(usual):.1%}).")
