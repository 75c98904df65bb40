"""The compute engine, and what this machine has."""

from __future__ import annotations

import importlib.metadata
import platform
import sys
import time
from typing import Any

from dlcore.commands.common import Mistake, Options, argument, command, show
from dlcore.settings import settings

PATIENCE, LONGEST = 20, 100
"""Seconds until doctor says that it goes on waiting, and then until it gives up."""


@command(
    "run the compute engine, for a lab",
    argument("--listen", default="", help="address, such as tls://0.0.0.0:8786"),
    argument("--workers", type=int, default=1, help="worker processes"),
    json=False,
)
def engine(options: Options) -> None:
    from dlcore.compute.engine import serve

    if not options.listen and sys.stdin.isatty():
        raise Mistake("engine: expected --listen ADDRESS, such as --listen tls://0.0.0.0:8786")
    if options.workers < 1:
        raise Mistake(f"--workers: expected at least 1, received {options.workers}")
    if (reason := serve(options.listen, options.workers)) and options.listen:
        raise Mistake(reason)  # of an app's own engine the app says it


@command("device, versions, memory, caches, store, engine")
def doctor(options: Options) -> int:
    """Start an engine, ask it, and look at everything a run needs."""
    import psutil

    from dlcore.client import client
    from dlcore.compute.engine import EngineError
    from dlcore.datasets import DATASETS

    limits = settings()
    started = time.perf_counter()
    try:
        worker = _first_answer()
    except (EngineError, TimeoutError) as error:
        print(f"dlcore: {error}", file=sys.stderr)
        client().close()
        return 1
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
    return 0


def _first_answer() -> dict[str, Any]:
    """What the worker says of itself. Raises EngineError or TimeoutError with the reason why it does not."""
    from dlcore.client import client
    from dlcore.compute.engine import EngineError

    where = settings().scheduler or "the compute engine, whose worker loads TensorFlow"
    print(f"dlcore: waiting for {where} …", file=sys.stderr)
    pending = client().request("status")
    if not pending.wait(PATIENCE):
        if settings().scheduler:
            raise EngineError(
                f"No worker of {where} has answered within {PATIENCE} s: is one running, of the same version?"
            )
        print("dlcore: it is slow, but nothing is wrong so far …", file=sys.stderr)
    try:
        answer: dict[str, Any] = pending.result(LONGEST)
    except EngineError:
        client().connect()  # says why, where no worker can start
        raise
    return answer


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
