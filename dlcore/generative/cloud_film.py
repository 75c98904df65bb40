"""A cloud of points coming out of noise, and real points going the other way; jobs for pages."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.generative.draws import classes_in_turn, draw_latents
from dlcore.generative.requests import check_range, class_number, generative_model, sampling_options, split_of

POINTS = 300


def cloud_film(
    model: str,
    seed: int = 0,
    label: int | str | None = None,
    steps: int = 50,
    sampler: str = "ddim",
    guidance: float = 1.0,
    frames: int = 12,
) -> dict[str, Any]:
    """Points of a diffusion model at ``frames`` steps ``t``: ``noisy`` and, as the network expects them,
    ``clean``, both (frames, 300, 2). The last frame is how they end."""
    info, network = generative_model(model, "denoise")
    _points_only(info)
    check_range("frames", frames, 2, 200)
    options = sampling_options(info, {"steps": steps, "sampler": sampler, "guidance": guidance}, seed)
    seen: list[tuple[int, np.ndarray, np.ndarray]] = []
    points = network.sample(
        draw_latents(network, POINTS, seed),
        classes_in_turn(info.recipe, POINTS, class_number(info, label)),
        on_step=lambda step, t, noisy, clean: seen.append((int(t), noisy, clean)),
        **options,
    )
    chosen = np.unique(np.linspace(0, len(seen) - 1, frames).round().astype(int))[:-1]
    return {
        "noisy": np.stack([*(seen[i][1] for i in chosen), points]).astype("float32"),
        "clean": np.stack([*(seen[i][2] for i in chosen), points]).astype("float32"),
        "t": [*(seen[i][0] for i in chosen), 0],
    }


def cloud_noising(model: str, t: Any, seed: int = 0) -> np.ndarray:
    """Real test points before the first step and after each of the steps ``t``: (1 + len(t), n, 2)."""
    info, network = generative_model(model, "denoise")
    _points_only(info)
    for step in t:
        check_range("t", step, 0, len(network.alpha_bars) - 1)
    real = split_of(info).test[:POINTS].x
    noise = draw_latents(network, len(real), seed)
    return np.stack([real, *(network.noised(real, int(step), noise) for step in t)])


def _points_only(info: Any) -> None:
    if not info.recipe.dataset.planar:
        raise ValueError(f"model: expected one of points, received {info.name}, one of pictures")
