"""Text networks here against PyTorch's transformers, on the same full-size checkpoints with random weights.

Each way is a fresh process; one round is both ways, every second round in reverse, and the machine's copy
bandwidth in between: writing reads every weight once a token, so bandwidth over bytes is its limit. PyTorch
serves only here. Where it cannot be imported the rest is measured. What the app ships is measured too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.result import Result, seconds, spread
from bench.servers import ROOT, clean_environment

ROUNDS = {"write": 5, "read": 5}
NETWORK = {"write": "gpt2", "read": "distilbert"}
GET_TORCH = "python -m pip install --target .bench-torch torch"
USE_TORCH = "PYTHONPATH=.bench-torch python -m bench text"
Times = dict[str, Any]
Pairs = dict[str, list[Times]]
"""What came out of every round, by way."""


def measure() -> list[Result]:
    ways = ["keras", "torch"] if _has_torch() else ["keras"]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        _python("keras", "bench.text_models", folder)
        size = (Path(folder) / "gpt2" / "model.safetensors").stat().st_size
        writing, bandwidth = rounds("write", ways, Path(folder))
        reading, _ = rounds("read", ways, Path(folder))
    results = []
    if "torch" in ways:
        results += against_torch(writing, reading)
    else:
        line = f"PyTorch is not there; `{GET_TORCH}`, then `{USE_TORCH}`"
        results.append(Result("the same in PyTorch", "", line))
    return results + alone(writing, reading, bandwidth, size) + shipped()


def against_torch(writing: Pairs, reading: Pairs) -> list[Result]:
    same = [
        sum(x == y for x, y in zip(a["greedy"], b["greedy"], strict=True)) / len(a["greedy"])
        for a, b in zip(*writing.values(), strict=True)
    ]
    apart = max(
        float(np.abs(np.subtract(a["logits"], b["logits"])).max())
        for a, b in zip(*reading.values(), strict=True)
    )
    what = "GPT-2 (124 million weights)"
    return [
        Result(
            "the same greedy tokens; DistilBERT's logits apart by at most",
            "",
            f"{min(same):.0%}; {apart:.0e}",
        ),
        most(f"{what}: tokens a second / PyTorch's", 1.0, writing, "one", "tokens/s"),
        most("the same, four texts drawn at once", None, writing, "four", "tokens/s"),
        least("first token, prompt of 32 / PyTorch's", writing, "first", 1e3, "ms"),
        least("GPT-2: memory of the process afterwards / PyTorch's", writing, "memory", 1e-6, "MB"),
        least("the most memory until then, loading included / PyTorch's", writing, "peak", 1e-6, "MB"),
        least("DistilBERT (67 million weights), 1 text of 32 tokens / PyTorch's", reading, "1x32", 1e3, "ms"),
        least("16 texts of 64 tokens / PyTorch's", reading, "16x64", 1e3, "ms"),
        least("DistilBERT: memory of the process afterwards / PyTorch's", reading, "memory", 1e-6, "MB"),
        least("the most memory until then, loading included / PyTorch's", reading, "peak", 1e-6, "MB"),
    ]


def alone(writing: Pairs, reading: Pairs, bandwidth: list[float], size: int) -> list[Result]:
    """What needs no comparison with PyTorch."""
    ours = writing["keras"]
    limits = [speed / size for speed in bandwidth]
    shares = [row["one"] / limit for row, limit in zip(ours, limits, strict=True)]
    four = [row["four"] / row["drawn"] for row in ours]
    return [
        Result(
            "copy bandwidth of the machine, reads and writes",
            "",
            spread([speed / 1e9 for speed in bandwidth], " GB/s", 1),
        ),
        Result("the tokens a second of GPT-2 that it allows", "", spread(limits, "", 1)),
        Result("GPT-2, tokens a second", "", spread([row["one"] for row in ours], "", 1)),
        Result("the same as a share of what the bandwidth allows", "", spread(shares)),
        Result("four texts at once: tokens a second / of one", "≥ 1.5", spread(four), median(four) >= 1.5),
    ]


def shipped() -> list[Result]:
    times = _python("keras", "bench.text_shipped", timeout=300)
    reading = [1000 * took for took in times["32"]]
    return [
        Result(
            "`storyteller-gpt`, tokens a second",
            "≥ 100",
            spread(times["story"], "", 0),
            median(times["story"]) >= 100,
        ),
        seconds(
            "a slider's part of a redraw: chances of 50,257 tokens from their logits", 0.2, times["redraw"]
        ),
        seconds("`sentiment`, first answer, loading included", 0.5, times["first"]),
        seconds("the same, a new text afterwards", 0.3, times["sentiment"]),
        Result("the same, a text of 32 tokens", "≤ 20 ms", spread(reading, " ms", 1), median(reading) <= 20),
    ]


# -- comparing --------------------------------------------------------------------------------


def least(what: str, pairs: Pairs, name: str, scale: float, unit: str) -> Result:
    """Ours against theirs where less is better; the median of the rounds' ratios counts."""
    ratios, times = _compared(pairs, name, scale, unit)
    return Result(what, "≤ 1", f"{spread(ratios)}; {times}", median(ratios) <= 1)


def most(what: str, limit: float | None, pairs: Pairs, name: str, unit: str) -> Result:
    """The same where more is better."""
    ratios, times = _compared(pairs, name, 1, unit)
    met = None if limit is None else median(ratios) >= limit
    return Result(what, "" if limit is None else f"≥ {limit:g}", f"{spread(ratios)}; {times}", met)


def _compared(pairs: Pairs, name: str, scale: float, unit: str) -> tuple[list[float], str]:
    ours, theirs = ([scale * row[name] for row in pairs[way]] for way in ("keras", "torch"))
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return ratios, f"{median(ours):.3g} against {median(theirs):.3g} {unit}"


# -- measuring --------------------------------------------------------------------------------


def rounds(what: str, ways: list[str], folder: Path) -> tuple[Pairs, list[float]]:
    """Every way in every round, and the bandwidth in each round."""
    pairs: Pairs = {way: [] for way in ways}
    bandwidth = []
    for number in range(ROUNDS[what]):
        bandwidth.append(copy_bandwidth())
        for way in ways[:: -1 if number % 2 else 1]:
            place = str(folder / NETWORK[what])
            result = _python(way, "bench.text_once", way, what, place)
            pairs[way].append(result)
            values = {k: f"{v:.3g}" for k, v in result.items() if not isinstance(v, list)}
            print(f"  {what}, round {number + 1}, {way}: {values}", file=sys.stderr)
    return pairs, bandwidth


def copy_bandwidth(megabytes: int = 256, times: int = 5) -> float:
    """Bytes a second, read and written, when all cores copy large arrays; the best of a few times."""
    source = np.ones(megabytes * 2**20, "uint8")
    target = np.zeros_like(source)
    cores = os.cpu_count() or 1
    parts = list(zip(np.array_split(target, cores), np.array_split(source, cores), strict=True))
    took = []
    for _ in range(times):
        threads = [threading.Thread(target=np.copyto, args=part) for part in parts]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took.append(time.perf_counter() - began)
    return 2 * source.nbytes / min(took)


def _python(way: str, module: str, *arguments: str, timeout: float = 600) -> Times:
    """Run a module in a fresh process; what its last line says, if it says anything."""
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        environment = clean_environment(Path(home)) | {"HF_HUB_OFFLINE": "1"}
        if way != "torch":  # what is only for comparison must not weigh on ours
            environment["PYTHONPATH"] = os.pathsep.join(
                path
                for path in environment.get("PYTHONPATH", "").split(os.pathsep)
                if path and not (Path(path) / "torch").is_dir()
            )
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    lines = done.stdout.splitlines()
    result: Times = json.loads(lines[-1]) if lines else {}
    return result


def _has_torch() -> bool:
    """Asked of another process: this one must not carry it."""
    done = subprocess.run([sys.executable, "-c", "import torch"], cwd=ROOT, capture_output=True)
    return done.returncode == 0
