"""How every kind of view is drawn: what a data set, a preview, a result or a card has to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.charts import plots
from dlcore.charts.fits import fits
from dlcore.charts.thumbnails import grid, strips
from dlcore.charts.token_chips import token_chips
from dlcore.charts.written_lines import written_lines
from dlcore.tasks import TASKS
from pages.parts.plain import plain

View = dict[str, Any]


def show_all(views: list[View], key: str, name: str) -> None:
    """Draw views in two columns, in their order.

    ``key`` tells them from others on the page; ``name`` says what they show, so that figures are made once.
    """
    for start in range(0, len(views), 2):
        pair = views[start : start + 2]
        for i, (column, view) in enumerate(zip(st.columns(2, gap="medium"), pair, strict=False), start):
            with column:
                RENDERERS[view["kind"]](view | {"name": f"{name} {i}"}, f"{key}.{i}")


@st.cache_resource(max_entries=200, show_spinner=False)
def _figure(name: str, _make: Callable[[], View]) -> Any:
    """Plotly's figure of a name: Plotly takes longer to validate one than everything else on the page."""
    from plotly.graph_objects import Figure

    return Figure(_make())


def _chart(view: View, key: str, alt: str, make: Callable[[], View], part: str = "") -> None:
    figure = _figure(f"{view['name']} {part}", make)
    st.plotly_chart(figure, config=plots.CONFIG, key=key + part, alt=alt)


def _points(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}** · training data")
    x, y, classes = np.array(view["x"]), np.array(view["y"]), tuple(view["classes"])
    alt = f"Scatter of {len(x)} training points of {view['title']} in {len(classes)} classes"
    _chart(view, key, alt, lambda: plots.scatter(x, y, classes))


def _images(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}** · training data")
    st.html(grid([np.array(image) for image in view["images"]], view["labels"], size=44))


def _tokens(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}**", help="Each box is a token; dashed ones are unknown.")
    st.html(token_chips(view["rows"], view["unknown"]))


def _balance(view: View, key: str) -> None:
    st.markdown("**Class balance**")
    _chart(
        view,
        key,
        "Bars: examples of each class in each part",
        lambda: plots.balance(view["counts"], tuple(view["classes"])),
    )


def _confusion(view: View, key: str) -> None:
    st.markdown("**Confusion matrix**")
    matrix, classes = view["matrix"], tuple(view["classes"])
    wrong = sum(map(sum, matrix)) - sum(matrix[i][i] for i in range(len(classes)))
    alt = f"Confusion matrix of {len(classes)} classes with {wrong} mistakes off the diagonal"
    _chart(view, key, alt, lambda: plots.confusion(matrix, classes))


def _per_class(view: View, key: str) -> None:
    st.markdown("**Per-class metrics**")
    share = st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent")
    st.dataframe(
        pd.DataFrame(view["rows"]),
        hide_index=True,
        column_config={
            "class": "Class",
            "precision": share | {"label": "Precision"},
            "recall": share | {"label": "Recall"},
            "f1": share | {"label": "F1"},
            "support": st.column_config.NumberColumn("Examples", format="localized"),
        },
    )


def _roc(view: View, key: str) -> None:
    about = (
        "How many of each class are called the second as the threshold on its probability falls from 1 to 0. "
    )
    st.markdown("**ROC curve**", help=about + "The dotted line: guessing.")
    classes = view["classes"]
    alt = f"ROC curve: share of {classes[1]} found over share of {classes[0]} called {classes[1]}"
    _chart(view, key, alt, lambda: plots.roc(view["false"], view["true"], classes))


def _said(answers: View) -> list[str]:
    """What is true and what was predicted, in one line for each example."""
    pairs = zip(answers["true"], answers["predicted"], strict=True)
    lines = [f"{true} → {said}" for true, said in pairs]
    if "probability" in answers:
        lines = [f"{line} {share:.0%}" for line, share in zip(lines, answers["probability"], strict=True)]
    return lines


def _gallery(view: View, key: str) -> None:
    st.markdown(
        f"**{plain(view['title'])}**", help="Test examples: true class → predicted class, probability."
    )
    st.html(grid([np.array(image) for image in view["images"]], _said(view["answers"]), size=64))


def _wrong_points(view: View, key: str) -> None:
    st.markdown(
        f"**{plain(view['title'])}**",
        help="Circled test points are of the circle's colour and were predicted otherwise; pale: the other test points.",
    )
    alt = f"Scatter of {len(view['x'])} test points that are classified wrongly, among the others"
    _chart(
        view,
        key,
        alt,
        lambda: plots.wrong_points(
            view["x"], view["answers"]["true"], _said(view["answers"]), view["others"], view["classes"]
        ),
    )


def _fits(view: View, key: str) -> None:
    st.markdown(
        f"**{plain(view['title'])}**",
        help="Grey: the window it saw and, right of the dotted line, what followed. Blue: what it predicted.",
    )
    st.html(fits(view["seen"], view["answers"]["true"], view["answers"]["predicted"], view["unit"]))


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


def _table(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}**")
    share = st.column_config.NumberColumn(format="percent")
    st.dataframe(
        pd.DataFrame(view["columns"]), hide_index=True, key=key, column_config={"probability": share}
    )


def _histogram(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}**")
    _chart(
        view,
        key,
        f"Histogram of {len(view['values'])} values of {view['title']}",
        lambda: plots.histogram(view["values"], view["title"]),
    )


def _residuals(view: View, key: str) -> None:
    st.markdown("**Residuals**", help="Predicted less true; a good network's lie around 0, without a lean.")
    _chart(
        view,
        key,
        f"Histogram of {len(view['values'])} residuals",
        lambda: plots.histogram(view["values"], "predicted − true"),
    )


def _predicted(view: View, key: str) -> None:
    st.markdown("**Predicted against true**", help="On the dotted line both agree.")
    _chart(
        view,
        key,
        f"Scatter of {len(view['true'])} predictions over true values",
        lambda: plots.predicted(view["true"], view["predicted"]),
    )


def _axis(view: View) -> str:
    return f"in {view['unit']}" if view["unit"] else "value"


def _series(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}**")
    _chart(
        view,
        key,
        f"{view['title']}, over time",
        lambda: plots.lines({"value": (view["x"], view["y"])}, view["step"], _axis(view), view["cuts"]),
    )


def _window(view: View, key: str) -> None:
    st.markdown("**One example**", help="What a network sees, and what it has to predict.")
    seen, ahead = len(view["seen"]), len(view["true"])
    drawn = {
        "window": (list(range(seen)), view["seen"]),
        "to predict": (list(range(seen - 1, seen + ahead)), [view["seen"][-1], *view["true"]]),
    }
    _chart(
        view,
        key,
        f"A window of {seen} values and the {ahead} that follow",
        lambda: plots.lines(drawn, view["step"], _axis(view)),
    )


def _forecast(view: View, key: str) -> None:
    st.markdown("**Forecast one step ahead**", help="Each value was predicted from the true ones before it.")
    x = list(range(1, len(view["true"]) + 1))
    drawn = {"true": (x, view["true"]), "predicted": (x, view["predicted"])}
    _chart(
        view,
        key,
        "Forecast one step ahead over the true series",
        lambda: plots.lines(drawn, f"{view['step']} of the test part", _axis(view)),
    )
    if len(view["ahead"]["true"]) > 1:
        st.markdown("**The last whole horizon**")
        x = list(range(1, len(view["ahead"]["true"]) + 1))
        drawn = {name: (x, view["ahead"][name]) for name in ("true", "predicted")}
        axes = (f"{view['step']}s ahead", _axis(view))
        _chart(view, key, "The last horizon, true and predicted", lambda: plots.lines(drawn, *axes), ".ahead")


def _bars(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}**")
    _chart(view, key, view["title"], lambda: plots.columns(view["values"], "ahead", "RMSE"))


def _lines(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}**")
    st.html(written_lines(view["lines"]))


def _baselines(view: View, key: str) -> None:
    st.markdown("**Baselines**", help="Models that need no training of a network.")
    st.markdown(plain(view["text"]))
    st.dataframe(pd.DataFrame(view["columns"]).round(4), hide_index=True, key=key)


def _strips(view: View, key: str) -> None:
    st.markdown(f"**{plain(view['title'])}**", help="Test data.")
    st.html(strips(view["strips"]))


def _bottleneck(view: View, key: str) -> None:
    about = "Each point is a test example; the network was not given the classes. "
    about += "Of a bottleneck of more than two dimensions: its first two principal components."
    st.markdown("**Codes in the bottleneck**", help=about)
    places, labels, classes = np.array(view["x"]), np.array(view["y"]), tuple(view["classes"])
    alt = f"Scatter of the codes of {len(places)} test examples in {len(classes)} classes"
    _chart(view, key, alt, lambda: plots.scatter(places, labels, classes))


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
    _chart(
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


RENDERERS: dict[str, Callable[[View, str], None]] = {
    "points": _points,
    "images": _images,
    "tokens": _tokens,
    "balance": _balance,
    "confusion": _confusion,
    "per class": _per_class,
    "roc": _roc,
    "gallery": _gallery,
    "wrong points": _wrong_points,
    "fits": _fits,
    "quality": _quality,
    "table": _table,
    "histogram": _histogram,
    "residuals": _residuals,
    "predicted": _predicted,
    "series": _series,
    "window": _window,
    "forecast": _forecast,
    "bars": _bars,
    "baselines": _baselines,
    "lines": _lines,
    "strips": _strips,
    "bottleneck": _bottleneck,
    "anomalies": _anomalies,
}
