"""Plotly figures about texts, from plain data. Figures are dicts: Plotly itself is not imported here."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.charts.palette import ACCENT, CLASSES, NEGATIVE, NEUTRAL, POSITIVE
from dlcore.charts.plots import LAYOUT, plain

SIGNS = {"negative": NEGATIVE, "positive": POSITIVE, "empty": NEUTRAL}


def attention(tokens: list[str], weights: np.ndarray, *, hide: tuple[str, ...] = ()) -> dict[str, Any]:
    """Who looks at whom, as a heatmap: each row sums to one.

    Args:
        tokens: The tokens, n of them.
        weights: (n, n): how much the token of a row looks at that of a column.
        hide: Tokens left out, such as [CLS]; what the others get keeps its size.
    """
    kept = [i for i, token in enumerate(tokens) if token not in hide]
    shown = np.asarray(weights, "float64")[np.ix_(kept, kept)]
    names = [plain(tokens[i]) for i in kept]
    places = list(range(len(kept)))
    trace = {
        "type": "heatmap",
        "x": places,
        "y": places,
        "z": shown.round(4).tolist(),
        "text": [[f"{row} looks at {column}" for column in names] for row in names],
        "hovertemplate": "%{text}: %{z:.1%}<extra></extra>",
        "colorscale": [[0, "rgba(8,119,189,0.03)"], [1, ACCENT]],
        "zmin": 0,
        "xgap": 1,
        "ygap": 1,
        "showscale": False,
    }
    axis = {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": names,
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"size": 12 if len(kept) <= 24 else 9},
    }
    layout = LAYOUT | {
        "height": 110 + max(170, 18 * len(kept)) if len(kept) <= 24 else 640,
        "margin": {"l": 10, "r": 10, "t": 34, "b": 10},  # the tools are above the first row
        "xaxis": axis | {"title": {"text": "looked at"}, "side": "bottom", "tickangle": -90},
        "yaxis": axis | {"title": {"text": "looking"}, "autorange": "reversed"},
    }
    return {"data": [trace], "layout": layout}


def shares(counts: dict[str, int]) -> dict[str, Any]:
    """How many texts got each label, as one stacked bar."""
    total = max(sum(counts.values()), 1)
    others = iter(CLASSES[2:])
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": plain(label),
            "x": [count],
            "y": [""],
            "text": [f"{plain(label)} {count / total:.0%}"],
            "textposition": "inside",
            "insidetextanchor": "middle",
            "textangle": 0,
            "marker": {"color": SIGNS.get(label) or next(others, NEUTRAL)},
            "hovertemplate": f"{plain(label)}: {count:,} of {total:,}<extra></extra>",
        }
        for label, count in counts.items()
    ]
    layout = LAYOUT | {
        "height": 110,
        "barmode": "stack",
        "showlegend": False,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 40},
        "xaxis": {
            "title": {"text": "texts"},
            "fixedrange": True,
            "range": [0, total],
            "dtick": whole_step(total),
        },
        "yaxis": {"visible": False, "fixedrange": True},
    }
    return {"data": traces, "layout": layout}


def whole_step(most: int) -> int:
    """Between the ticks of an axis up to ``most`` texts, of which there are no halves: 1, 2, 5, 10, 20, …"""
    ten = 10 ** max(0, len(str(most)) - 2)
    return next(step for step in (ten, 2 * ten, 5 * ten, 10 * ten, 20 * ten) if most <= 6 * step)


def histogram(values: list[float], title: str, *, signed: bool) -> dict[str, Any]:
    """How many texts got which probability, in steps of five points.

    Args:
        title: What the probability is of.
        signed: Whether below one half is negative and above it positive.
    """
    counts, edges = np.histogram(values, bins=20, range=(0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    colours = [NEGATIVE if middle < 0.5 else POSITIVE for middle in middles] if signed else ACCENT
    trace = {
        "type": "bar",
        "x": middles.round(3).tolist(),
        "y": counts.tolist(),
        "width": 0.047,
        "marker": {"color": colours},
        "customdata": [f"{low:.0%} to {low + 0.05:.0%}" for low in edges[:-1]],
        "hovertemplate": "%{customdata}: %{y:,} texts<extra></extra>",
    }
    layout = LAYOUT | {
        "height": 230,
        "showlegend": False,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 40},
        "xaxis": {"title": {"text": plain(title)}, "range": [0, 1.001], "tickformat": ".0%"},
        "yaxis": {"title": {"text": "texts"}, "rangemode": "tozero", "dtick": whole_step(int(counts.max()))},
    }
    return {"data": [trace], "layout": layout}


SIDES = {"top center": (0, 1), "bottom center": (0, -1), "middle right": (1, 0), "middle left": (-1, 0)}
WIDE, HIGH = 620, 330
"""Pixels of a map, about."""


def sides(words: list[str], places: np.ndarray) -> list[str]:
    """On which side of its point each word is written, so that it covers few points and words."""
    span = np.ptp(places, axis=0).clip(1e-9)
    points = (places - places.min(axis=0)) / span * (WIDE, HIGH)
    boxes = [np.array([x - 4, y - 4, x + 4, y + 4]) for x, y in points]
    chosen = []
    for word, (x, y) in zip(words, points, strict=True):
        half = 4 * len(word), 7
        tries: dict[str, tuple[float, np.ndarray]] = {}
        for side, (right, up) in SIDES.items():
            centre = x + right * (half[0] + 8), y + up * (half[1] + 7)
            box = np.array(
                [centre[0] - half[0], centre[1] - half[1], centre[0] + half[0], centre[1] + half[1]]
            )
            tries[side] = sum(overlap(box, other) for other in boxes), box
        side = min(tries, key=lambda side: tries[side][0])
        chosen.append(side)
        boxes.append(tries[side][1])
    return chosen


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """The area that two boxes (left, bottom, right, top) share."""
    sizes = np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2])
    return float(sizes.clip(0).prod())


def word_map(words: list[str], places: np.ndarray, chosen: str) -> dict[str, Any]:
    """Words where ``places`` (n, 2) says; the chosen one stands out."""
    trace = {
        "type": "scatter",
        "mode": "markers+text",
        "x": places[:, 0].round(4).tolist(),
        "y": places[:, 1].round(4).tolist(),
        "text": [plain(word) for word in words],
        "textposition": sides(words, places),
        "hoverinfo": "text",
        "marker": {"size": 8, "color": [NEGATIVE if word == chosen else ACCENT for word in words]},
        "cliponaxis": False,
    }
    axis = {"showticklabels": False, "zeroline": False, "showgrid": True}
    layout = LAYOUT | {
        "height": 440,
        "showlegend": False,
        "xaxis": axis | {"title": {"text": "first principal component"}},
        "yaxis": axis | {"title": {"text": "second principal component"}},
    }
    return {"data": [trace], "layout": layout}
