"""How noise is added to an example step by step, and how it is taken away again. NumPy only.

Noise is added in T small steps t = 0 … T - 1 (Ho et al. 2020, "Denoising diffusion probabilistic models").
What is left of the example after step t is one number, ᾱ_t ("alpha bar"), which falls from nearly 1 to nearly 0:

    x_t = √ᾱ_t · x_0 + √(1 - ᾱ_t) · noise        noise ~ N(0, 1)

A network learns to predict the noise from x_t and t. With it one steps back, from noise to an example.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

OnStep = Callable[[int, int, np.ndarray, np.ndarray], None]
"""Called at every step with its number, t, x_t and the x_0 predicted from it."""


def alpha_bars(schedule: str, steps: int) -> np.ndarray:
    """ᾱ_t for t = 0 … steps - 1, of shape (steps,), float64.

    "linear": the variance β_t of what a step adds grows in a line from 0.0001 to 0.02 for 1,000 steps
    (Ho et al.), and faster for fewer. "cosine": ᾱ itself follows a squared cosine, so that early steps
    spoil less (Nichol and Dhariwal 2021); no β exceeds 0.999.
    """
    if schedule == "linear":
        scale = 1000 / steps
        betas = np.minimum(np.linspace(0.0001 * scale, 0.02 * scale, steps), 0.999)
    else:
        share = np.arange(steps + 1) / steps
        wanted = np.cos((share + 0.008) / 1.008 * np.pi / 2) ** 2
        betas = np.minimum(1 - wanted[1:] / wanted[:-1], 0.999)
    return np.cumprod(1 - betas)


def noised(clean: np.ndarray, alpha_bar: float, noise: np.ndarray) -> np.ndarray:
    """x_t from x_0: all t + 1 steps at once."""
    return np.sqrt(alpha_bar) * clean + np.sqrt(1 - alpha_bar) * noise


def predicted_clean(x: np.ndarray, alpha_bar: float, noise: np.ndarray) -> np.ndarray:
    """x_0 from x_t, if ``noise`` is what was added."""
    return (x - np.sqrt(1 - alpha_bar) * noise) / np.sqrt(alpha_bar)


def ddim_step(
    x: np.ndarray, clean: np.ndarray, now: float, before: float, eta: float, fresh: np.ndarray
) -> np.ndarray:
    """One step back (Song et al. 2020, equation 12): from ᾱ = ``now`` to a larger ᾱ = ``before``.

    The predicted example is noised again, but less, and with the same noise. ``eta`` = 0: nothing is left
    to chance. ``eta`` = 1: as much of the noise is replaced by ``fresh`` noise as DDPM replaces.
    """
    noise = (x - np.sqrt(now) * clean) / np.sqrt(1 - now)
    sigma = eta * np.sqrt((1 - before) / (1 - now) * (1 - now / before))
    return np.sqrt(before) * clean + np.sqrt(np.maximum(1 - before - sigma**2, 0)) * noise + sigma * fresh


def ddpm_step(x: np.ndarray, clean: np.ndarray, now: float, before: float, fresh: np.ndarray) -> np.ndarray:
    """One step back (Ho et al. 2020, equations 6 and 7): a draw from what x was before, given x_t and x_0.

    That is a normal distribution, whose mean lies between x and the predicted example.
    """
    alpha = now / before
    beta = 1 - alpha
    mean = np.sqrt(before) * beta / (1 - now) * clean + np.sqrt(alpha) * (1 - before) / (1 - now) * x
    return mean + np.sqrt(beta * (1 - before) / (1 - now)) * fresh


def times(total: int, count: int) -> list[int]:
    """``count`` steps out of ``total``, evenly spaced, from the noisiest to the first."""
    return np.linspace(total - 1, 0, min(max(count, 1), total)).round().astype(int).tolist()


def denoise(
    noise_in: Callable[[np.ndarray, int], np.ndarray],
    x: np.ndarray,
    alpha_bars: np.ndarray,
    *,
    steps: int,
    sampler: str = "ddim",
    eta: float = 0.0,
    fresh: Callable[[], np.ndarray],
    bound: float = np.inf,
    on_step: OnStep | None = None,
) -> np.ndarray:
    """From pure noise back to examples.

    Args:
        noise_in: The noise in (x_t, t), usually what the network says.
        x: Noise (n, …), the beginning.
        alpha_bars: ᾱ of all T steps.
        steps: Number of them to take; fewer are faster and coarser.
        sampler: "ddim" or "ddpm".
        eta: Of DDIM.
        fresh: New noise of x's shape, called only where the step is random.
        bound: Examples lie within ±bound: predictions are clipped there.
        on_step: Called at every step.
    """
    plan = times(len(alpha_bars), steps)
    for index, t in enumerate(plan):
        now = alpha_bars[t]
        before = alpha_bars[plan[index + 1]] if index + 1 < len(plan) else 1.0
        clean = np.clip(predicted_clean(x, now, noise_in(x, t)), -bound, bound)
        if on_step:
            on_step(index, t, x, clean)
        if before == 1.0:  # the last step: nothing is left to add
            return clean
        chance = fresh() if sampler == "ddpm" or eta else np.zeros(())
        if sampler == "ddpm":
            x = ddpm_step(x, clean, now, before, chance)
        else:
            x = ddim_step(x, clean, now, before, eta, chance)
    return x
