"""Training in the app against the bare Keras scripts of the same recipes.

Each way is a fresh process; one round is all ways one after the other, every second round in reverse,
so that whatever else the machine does weighs on all of them alike. Where it does much else, CPU seconds
are the steadier measure.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bench.fit_once import WAYS, Times
from bench.result import Result, ratio
from bench.servers import fresh_process
from bench.standin import TRAINING

ROUNDS = 10
IMAGES = {"dataset": {"name": "mnist", "examples": TRAINING}, "training": {"epochs": 3, "batch_size": 32}}
"""The course's first CNN (2 convolutions, 64 neurons) as the app suggests it."""


def measure() -> list[Result]:
    ((fit, cpu, whole),) = rounds([IMAGES], ROUNDS)
    return [
        ratio(
            "training through the engine / exported script, building to the end of `fit`",
            1.05,
            fit["engine"],
            fit["script"],
        ),
        ratio("the same in CPU seconds", 1.05, cpu["engine"], cpu["script"]),
        ratio("training on the command line / exported script", 1.05, fit["job"], fit["script"]),
        ratio("the same in CPU seconds", 1.05, cpu["job"], cpu["script"]),
        ratio("click to metrics / script with evaluation and saving", 1.05, whole["engine"], whole["script"]),
    ]


def rounds(recipes: list[dict[str, Any]], count: int) -> list[tuple[dict[str, list[float]], ...]]:
    """Of each recipe ``fit``, ``cpu`` and ``whole``: seconds by way, one a round."""
    times: dict[str, list[list[Times]]] = {way: [] for way in WAYS}
    for number in range(count):
        for way in list(WAYS)[:: -1 if number % 2 else 1]:
            times[way].append(once(way, recipes))
            for row in times[way][-1]:
                print(f"  round {number + 1}, {way}: {listed(row)}", file=sys.stderr)
    return [
        tuple(
            {way: [row[index][name] for row in rows] for way, rows in times.items()}
            for name in ("fit", "cpu", "whole")
        )
        for index in range(len(recipes))
    ]


def listed(times: Times) -> str:
    return ", ".join(f"{name} {value:.2f} s" for name, value in times.items())


def once(way: str, recipes: list[dict[str, Any]]) -> list[Times]:
    """One training of each; the process makes its own home and takes it away."""
    times: list[Times] = fresh_process("bench.fit_once", way, *map(json.dumps, recipes))
    return times
