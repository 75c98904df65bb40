"""The gates of a recurrent layer below the window it reads, as a Plotly figure on one axis of time."""

from __future__ import annotations

from typing import Any

from dlcore.charts.palette import ACCENT, NEGATIVE, NEUTRAL
from dlcore.charts.plots import LAYOUT

CURVE, MAP, GAP = 150, 96, 30
"""Pixels of the curve, of each heat map, and of what is between them."""
CLEAR = "rgba(138,148,155,0.08)"
OPEN = [[0, CLEAR], [1, ACCENT]]
SIGNED = [[0, NEGATIVE], [0.5, CLEAR], [1, ACCENT]]


def gate_plot(window: dict[str, Any], gates: dict[str, list[list[float]]]) -> dict[str, Any]:
    """The window with what follows and what was predicted; below it a heat map of steps and units for each gate.

    Gates are shares between 0 and 1; what else there is, such as the cell state, is signed.
    """
    height = CURVE + len(gates) * (MAP + GAP) + 40
    bottom = height - CURVE
    layout = LAYOUT | {
        "height": height + 100,
        "margin": {"l": 10, "r": 10, "t": 50, "b": 50},
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom"},
        "xaxis": {"title": window["step"], "anchor": f"y{len(gates) + 1}", "zeroline": False},
        "yaxis": {"domain": [bottom / height, 1], "title": f"in {window['unit']}" if window["unit"] else ""},
        "annotations": [],
    }
    traces = _curves(window)
    for i, (name, values) in enumerate(gates.items(), 2):
        top = bottom - GAP
        bottom = top - MAP
        layout[f"yaxis{i}"] = {
            "domain": [max(bottom, 0) / height, top / height],
            "title": "unit",
            "nticks": 4,
        }
        layout["annotations"].append(_heading(name, top / height))
        traces.append(_heat_map(name, values, i, (top + bottom) / 2 / height, MAP / height))
    return {"data": traces, "layout": layout}


def _curves(window: dict[str, Any]) -> list[dict[str, Any]]:
    seen, last = len(window["seen"]), window["seen"][-1]
    ahead = list(range(seen, seen + len(window["true"]) + 1))
    drawn = {
        "window": (list(range(1, seen + 1)), window["seen"], ACCENT, "solid"),
        "what followed": (ahead, [last, *window["true"]], NEUTRAL, "solid"),
        "predicted": (ahead, [last, *window["predicted"]], NEGATIVE, "dot"),
    }
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "x": x,
            "y": y,
            "line": {"color": colour, "width": 1.8, "dash": dash},
        }
        for name, (x, y, colour, dash) in drawn.items()
    ]


def _heat_map(
    name: str, values: list[list[float]], axis: int, middle: float, length: float
) -> dict[str, Any]:
    share = name.endswith("gate")
    units = [list(unit) for unit in zip(*values, strict=True)]
    largest = max(1e-6, max(abs(value) for unit in units for value in unit))
    return {
        "type": "heatmap",
        "x": list(range(1, len(values) + 1)),
        "y": list(range(1, len(units) + 1)),
        "z": units,
        "yaxis": f"y{axis}",
        "zmin": 0 if share else -largest,
        "zmax": 1 if share else largest,
        "colorscale": OPEN if share else SIGNED,
        "colorbar": {"y": middle, "len": length * 1.1, "lenmode": "fraction", "thickness": 8, "nticks": 3},
        "hovertemplate": f"{name}, step %{{x}}, unit %{{y}}: %{{z:.2f}}<extra></extra>",
    }


def _heading(name: str, y: float) -> dict[str, Any]:
    return {
        "text": f"<b>{name[0].upper()}{name[1:]}</b>",
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": y,
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }
