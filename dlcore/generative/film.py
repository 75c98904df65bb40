"""An example coming out of noise step by step, and a real one going into it; jobs for pages."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.generative.draws import classes_in_turn, draw_latents, to_pixels
from dlcore.generative.requests import (
    check_range,
    class_number,
    generative_model,
    sampling_options,
    test_part,
)


def film(
    model: str,
    seed: int = 0,
    label: int | str | None = None,
    steps: int = 50,
    sampler: str = "ddim",
    eta: float = 0.0,
    guidance: float = 1.0,
    frames: int = 12,
) -> dict[str, Any]:
    """One example coming out of noise: ``noisy`` and predicted ``clean`` at ``frames`` steps ``t``.

    The last frame is the example as it ends.
    """
    info, network = generative_model(model, "denoise")
    check_range("frames", frames, 2, 200)
    options = {"steps": steps, "sampler": sampler, "eta": eta, "guidance": guidance}
    options = sampling_options(info, options, seed)
    seen: list[tuple[int, np.ndarray, np.ndarray]] = []
    latents = draw_latents(network, 1, seed)
    labels = classes_in_turn(info.recipe, 1, class_number(info, label) or 0)
    example = network.sample(
        latents,
        labels,
        on_step=lambda step, t, noisy, clean: seen.append((int(t), noisy[0], clean[0])),
        **options,
    )
    chosen = np.unique(np.linspace(0, len(seen) - 1, frames).round().astype(int))
    noisy = [seen[i][1] for i in chosen[:-1]] + [example[0]]
    clean = [seen[i][2] for i in chosen[:-1]] + [example[0]]
    return {
        "noisy": to_pixels(np.stack(noisy)),
        "clean": to_pixels(np.stack(clean)),
        "t": [seen[i][0] for i in chosen[:-1]] + [0],
    }


def noising(model: str, image: int = 0, t: Any = (), seed: int = 0) -> np.ndarray:
    """Test image number ``image`` as it is after each of the steps ``t``, with the same noise."""
    info, network = generative_model(model, "denoise")
    test = test_part(info)[0].x
    check_range("image", image, 0, len(test) - 1)
    total = len(network.alpha_bars)
    for step in t:
        check_range("t", step, 0, total - 1)
    if not len(t):
        raise ValueError(f"t: expected steps from 0 to {total - 1}, received none")
    noise = draw_latents(network, 1, seed)
    return to_pixels(np.concatenate([network.noised(test[image][None], int(step), noise) for step in t]))
