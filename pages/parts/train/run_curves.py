"""The curves of a run, drawn again while it trains."""

from __future__ import annotations

import streamlit as st

from dlcore.charts import curves
from dlcore.charts.curves import Measured
from dlcore.runs.store import Run
from pages.parts.plain import plain
from pages.parts.train import watched
from pages.parts.train.live_chart import live_chart


def show_curves(run: Run, log: bool) -> None:
    measured = watched.measured(run)
    events = measured[2]
    recipe = run.parsed()
    total = recipe.epochs
    validation = recipe.architecture.draws_validation(recipe.problem)
    charts = recipe.architecture.curves or recipe.task.curves
    for column, metrics in zip(st.columns(len(charts)), charts, strict=True):
        with column:
            key = f"curve.{'.'.join(metrics)}.{run.id}"
            if len(metrics) == 1:
                curve(measured, metrics[0], total, key, log=log)
            else:
                curves_together(measured, metrics, total, key, log=log, validation=validation)
    if events:
        with st.expander(f"Events ({len(events)})", icon=":material/flag:"):
            for at, message in events:
                st.markdown(f"epoch {at:.4g}: {plain(message)}")


def curve(measured: Measured, metric: str, total: int, key: str, *, log: bool = False) -> None:
    """One metric over the epochs, under its name."""
    percent = metric == "accuracy"
    st.markdown(
        f"**{curves.NAMES.get(metric, metric.capitalize())}**",
        help="Drag over the curve to zoom in; double-click to see it all.",
    )
    chart = curves.curve(measured, metric, total, log=log and not percent, percent=percent)
    live_chart(chart, key, f"{metric} over {total} epochs, for training and validation")


CHARTS: dict[tuple[str, ...], tuple[str, str]] = {
    ("reconstruction", "kl"): (
        "Reconstruction and KL",
        "The loss's two parts: reconstruction error, and how far the latent distribution is from "
        "the prior, a standard normal one. Nats per example.",
    ),
    ("generator_loss", "discriminator_loss"): (
        "Generator and discriminator loss",
        "Neither should win: level curves are good, one at 0 means the other learns nothing.",
    ),
    ("real_accuracy", "fake_accuracy"): (
        "Discriminator accuracy",
        "On real and on generated examples. Near 50 % it cannot tell them apart; near 100 % it knows every one.",
    ),
}


def curves_together(
    measured: Measured,
    metrics: tuple[str, ...],
    total: int,
    key: str,
    *,
    log: bool = False,
    validation: bool = True,
) -> None:
    """Two metrics in one chart, under their common name."""
    title, about = CHARTS[metrics]
    percent = metrics[0].endswith("accuracy")
    st.markdown(f"**{title}**", help=about)
    chart = curves.together(
        measured, metrics, total, log=log and not percent, percent=percent, validation=validation
    )
    live_chart(chart, key, f"{title} over {total} epochs")
