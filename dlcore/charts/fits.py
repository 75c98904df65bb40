"""Small charts of a window, what followed it and what was predicted, as HTML."""

from __future__ import annotations

import base64
from html import escape

import numpy as np

from dlcore.charts.palette import POSITIVE

WIDTH, HEIGHT, MARGIN = 150, 64, 4
TRUE = "#8a949b"


def fits(seen: list[list[float]], true: list[float], predicted: list[float], unit: str = "") -> str:
    """A wrapping row of them. What followed is a number or a list of numbers, and so is a prediction."""
    cells = [
        _fit(np.array(window), np.atleast_1d(right), np.atleast_1d(said), unit)
        for window, right, said in zip(seen, true, predicted, strict=True)
    ]
    return f'<div style="display:flex;flex-wrap:wrap;gap:8px">{"".join(cells)}</div>'


def _fit(seen: np.ndarray, true: np.ndarray, predicted: np.ndarray, unit: str) -> str:
    """One chart, and below it the last true and the last predicted value."""
    last, whole = len(seen) - 1, np.append(seen, true)
    lines = [(TRUE, 0, whole), (POSITIVE, last, np.append(seen[-1], predicted))]
    every = np.append(whole, predicted)
    low, reach = every.min(), np.ptp(every) or 1.0
    step = (WIDTH - 2 * MARGIN) / (len(whole) - 1)
    now = MARGIN + step * last
    drawn = f'<path d="M{now:.1f} 0V{HEIGHT}" stroke="{TRUE}" stroke-width=".6" stroke-dasharray="2 3"/>'
    for colour, start, values in lines:
        x = MARGIN + step * (start + np.arange(len(values)))
        y = HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * (values - low) / reach
        places = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        drawn += f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        drawn += f'<circle cx="{x[-1]:.1f}" cy="{y[-1]:.1f}" r="2.5" fill="{colour}"/>'
    size = f'width="{WIDTH}" height="{HEIGHT}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{drawn}</svg>'
    words = escape(f"{true[-1]:.4g} → {predicted[-1]:.4g} {unit}".strip())
    return (
        f'<figure style="margin:0;width:{WIDTH}px"><img alt="{words}" {size} '
        f'src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}" '
        'style="background:rgba(128,128,128,.08);border-radius:6px"/>'
        f'<figcaption style="font-size:.78rem">{words}</figcaption></figure>'
    )
