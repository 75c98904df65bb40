"""Charts that are redrawn while a training runs, as plain data and ECharts options."""

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
    """One metric over ``total`` epochs: batches as a thin line, training and validation as thick ones.

    ``columns`` has the epochs done, then a column for each of ``series``, with None where it has no
    value there. Batches are left out where epochs are too short to see inside, and on a logarithmic
    axis values that are not positive.
    """
    inside = batches if len(batches) >= 3 * len(epochs) else []
    lines = [
        ("training", POSITIVE, 2.5, epochs, metric),
        ("validation", NEGATIVE, 2.5, epochs, f"val_{metric}"),
        ("within the epoch", "#8cbfe0", 1, inside, metric),
    ]
    values = [
        {row["epoch"]: row[name] for row in rows if name in row and not (log and row[name] <= 0)}
        for _, _, _, rows, name in lines
    ]
    x = sorted({0.0}.union(*values))
    return {
        "total": total,
        "log": log,
        "percent": percent,
        "height": 240,
        "series": [{"name": n, "colour": c, "width": w} for n, c, w, _, _ in lines],
        "columns": [x, *([found.get(at) for at in x] for found in values)],
        "events": [list(event) for event in events[-12:]],
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
