"""Plotly figures from plain data, in one theme. Figures are dicts: Plotly itself is not imported here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np

from dlcore.charts.palette import ACCENT, CLASSES, NEGATIVE, NEUTRAL

LAYOUT: dict[str, Any] = {
    "margin": {"l": 10, "r": 10, "t": 30, "b": 10},
    "paper_bgcolor": "rgba(0,0,0,0)",
    "plot_bgcolor": "rgba(0,0,0,0)",
    "legend": {"orientation": "h", "y": 1.12, "x": 0},
}
MOST_NUMBERS = 20
"""Classes up to which a confusion matrix has a number in each cell; of more only the colours are legible."""
CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d", "autoScale2d"]}


def plain(text: str) -> str:
    """A user's text for a label: Plotly would take tags in it for its own."""
    return escape(text, quote=False)


def scatter(x: np.ndarray, y: np.ndarray, classes: tuple[str, ...]) -> dict[str, Any]:
    """Points of shape (n, 2) coloured by their class."""
    traces = [
        {
            "type": "scattergl" if len(x) > 2000 else "scatter",
            "mode": "markers",
            "name": plain(name),
            "x": x[y == i, 0].round(3).tolist(),
            "y": x[y == i, 1].round(3).tolist(),
            "marker": {
                "color": CLASSES[i % len(CLASSES)],
                "size": 6,
                "line": {"color": "#fff", "width": 0.6},
            },
        }
        for i, name in enumerate(classes)
    ]
    axis = {"zeroline": False, "title": ""}
    layout = LAYOUT | {"height": 340, "xaxis": axis, "yaxis": axis | {"scaleanchor": "x"}}
    return {"data": traces, "layout": layout}


def embedding(points: np.ndarray, labels: Sequence[str], here: np.ndarray) -> dict[str, Any]:
    """Points (n, 2) coloured by their labels, and one more that is ``here``."""
    names = sorted(set(labels))
    of = np.array([names.index(label) for label in labels])
    figure = scatter(np.asarray(points), of, tuple(names))
    place: dict[str, Any] = {"x": [float(here[0])], "y": [float(here[1])], "name": "your picture"}
    mark = {"type": "scatter", "mode": "markers", "marker": {"symbol": "star", "size": 16, "color": "#111"}}
    figure["data"].append(mark | place)
    figure["layout"]["legend"] = LAYOUT["legend"] | {"y": 1.02, "yanchor": "bottom"}  # its rows grow upwards
    return figure


def balance(counts: dict[str, list[int]], classes: tuple[str, ...]) -> dict[str, Any]:
    """Examples of each class in the training, validation and test parts."""
    shades = {"training": ACCENT, "validation": "#6aaede", "test": "#b5d6ec"}
    traces = [
        {
            "type": "bar",
            "name": part,
            "x": list(map(plain, classes)),
            "y": counts[part],
            "marker": {"color": shade},
        }
        for part, shade in shades.items()
    ]
    layout = LAYOUT | {
        "height": 240,
        "barmode": "stack",
        "legend": {"orientation": "h", "y": -0.2, "x": 0, "traceorder": "normal"},
        "yaxis": {"title": "examples"},
        "xaxis": {"type": "category"},
    }
    return {"data": traces, "layout": layout}


def confusion(matrix: list[list[int]], classes: tuple[str, ...]) -> dict[str, Any]:
    """Rows: true classes; columns: predicted ones. The diagonal is right."""
    counts = np.array(matrix)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    names = list(map(plain, classes))
    trace = {
        "type": "heatmap",
        "x": names,
        "y": names,
        "z": share.round(4).tolist(),
        "customdata": counts.tolist(),
        "hovertemplate": "%{y} predicted as %{x}: %{customdata} (%{z:.1%})<extra></extra>",
        "colorscale": [[0, "rgba(8,119,189,0.04)"], [1, ACCENT]],
        "showscale": False,
        "zmin": 0,
        "zmax": 1,
    }
    if len(names) <= MOST_NUMBERS:
        trace["text"] = [[str(n) if n else "" for n in row] for row in counts.tolist()]
        trace["texttemplate"] = "%{text}"
    layout = LAYOUT | {
        "height": 130 + 30 * min(max(len(names), 4), MOST_NUMBERS),
        "xaxis": {"title": "predicted class", "type": "category", "side": "bottom"},
        "yaxis": {"title": "true class", "type": "category", "autorange": "reversed"},
    }
    return {"data": [trace], "layout": layout}


def roc(false: list[float], true: list[float], classes: list[str]) -> dict[str, Any]:
    """True positive rate over false positive rate; the second class is the positive one."""
    first, second = map(plain, classes)
    curve = {
        "type": "scatter",
        "mode": "lines",
        "x": false,
        "y": true,
        "line": {"color": ACCENT, "width": 2.5},
        "fill": "tozeroy",
        "fillcolor": "rgba(8,119,189,0.08)",
        "hovertemplate": f"%{{y:.1%}} of {second} found,<br>%{{x:.1%}} of {first} called so<extra></extra>",
    }
    guessing = {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": NEUTRAL, "dash": "dot"},
        "hoverinfo": "skip",
    }
    axis = {"range": [-0.01, 1.01], "tickformat": ".0%", "zeroline": False}
    layout = LAYOUT | {
        "height": 340,
        "showlegend": False,
        "xaxis": axis | {"title": f"false positive rate ({first} called {second})"},
        "yaxis": axis | {"title": f"true positive rate ({second})"},
    }
    return {"data": [curve, guessing], "layout": layout}


def wrong_points(
    points: list[list[float]], true: list[str], words: list[str], others: dict[str, Any], classes: list[str]
) -> dict[str, Any]:
    """Points circled in the colour of their class, over the ``others`` (``x``, ``y``), pale."""
    figure = scatter(np.array(others["x"]), np.array(others["y"]), tuple(classes))
    for trace in figure["data"]:
        trace |= {"opacity": 0.3, "hoverinfo": "skip"}
    colours = [CLASSES[classes.index(name) % len(CLASSES)] for name in true]
    circled = {
        "type": "scatter",
        "mode": "markers",
        "name": "wrong",
        "x": [x for x, _ in points],
        "y": [y for _, y in points],
        "text": list(map(plain, words)),
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": colours, "size": 11, "line": {"color": "#222", "width": 2}},
        "showlegend": False,
    }
    return figure | {"data": [*figure["data"], circled]}


def bars(labels: list[dict[str, Any]]) -> dict[str, Any]:
    """Labels with their probabilities, the most probable on top and in the accent colour."""
    names = [plain(row["label"]) for row in labels]
    values = [row["probability"] for row in labels]
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": names,
        "text": [f"{value:.1%}" for value in values],
        "textposition": ["inside" if value > 0.5 else "outside" for value in values],
        "cliponaxis": False,
        "marker": {"color": [ACCENT] + [NEUTRAL] * (len(values) - 1)},
        "hovertemplate": "%{y}: %{x:.2%}<extra></extra>",
    }
    layout = LAYOUT | {
        "margin": {"l": 10, "r": 10, "t": 0, "b": 0},
        "height": 38 * len(names),
        "xaxis": {"range": [0, 1], "visible": False, "fixedrange": True},
        "yaxis": {"type": "category", "autorange": "reversed", "fixedrange": True, "tickfont": {"size": 15}},
    }
    return {"data": [trace], "layout": layout}


def histogram(values: list[float], title: str) -> dict[str, Any]:
    """How often values lie where; of few whole numbers each has a bar of its own."""
    trace: dict[str, Any] = {"type": "histogram", "x": values, "nbinsx": 40, "marker": {"color": ACCENT}}
    axis: dict[str, Any] = {"title": title}
    low, high = min(values, default=0), max(values, default=0)
    if high - low <= 12 and all(float(value).is_integer() for value in values):
        trace["xbins"] = {"start": low - 0.5, "end": high + 0.5, "size": 1}
        axis |= {"range": [low - 1.5, high + 1.5], "dtick": 1}
    layout = LAYOUT | {"height": 280, "xaxis": axis, "yaxis": {"title": "examples"}, "bargap": 0.05}
    return {"data": [trace], "layout": layout}


def histograms(groups: dict[str, list[float]], title: str, threshold: float) -> dict[str, Any]:
    """Shares of each group by value, over each other, with a line at a threshold."""
    every = [value for values in groups.values() for value in values]
    size = (max(every) - min(every)) / 40 or 1.0
    traces = [
        {
            "type": "histogram",
            "name": plain(name),
            "x": values,
            "histnorm": "probability",
            "xbins": {"start": min(every), "size": size},
            "marker": {"color": colour},
            "opacity": 0.65,
        }
        for (name, values), colour in zip(groups.items(), (ACCENT, NEGATIVE), strict=False)
    ]
    line = {
        "type": "line",
        "yref": "paper",
        "x0": threshold,
        "x1": threshold,
        "y0": 0,
        "y1": 1,
        "line": {"dash": "dot", "color": NEUTRAL, "width": 2},
    }
    layout = LAYOUT | {
        "height": 280,
        "barmode": "overlay",
        "showlegend": True,
        "shapes": [line],
        "xaxis": {"title": title},
        "yaxis": {"title": "share", "tickformat": ".0%"},
    }
    return {"data": traces, "layout": layout}


def predicted(true: list[float], answers: list[float]) -> dict[str, Any]:
    """What was predicted over what is true; on the line both agree."""
    ends = [min(*true, *answers), max(*true, *answers)]
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": true,
        "y": answers,
        "marker": {"color": ACCENT, "size": 6, "opacity": 0.7},
        "hovertemplate": "true %{x:.4g}<br>predicted %{y:.4g}<extra></extra>",
        "showlegend": False,
    }
    line = {
        "type": "scatter",
        "mode": "lines",
        "x": ends,
        "y": ends,
        "line": {"color": NEUTRAL, "dash": "dot"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    layout = LAYOUT | {"height": 340, "xaxis": {"title": "true"}, "yaxis": {"title": "predicted"}}
    return {"data": [line, points], "layout": layout}


def lines(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    x_title: str,
    y_title: str,
    cuts: list[int] | None = None,
) -> dict[str, Any]:
    """Lines by name, each with its x and y; ``cuts`` are where validation and test begin."""
    colours = (NEUTRAL, ACCENT) if "true" in series else (ACCENT, NEGATIVE)
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": x,
            "y": y,
            "line": {"color": colour, "width": 1.6},
        }
        for colour, (name, (x, y)) in zip(colours, series.items(), strict=False)
    ]
    names = ("validation", "test")
    boundaries = [
        {
            "type": "line",
            "yref": "paper",
            "x0": at,
            "x1": at,
            "y0": 0,
            "y1": 1,
            "line": {"dash": "dot", "color": NEUTRAL},
        }
        for at in cuts or []
    ]
    labels = [
        {
            "x": at,
            "yref": "paper",
            "y": 1 - 0.08 * (name == "test"),
            "text": f"{name} →",
            "showarrow": False,
            "xanchor": "left",
            "yanchor": "bottom",
        }
        for at, name in zip(cuts or [], names, strict=False)
    ]
    layout = LAYOUT | {
        "height": 300,
        "xaxis": {"title": x_title},
        "yaxis": {"title": y_title},
        "shapes": boundaries,
        "annotations": labels,
        "showlegend": len(series) > 1,
    }
    return {"data": traces, "layout": layout}


def columns(values: list[float], x_title: str, y_title: str) -> dict[str, Any]:
    """A bar for each value, counted from 1."""
    trace = {"type": "bar", "x": list(range(1, len(values) + 1)), "y": values, "marker": {"color": ACCENT}}
    return {
        "data": [trace],
        "layout": LAYOUT | {"height": 280, "xaxis": {"title": x_title}, "yaxis": {"title": y_title}},
    }
