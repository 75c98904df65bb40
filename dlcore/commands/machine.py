"""The compute engine, and what this machine has."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import time

from dlcore.commands.common import Mistake, Options, show
from dlcore.settings import settings


def engine(options: Options) -> None:
    from dlcore.compute.engine import serve

    if not options.listen and sys.stdin.isatty():
        raise Mistake("engine: expected --listen ADDRESS, such as --listen tls://0.0.0.0:8786")
    if options.workers < 1:
        raise Mistake(f"--workers: expected at least 1, received {options.workers}")
    serve(options.listen, options.workers)


def doctor(options: Options) -> None:
    """Start an engine, ask it, and look at everything a run needs."""
    import psutil

    from dlcore.client import client
    from dlcore.datasets import DATASETS

    limits = settings()
    started = time.perf_counter()
    worker = client().request("status").result(120)
    engine_seconds = time.perf_counter() - started
    store = client().store
    report = {
        "python": platform.python_version(),
        "packages": {
            name: _version(name)
            for name in ("streamlit", "tensorflow", "tensorflow-cpu", "keras", "distributed", "plotly")
        },
        "device": worker["device"],
        "advice": worker["advice"],
        "memory_free_mb": psutil.virtual_memory().available // 2**20,
        "worker_memory_mb": worker["memory_mb"],
        "store": {"database": limits.database_url, "runs": store.count()},
        "artifacts": limits.artifacts_url,
        "downloaded": [
            name for name, kind in DATASETS.items() if kind.source == "download" and kind().at_hand
        ],
        "engine": {
            "scheduler": limits.scheduler or "own",
            "seconds_to_first_answer": round(engine_seconds, 1),
        },
    }
    client().close()
    show(options, report, "\n".join(f"{name:16} {value}" for name, value in report.items()))


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
