"""Charts that are redrawn while a training runs, as ECharts options: their node lives through updates."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

from dlcore.palette import CLASSES, NEGATIVE, POSITIVE

BOX = 340
"""Side of the square chart of a decision boundary, in CSS pixels: it fits a phone."""
MARGIN = 34


def curve(
    epochs: list[dict[str, Any]],
    batches: list[dict[str, Any]],
    events: list[tuple[float, str]],
    metric: str,
    total: int,
    *,
    log: bool = False,
    percent: bool = False,
) -> dict[str, Any]:
    """One metric over epochs: batches as a thin line, training and validation as thick ones.

    ``total`` is the number of epochs asked for; ``events`` are marked where they happened.
    """
    factor = 100 if percent else 1

    if len(batches) < 3 * len(epochs):
        batches = []  # epochs too short to see inside

    def points(rows: list[dict[str, Any]], name: str) -> list[list[float]]:
        return [
            [round(row["epoch"], 3), round(factor * row[name], 5)] for row in rows if name in row
        ]

    lines = [
        ("this epoch so far", points(batches, metric), POSITIVE, 1, 0.35, False),
        ("training", points(epochs, metric), POSITIVE, 2.5, 1, True),
        ("validation", points(epochs, f"val_{metric}"), NEGATIVE, 2.5, 1, True),
    ]
    series: list[dict[str, Any]] = [
        {
            "name": name,
            "type": "line",
            "data": data,
            "showSymbol": symbols and len(data) < 40,
            "symbolSize": 5,
            "lineStyle": {"width": width, "opacity": opacity},
            "itemStyle": {"color": colour, "opacity": opacity},
            "sampling": "lttb",
        }
        for name, data, colour, width, opacity, symbols in lines
        if data or name != "this epoch so far"
    ]
    series[-2]["markLine"] = {
        "silent": True,
        "symbol": "none",
        "animation": False,
        "lineStyle": {"type": "dashed", "opacity": 0.6},
        "label": {"position": "insideEndTop", "fontSize": 10, "width": 160, "overflow": "truncate"},
        "data": [{"xAxis": at, "label": {"formatter": text}} for at, text in events[-12:]],
    }
    return {
        "animationDuration": 0,
        "animationDurationUpdate": 200,
        "grid": {"left": 8, "right": 16, "top": 34, "bottom": 48, "containLabel": True},
        "legend": {"top": 0, "left": 0, "itemWidth": 16},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.2f" if percent else "%.4f"},
        "xAxis": {
            "type": "value",
            "name": "epoch",
            "nameLocation": "middle",
            "nameGap": 24,
            "min": 0,
            "max": max(total, 1),
            "minInterval": 1,
        },
        "yAxis": {
            "type": "log" if log else "value",
            "scale": True,
            **({"max": 100, "axisLabel": {"formatter": "{value} %"}} if percent else {}),
        },
        "dataZoom": [
            {"type": "inside", "filterMode": "none"},
            {"type": "slider", "height": 14, "bottom": 4, "filterMode": "none"},
        ],
        "series": series,
    }


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
