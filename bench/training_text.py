"""Training networks that read texts, with masks, dropout and a bidirectional layer, against their exported scripts."""

from __future__ import annotations

from typing import Any

from bench.result import Result, ratio
from bench.training import rounds

ROUNDS = 5
REVIEWS = {"name": "toy_reviews", "examples": 4000}
RECIPES: dict[str, dict[str, Any]] = {
    "bidirectional LSTM, masked, dropout": {
        "dataset": REVIEWS,
        "architecture": {"kind": "lstm", "bidirectional": True, "dropout": 0.2},
        "training": {"epochs": 5},
    },
    "transformer, masked, dropout": {
        "dataset": REVIEWS,
        "architecture": {"kind": "transformer", "dropout": 0.1},
        "training": {"epochs": 3},
    },
    "GPT, dropout": {
        "dataset": {"name": "python_docs"},
        "architecture": {"kind": "gpt", "blocks": 2, "width": 64, "dropout": 0.1},
        "training": {"epochs": 2},
    },
}


def measure() -> list[Result]:
    results = []
    for title, (fit, cpu, _) in zip(RECIPES, rounds([*RECIPES.values()], ROUNDS), strict=True):
        for name, way in (("engine", "engine"), ("command line", "job")):
            results += [
                ratio(f"{title}: {name} / exported script", 1.05, fit[way], fit["script"]),
                ratio("the same in CPU seconds", 1.05, cpu[way], cpu["script"]),
            ]
    return results
