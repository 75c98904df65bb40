"""Generative networks in a fresh process: ``python -m bench.generate_once WHAT NAME``, JSON on the last line.

``sample`` asks a shipped model, warm; ``learn`` trains a network on a data set with defaults and says how long
it took and how good what it makes is.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np

from bench.text_once import seconds


def sample(name: str) -> dict[str, Any]:
    """Seconds of sixteen images, other ones every time, and of one from a given latent vector."""
    from dlcore import jobs, models
    from dlcore.generative.first_samples import first_options
    from dlcore.runs.store import open_store

    info = models.find(open_store(), name)
    kind = info.recipe.architecture.kind
    options = first_options(info)
    jobs.sample(name, **options)  # compiles
    every = [options | {"seed": i} for i in range(1, 6)]
    times = {"sixteen": [seconds(lambda one=one: jobs.sample(name, **one)) for one in every]}
    if kind == "vae":
        size = jobs.sample(name, 1)["latents"].shape[1]
        places = np.random.default_rng(0).normal(size=(20, 1, size)).astype("float32")
        jobs.decode(name, places[0])
        times["decode"] = [seconds(lambda at=at: jobs.decode(name, at)) for at in places]
    return times


def learn(kind: str, dataset: str, seed: int) -> dict[str, Any]:
    """Seconds of a training with defaults, and what its samples are worth."""
    from dlcore import (
        jobs,  # noqa: F401  first, as in a worker
        models,
    )
    from dlcore.generative.draws import classes_in_turn, draw_latents, sampled
    from dlcore.generative.evaluator import classified, evaluator_of
    from dlcore.generative.quality import jensen_shannon
    from dlcore.recipe import Recipe
    from dlcore.runs.store import open_store
    from dlcore.training import train

    recipe = Recipe.parse({"dataset": dataset, "architecture": {"kind": kind}, "training": {"seed": seed}})
    split = recipe.dataset.load(seed)
    began = time.perf_counter()
    model = train(recipe, split).model
    result: dict[str, Any] = {"seconds": time.perf_counter() - began}
    points = recipe.dataset.modality == "points"
    count = 5000 if points else 500
    samples = sampled(model, draw_latents(model, count, seed), classes_in_turn(recipe, count))
    if points:
        real = recipe.dataset.draw(count, np.random.default_rng(seed + 1))
        return result | {"jensen_shannon": jensen_shannon(samples, real.x)}
    evaluator = evaluator_of(dataset)
    assert evaluator is not None
    chances = classified(models.load(open_store(), evaluator), samples).probabilities
    counts = np.bincount(chances.argmax(axis=1), minlength=chances.shape[1])
    return result | {
        "sure": float((chances.max(axis=1) >= 0.8).mean()),
        "rarest": float(counts.min() / count),
    }


if __name__ == "__main__":
    what, name = sys.argv[1:3]
    answer = sample(name) if what == "sample" else learn(name, sys.argv[3], int(sys.argv[4]))
    print("\n" + json.dumps(answer))
