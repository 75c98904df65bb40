"""What a GAN's discriminator, which is kept beside its generator, says of new examples; a job for pages."""

from __future__ import annotations

from typing import Any

from dlcore.generative.draws import classes_in_turn, draw_latents, to_pixels
from dlcore.generative.requests import check_range, generative_model


def discriminated(model: str, count: int = 16, seed: int = 0) -> dict[str, Any]:
    """New examples of a GAN, the most real first as its own discriminator sees them.

    Returns ``samples``, their ``scores``, and ``probability``: whether those are probabilities of being
    real, as with the standard loss, or scores without bounds.
    """
    info, network = generative_model(model, "discriminate")
    check_range("count", count, 1, 250)
    labels = classes_in_turn(info.recipe, count)
    samples = network.sample(draw_latents(network, count, seed), labels)
    scores = network.discriminate(samples, labels)
    order = scores.argsort()[::-1]
    architecture: Any = info.recipe.architecture
    return {
        "samples": to_pixels(samples[order]),
        "scores": scores[order].round(4).tolist(),
        "probability": architecture.loss == "standard",
    }
