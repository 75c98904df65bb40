"""A map of what counted, laid over the image it is about; and the methods that make such maps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dlcore.charts.palette import NEGATIVE, POSITIVE


class Method(NamedTuple):
    """A way to ask why. ``signed``: what is negative speaks against the class."""

    title: str
    read: str
    """How to read it, and when it misleads."""
    signed: bool = False
    layered: bool = False
    """Whether it looks at one layer, which can be chosen."""


METHODS = {
    "grad_cam": Method(
        "Grad-CAM",
        "Bright: where the layer saw what speaks for the class. It is coarse: the shape of a patch means "
        "nothing, and of several things of the class it may show one.",
        layered=True,
    ),
    "occlusion": Method(
        "Occlusion",
        "Blue: covering this place with a grey square weakens the class; orange: strengthens it. The square is "
        "something new to the network too, and two things that both suffice hide each other.",
        signed=True,
    ),
    "integrated_gradients": Method(
        "Integrated gradients",
        "Blue pixels speak for the class, orange ones against it; together they add up to the class' value. "
        "They start from black: what is black itself never counts.",
        signed=True,
    ),
    "saliency": Method(
        "Saliency",
        "Bright: pixels whose smallest change would change the class' value most. It is noisy, and shows where "
        "the network is sensitive, which is not where the thing is.",
    ),
}
INFERNO = ((0, 0, 4), (66, 10, 104), (147, 38, 103), (221, 81, 58), (252, 165, 10), (252, 255, 164))
"""Six colours of matplotlib's map of this name: even steps of brightness, also to colour-blind eyes."""


def overlaid(image: np.ndarray, heat: np.ndarray, opacity: float, *, signed: bool) -> np.ndarray:
    """Uint8 (height, width, 3): an image (height, width, 1 or 3) of 0 to 255 under a map (height, width).

    An unsigned map is from 0 to 1; of a signed one the strongest hundredth has the full colour.
    """
    ground = np.broadcast_to(image, (*image.shape[:2], 3)).astype("float32")
    if signed:
        # In grey, so that blue and orange are the map's alone.
        ground = ground.mean(-1, keepdims=True).repeat(3, -1)
        strength = np.clip(heat / max(float(np.percentile(np.abs(heat), 99)), 1e-12), -1, 1)
        colours = np.where(strength[..., None] > 0, _rgb(POSITIVE), _rgb(NEGATIVE))
        share = opacity * np.abs(strength)[..., None]
    else:
        steps = np.linspace(0, 1, len(INFERNO))
        colours = np.stack([np.interp(heat, steps, channel) for channel in np.transpose(INFERNO)], -1)
        share = np.array(opacity)
    return np.asarray((1 - share) * ground + share * colours).round().astype("uint8")


def _rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], "float32")
