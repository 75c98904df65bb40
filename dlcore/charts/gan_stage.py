"""The image of a GAN of points, as plain data for the page's canvas."""

from __future__ import annotations

from typing import Any

import numpy as np

LONGEST = 0.22
"""Of an arrow, as a share of the plane's half side."""


def stage(preview: dict[str, Any] | None, real: list[list[float]]) -> dict[str, Any]:
    """Real points alone, or with what a preview of :mod:`dlcore.generative.preview` shows.

    ``reach`` is half the plane's side; ``fake`` are generated points; ``grid`` the discriminator's surface
    in percent real, row 0 at the bottom, joined row by row; ``arrows`` rows of x, y and where they point.
    """
    points = np.array(real[:300], "float32").round(2)
    if preview is None or "grid" not in preview:
        reach = max(3.0, float(np.abs(points).max(initial=0)) * 1.2)
        return {"reach": round(reach, 2), "real": points.tolist()}
    reach = float(preview["axis"][-1])
    arrows = np.array(preview["arrows"])
    length = np.hypot(arrows[:, 2], arrows[:, 3])[:, None]
    # The root: where one push is very strong the others are still seen.
    shown = LONGEST * reach * np.sqrt(length / max(float(length.max()), 1e-9))
    heads = arrows[:, :2] + arrows[:, 2:] / np.maximum(length, 1e-9) * shown
    return {
        "reach": round(reach, 2),
        "real": points.tolist(),
        "fake": np.array(preview["samples"]).round(2).tolist(),
        "side": len(preview["grid"]),
        "grid": [value for row in preview["grid"] for value in row],
        "arrows": np.hstack([arrows[:, :2], heads]).round(3).tolist(),
    }
