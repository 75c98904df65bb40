"""Training in the app against the bare Keras script of the same recipe.

Each way is a fresh process; one round is all ways one after the other, every second round in reverse,
so that whatever else the machine does weighs on all of them alike. Where it does much else, CPU seconds
are the steadier measure.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.fit_once import WAYS
from bench.result import Result, ratio
from bench.servers import ROOT, clean_environment

ROUNDS, EPOCHS = 10, 3


def measure() -> list[Result]:
    times: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for number in range(ROUNDS):
        for way in list(WAYS)[:: -1 if number % 2 else 1]:
            times[way].append(once(way))
            print(f"  round {number + 1}, {way}: {listed(times[way][-1])}", file=sys.stderr)
    fit, cpu, whole = (
        {way: [row[name] for row in times[way]] for way in WAYS} for name in ("fit", "cpu", "whole")
    )
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


def listed(times: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.2f} s" for name, value in times.items())


def once(way: str) -> dict[str, float]:
    """One training; the process makes its own home and takes it away."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.fit_once", way, str(EPOCHS)],
        cwd=ROOT,
        env=clean_environment(Path(tempfile.gettempdir())),
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    times: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return times
