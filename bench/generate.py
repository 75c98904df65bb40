"""Generative networks: how fast the shipped ones answer, and what defaults reach in how much time."""

from __future__ import annotations

from statistics import median
from typing import Any

from bench.result import Result, seconds, spread
from bench.servers import ROOT, fresh_process

SIXTEEN = {"vae": 0.3, "gan": 0.3, "diffusion": 5.0}
POINTS = ("gaussians", "moons", "circles", "spiral", "ring")
SEEDS = (1,)


def measure() -> list[Result]:
    results = []
    for folder in sorted((ROOT / "dlcore" / "zoo").glob("*/weights.safetensors")):
        name = folder.parent.name
        kind = name.split("-")[0]
        if kind in SIXTEEN:
            times = _once("sample", name)
            results.append(seconds(f"`{name}`, sixteen pictures, warm", SIXTEEN[kind], times["sixteen"]))
            if "decode" in times:
                results.append(seconds("one picture of a given latent vector", 0.1, times["decode"]))
    (vae,) = _learned("vae", "digits", (1,))
    results.append(seconds("`vae` on `digits`, defaults: training", 60, [vae["seconds"]]))
    for name in POINTS:
        times = _learned("gan", name, SEEDS)
        results.append(seconds(f"`gan` on `{name}`, defaults: training", 120, _of("seconds", times)))
        far = _of("jensen_shannon", times)
        results.append(
            Result("Jensen-Shannon divergence to the data, bits", "≤ 0.1", spread(far), max(far) <= 0.1)
        )
    for kind in ("gan", "diffusion"):
        times = _learned(kind, "digits", SEEDS)
        results.append(seconds(f"`{kind}` on `digits`, defaults: training", 300, _of("seconds", times)))
        sure, rarest = _of("sure", times), _of("rarest", times)
        results += [
            Result(
                "samples that the evaluator is at least 80 % sure of",
                "≥ 0.8",
                spread(sure),
                median(sure) >= 0.8,
            ),
            Result("share of the rarest class", "> 0", spread(rarest, "", 3), min(rarest) > 0),
        ]
    return results


def _learned(kind: str, dataset: str, seeds: tuple[int, ...]) -> list[dict[str, Any]]:
    return [_once("learn", kind, dataset, str(seed)) for seed in seeds]


def _of(name: str, rows: list[dict[str, Any]]) -> list[float]:
    return [row[name] for row in rows]


def _once(*arguments: str) -> Any:
    return fresh_process("bench.generate_once", *arguments)
