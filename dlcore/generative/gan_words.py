"""What happens in a GAN of points, in sentences made from its numbers."""

from __future__ import annotations

from typing import Any

import numpy as np


def what_happened(snapshot: dict[str, Any]) -> str:
    """What one batch has changed: a snapshot of :class:`dlcore.callbacks.Previews`, with the one ``before``.

    Empty where the two are not one batch apart.
    """
    before = snapshot.get("before")
    if not before or snapshot["batch"] - before["batch"] != 1 or "grid" not in snapshot:
        return ""
    verdict = _verdict(before, snapshot)
    moved = _moved(before, snapshot)
    if snapshot["learner"] == "discriminator":
        return f"Only the discriminator learned: it {verdict}. The generated points stay where they are."
    if snapshot["learner"] == "generator":
        return f"Only the generator learned: {moved}. The discriminator, which did not learn, {verdict}."
    return f"The discriminator learned, then the generator: {moved}. Now the discriminator {verdict}."


def _verdict(before: dict[str, Any], after: dict[str, Any]) -> str:
    was, now = before["fake_accuracy"], after["fake_accuracy"]
    change = f"{was:.0%} before" if f"{was:.0%}" != f"{now:.0%}" else "as before"
    return f"classifies {now:.0%} of the generated points as generated ({change})"


def _moved(before: dict[str, Any], after: dict[str, Any]) -> str:
    """How far generated points have moved, and how many of them the way their arrows pointed."""
    step = np.array(after["samples"]) - np.array(before["samples"])
    arrows = np.array(before["arrows"])[:, 2:]
    followed = (step[: len(arrows)] * arrows).sum(axis=1) > 0
    return (
        f"it moved its points by {np.hypot(*step.T).mean():.2g} on average, "
        f"{followed.mean():.0%} of them the way their arrows pointed"
    )


def how_it_stands(real_accuracy: float, fake_accuracy: float) -> str:
    """Who is ahead, from the shares that the discriminator classifies correctly."""
    mean = (real_accuracy + fake_accuracy) / 2
    words = (
        f"The discriminator recognises {real_accuracy:.0%} of the real and {fake_accuracy:.0%} of the "
        f"generated points: right in {mean:.0%} of all"
    )
    if mean > 0.9:
        return f"{words}, it recognises nearly everything."
    if mean > 0.6:
        return f"{words}, it is ahead."
    if abs(real_accuracy - fake_accuracy) > 0.7:
        one = "real" if real_accuracy > fake_accuracy else "generated"
        return f"{words}, because it classifies nearly everything as {one}."
    if mean < 0.45:
        return f"{words}, it is fooled more often than not."
    return f"{words}, hardly better than guessing, which is what the generator wants."
