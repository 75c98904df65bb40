"""What a network has learned, as ECharts options for charts that are redrawn while a training runs."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image

from dlcore.charts.palette import CLASSES, NEGATIVE, POSITIVE

BOX = 340
"""Side of the square chart of a decision boundary, in CSS pixels: it fits a phone."""
MARGIN = 34


def boundary(preview: dict[str, Any], examples: dict[str, Any], classes: tuple[str, ...]) -> dict[str, Any]:
    """The plane coloured by the network's answer, and the validation points over it.

    The colour is the probable class, the paler the less sure; a point in another colour than its
    ground is one the network gets wrong.
    """
    points = np.array(examples["x"])
    labels = np.array(examples["y"])
    series = [_dots(name, points[labels == i], CLASSES[i]) for i, name in enumerate(classes)]
    return _plane(preview["axis"][-1], series, _ground(preview["grid"]))


def predicted(true: list[float], answers: list[float]) -> dict[str, Any]:
    """Predictions over true values; on the line both agree. The axes stay where the true values are."""
    low, high = min(true), max(true)
    room = 0.1 * (high - low) or 1.0
    axis = {
        "type": "value",
        "min": float(f"{low - room:.4g}"),
        "max": float(f"{high + room:.4g}"),
        "axisLabel": {"showMinLabel": False, "showMaxLabel": False},
    }
    points = {
        "type": "scatter",
        "symbolSize": 6,
        "itemStyle": {"color": POSITIVE, "opacity": 0.7},
        "data": [list(pair) for pair in zip(true, answers, strict=True)],
    }
    line = {
        "type": "line",
        "symbol": "none",
        "silent": True,
        "lineStyle": {"color": "#999", "type": "dotted"},
        "data": [[low, low], [high, high]],
    }
    return {
        "animation": False,
        "grid": {"left": 60, "top": 16, "right": 16, "bottom": 44},
        "tooltip": {"trigger": "item", "formatter": "true, predicted: {c}"},
        "xAxis": axis | {"name": "true", "nameLocation": "middle", "nameGap": 26},
        "yAxis": axis | {"name": "predicted", "nameLocation": "middle", "nameGap": 44},
        "series": [line, points],
    }


def forecast(true: list[float], answers: list[float]) -> dict[str, Any]:
    """What was, and what was predicted one step before, over time."""
    series = [
        {
            "name": name,
            "type": "line",
            "symbol": "none",
            "lineStyle": {"color": colour, "width": 1.6},
            "itemStyle": {"color": colour},
            "data": values,
        }
        for name, colour, values in (("true", "#999", true), ("predicted", POSITIVE, answers))
    ]
    return {
        "animation": False,
        "grid": {"left": 60, "top": 36, "right": 16, "bottom": 30},
        "legend": {"top": 0, "left": MARGIN},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": list(range(1, len(true) + 1))},
        "yAxis": {"type": "value", "scale": True},
        "series": series,
    }


def cloud(preview: dict[str, Any], examples: dict[str, Any]) -> dict[str, Any]:
    """Real points and sampled ones; of a GAN also how real each place looks, and where generated points will move.

    The ground is blue where the discriminator takes points for real, orange where for generated. An arrow
    points along the gradient of its score; all arrows are scaled by the same factor.
    """
    real, samples = np.array(examples["x"]), np.array(preview["samples"])
    adversarial = "grid" in preview
    origin = "generated" if adversarial else "sampled"
    series = [_dots("real", real, POSITIVE), _dots(origin, samples, NEGATIVE)]
    if not adversarial:
        return _plane(4.0, series)
    reach = preview["axis"][-1]
    arrows = np.array(preview["arrows"])
    longest = max(float(np.hypot(*arrows[:, 2:].T).max()), 1e-9)
    heads = arrows[:, :2] + arrows[:, 2:] * (0.2 * reach / longest)
    lines = np.stack([arrows[:, :2], heads], axis=1).round(2).tolist()
    series.append(
        {
            "name": "where generated points will move",
            "type": "lines",
            "coordinateSystem": "cartesian2d",
            "symbol": ["none", "arrow"],
            "symbolSize": 5,
            "silent": True,
            "lineStyle": {"color": "#7a4a10", "width": 1.2, "opacity": 0.8},
            "data": [{"coords": line} for line in lines],
        }
    )
    # In a good game every place is near 50 %: the root makes small leanings visible.
    leaning = np.array(preview["grid"]) / 50 - 1
    real_share = 50 + 50 * np.sign(leaning) * np.sqrt(np.abs(leaning))
    return _plane(reach, series, _ground([(100 - real_share).tolist(), real_share.tolist()]))


def latent(points: list[list[float]], labels: list[int], classes: tuple[str, ...]) -> dict[str, Any]:
    """Where examples lie along the first two latent dimensions, coloured by their class."""
    places = np.array(points)
    if places.shape[1] == 1:
        places = np.hstack([places, np.zeros_like(places)])
    reach = max(3.0, float(np.abs(places).max()) * 1.05)
    known = np.array(labels[: len(places)])
    series = [_dots(name, places[known == i], CLASSES[i % len(CLASSES)]) for i, name in enumerate(classes)]
    return _plane(reach, series, rows=2 if len(classes) > 5 else 1)


def _dots(name: str, points: np.ndarray, colour: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "scatter",
        "symbolSize": 6,
        "itemStyle": {"color": colour, "borderColor": "#fff", "borderWidth": 0.8},
        "data": points.round(2).tolist(),
    }


def _plane(
    reach: float, series: list[dict[str, Any]], ground: str | None = None, rows: int = 1
) -> dict[str, Any]:
    """A square chart of ±reach, over an image where there is one. ``rows`` of the legend are above."""
    top = MARGIN + 18 * (rows - 1)
    inner = BOX - 2 * MARGIN
    axis = {
        "type": "value",
        "min": -round(reach, 2),
        "max": round(reach, 2),
        "splitLine": {"show": False},
        "axisLine": {"onZero": False},
        "axisLabel": {"showMinLabel": False, "showMaxLabel": False},
    }
    image = {
        "type": "image",
        "id": "ground",
        "z": -5,
        "silent": True,
        "style": {"image": ground, "x": MARGIN, "y": MARGIN, "width": inner, "height": inner},
    }
    return {
        "animation": False,
        "grid": {"left": MARGIN, "top": top, "width": inner, "height": BOX - MARGIN - top},
        "graphic": [image] if ground else [],
        "legend": {"top": 0, "left": MARGIN, "itemWidth": 10, "itemHeight": 10},
        "tooltip": {"trigger": "item", "formatter": "{a}: {c}"},
        "xAxis": axis,
        "yAxis": axis,
        "series": series,
    }


def _ground(grid: list[list[list[float]]]) -> str:
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
