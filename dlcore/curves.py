"""Charts that are redrawn while a training runs, as plain specifications for Vega-Lite and ECharts."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from dlcore.palette import CLASSES, NEGATIVE, NEUTRAL, POSITIVE

BOX = 340
"""Side of the square chart of a decision boundary, in CSS pixels: it fits a phone."""
MARGIN = 34


def curve_data(
    epochs: list[dict[str, Any]],
    batches: list[dict[str, Any]],
    events: list[tuple[float, str]],
    metric: str,
) -> pd.DataFrame:
    """One metric as rows of epoch, value, series and text, the one table that :func:`curve` draws.

    Batches are left out where epochs are too short to see inside.
    """
    rows = [
        (row["epoch"], row[name], series, "")
        for series, found, name in (
            ("this epoch so far", batches if len(batches) >= 3 * len(epochs) else [], metric),
            ("training", epochs, metric),
            ("validation", epochs, f"val_{metric}"),
        )
        for row in found
        if name in row
    ]
    rows += [(epoch, None, "event", text) for epoch, text in events[-12:]]
    table = pd.DataFrame(rows, columns=["epoch", "value", "series", "text"])
    return table.astype({"epoch": "float64", "value": "float64", "series": "str", "text": "str"})


def curve(total: int, *, log: bool = False, percent: bool = False) -> dict[str, Any]:
    """The Vega-Lite specification of one metric over ``total`` epochs.

    It does not depend on the data: while it stays the same, Streamlit only hands new rows to the chart
    that is there, so zoom and hover live on. (ECharts keeps its node too, but Streamlit gives it every
    update with ``notMerge``, which resets the zoom.)
    """
    x = {
        "field": "epoch",
        "type": "quantitative",
        "scale": {"domain": [0, max(total, 1)], "nice": False},
        "axis": {"title": "epoch", "titlePadding": 2, "tickMinStep": 1, "grid": False},
    }
    y = {
        "field": "value",
        "type": "quantitative",
        "scale": {"type": "log" if log else "linear", "zero": False, "nice": True},
        "axis": {"title": None, "format": ".0%" if percent else "~g", "tickCount": 6},
    }
    colour = {
        "field": "series",
        "type": "nominal",
        "scale": {
            "domain": ["training", "validation", "this epoch so far"],
            "range": [POSITIVE, NEGATIVE, "#8cbfe0"],
        },
        "legend": {"orient": "top", "title": None, "offset": 2, "symbolType": "stroke"},
    }
    tooltip = [
        {"field": "series", "title": "what"},
        {"field": "epoch", "title": "epoch", "format": ".4~g"},
        {"field": "value", "title": "value", "format": ".2%" if percent else ".4f"},
    ]
    lasting = "datum.series == 'training' || datum.series == 'validation'"
    lasting = f"({lasting}) && isValid(datum.value)"
    if log:
        lasting += " && datum.value > 0"
    zoom = {
        "name": "zoom",
        "bind": "scales",
        # A plain wheel and a finger go on scrolling the page.
        "select": {
            "type": "interval",
            "encodings": ["x"],
            "zoom": "wheel![event.altKey || event.ctrlKey || event.metaKey]",
            "translate": "[mousedown, window:mouseup] > window:mousemove!",
        },
    }
    hover = {
        "name": "near",
        "select": {"type": "point", "nearest": True, "on": "pointerover", "clear": "pointerout"},
    }
    return {
        "encoding": {"x": x},
        "layer": [
            {
                "transform": [{"filter": "datum.series == 'this epoch so far'"}],
                "mark": {"type": "line", "strokeWidth": 1, "clip": True},
                "encoding": {"y": y, "color": colour},
            },
            {
                "transform": [{"filter": lasting}],
                "mark": {"type": "line", "strokeWidth": 2.5, "clip": True},
                "encoding": {"y": y, "color": colour},
                "params": [zoom],
            },
            {
                "transform": [{"filter": lasting}],
                "mark": {"type": "point", "filled": True, "size": 70, "clip": True},
                "encoding": {
                    "y": y,
                    "color": colour,
                    "tooltip": tooltip,
                    "opacity": {"condition": {"param": "near", "empty": False, "value": 1}, "value": 0},
                },
                "params": [hover],
            },
            {
                "transform": [{"filter": "datum.series == 'event'"}],
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": NEUTRAL, "clip": True},
                "encoding": {"tooltip": [{"field": "text", "title": "event"}, tooltip[1]]},
            },
            {
                "transform": [{"filter": "datum.series == 'event'"}],
                "mark": {
                    "type": "text", "angle": 270, "align": "right", "baseline": "bottom",
                    "dx": -4, "dy": -3, "fontSize": 10, "limit": 170, "color": NEUTRAL, "clip": True,
                },
                "encoding": {"text": {"field": "text"}, "y": {"value": 0}},
            },
        ],
    }  # fmt: skip


def boundary(
    preview: dict[str, Any], examples: dict[str, Any], classes: tuple[str, ...]
) -> dict[str, Any]:
    """The plane coloured by the network's answer, and the validation points over it.

    The colour is the probable class, the paler the less sure; a point in another colour than its
    ground is one the network gets wrong.
    """
    reach = preview["axis"][-1]
    inner = BOX - 2 * MARGIN
    points = np.array(examples["x"])
    labels = np.array(examples["y"])
    axis = {
        "type": "value",
        "min": -round(reach, 2),
        "max": round(reach, 2),
        "splitLine": {"show": False},
        "axisLine": {"onZero": False},
        "axisLabel": {"showMinLabel": False, "showMaxLabel": False},
    }
    return {
        "animation": False,
        "grid": {"left": MARGIN, "top": MARGIN, "width": inner, "height": inner},
        "graphic": [
            {
                "type": "image",
                "id": "ground",
                "z": -5,
                "silent": True,
                "style": {
                    "image": _ground(preview["grid"]),
                    "x": MARGIN,
                    "y": MARGIN,
                    "width": inner,
                    "height": inner,
                },
            }
        ],
        "legend": {"top": 0, "left": MARGIN, "itemWidth": 10, "itemHeight": 10},
        "tooltip": {"trigger": "item", "formatter": "{a}: {c}"},
        "xAxis": axis,
        "yAxis": axis,
        "series": [
            {
                "name": name,
                "type": "scatter",
                "symbolSize": 6,
                "itemStyle": {"color": CLASSES[i], "borderColor": "#fff", "borderWidth": 0.8},
                "data": points[labels == i].round(2).tolist(),
            }
            for i, name in enumerate(classes)
        ],
    }


def _ground(grid: list[list[list[int]]]) -> str:
    """Percent by class (classes, rows, columns), row 0 at the bottom, as a PNG data address."""
    share = np.array(grid, "float32") / 100
    colours = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in CLASSES[: len(share)]])
    strength = (share.max(axis=0) - 1 / len(share)) / (1 - 1 / len(share))
    solid = np.einsum("crx,ck->rxk", share, colours)
    pixels = 255 + (solid - 255) * (0.12 + 0.55 * strength[..., None])
    image = Image.fromarray(pixels[::-1].clip(0, 255).astype("uint8"))
    file = io.BytesIO()
    image.resize((240, 240), Image.Resampling.BICUBIC).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
