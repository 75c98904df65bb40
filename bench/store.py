"""A store of 10,000 runs, one of them with 1,000,000 points: how long reading and drawing take."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.browser import chromium, fresh_page, settle
from bench.result import Result, seconds
from bench.servers import studio
from dlcore import store as tables
from dlcore.recipe import Recipe
from dlcore.settings import Settings
from dlcore.states import State
from dlcore.store import Store

RUNS, POINTS, EPOCHS, ROUNDS = 10_000, 1_000_000, 500, 9


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        store = Store(Settings(home=Path(folder)))
        big, small = fill(store)
        print("  store filled", file=sys.stderr)
        results = [
            seconds("`store.metrics` of a run with 1,000,000 points", 0.5,
                    repeat(lambda: store.metrics(big, "batch", 400))),
            seconds("`store.list_runs`, first page of 10,000", 0.5,
                    repeat(lambda: store.list_runs(limit=20))),
            seconds("`store.list_runs`, last page", 0.5,
                    repeat(lambda: store.list_runs(limit=20, offset=RUNS - 20))),
            seconds("`store.list_runs`, searched by name", 0.5,
                    repeat(lambda: store.list_runs(text="run 77", limit=20))),
        ]  # fmt: skip
        store.engine.dispose()
        return results + pages(Path(folder), big, small)


def repeat(work: Callable[[], Any]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return times


def pages(home: Path, big: str, small: str) -> list[Result]:
    """From a click on another page's link to the drawn page, in a session that is already there."""
    draw: dict[str, list[float]] = {"Train": [], "Train, a run of ten points": [], "Classify": []}
    with studio(home) as server, chromium() as browser, fresh_page(browser) as page:
        for name, path, sign in (
            ("Train", f"/train?run={big}", "text=took"),
            ("Train, a run of ten points", f"/train?run={small}", "text=took"),
            ("Classify", "/classify", "text=Network"),
        ):
            for number in range(ROUNDS + 1):
                page.goto(server.url)
                page.locator("h1").first.wait_for()
                settle(page)
                page.wait_for_timeout(300)
                began = time.perf_counter()
                page.goto(server.url + path, wait_until="commit")
                page.locator(sign).first.wait_for()
                settle(page)
                if number:  # the first one imports the page's modules
                    draw[name].append(time.perf_counter() - began)
        reload = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            page.goto(server.url, wait_until="commit")
            page.locator("h1").first.wait_for()
            settle(page)
            reload.append(time.perf_counter() - began)
    return [
        *(seconds(f"page loaded anew: {name}", None, times) for name, times in draw.items()),
        seconds("page loaded anew: Start", None, reload),
    ]


def fill(store: Store) -> tuple[str, str]:
    """Write the runs and points straight into the tables; ids of the large and of a small run."""
    recipe = Recipe.parse({"dataset": "digits"}).model_dump(mode="json")
    recipe["training"]["epochs"] = EPOCHS
    now = time.time()
    result = {
        "metrics": dict.fromkeys(("accuracy", "loss", "precision", "recall", "f1"), 0.9),
        "confusion": [[9 * (i == j) + 1 for j in range(10)] for i in range(10)],
        "classes": [
            {"class": str(i), "precision": 0.9, "recall": 0.9, "f1": 0.9, "support": 18}
            for i in range(10)
        ],
    }
    progress = {
        "phase": "training", "epoch": EPOCHS, "epochs": EPOCHS, "batch": 40, "batches": 40,
        "seconds_left": 0, "examples_per_second": 9000, "device": "CPU", "learning_rate": 0.001,
        "best_epoch": 400,
    }  # fmt: skip
    names = [f"{number:012d}" for number in range(RUNS)]
    rows = [
        {
            "id": name, "name": f"run {number}", "owner": "bench", "recipe": recipe,
            "state": State.FINISHED, "reason": "", "worker": "", "created": now - number,
            "started": now - number, "ended": now - number + 9, "heartbeat": now,
            "progress": progress, "result": result,
        }
        for number, name in enumerate(names)
    ]  # fmt: skip
    with store.engine.begin() as db:
        db.execute(tables.runs.insert(), rows)
        db.execute(tables.control.insert(), [{"run": name} for name in names])
        for kind, number, run in (
            ("batch", POINTS, names[0]),
            ("epoch", EPOCHS, names[0]),
            ("epoch", 10, names[1]),
        ):
            _points(db, run, kind, number)
    return names[0], names[1]


def _points(db: sa.Connection, run: str, kind: str, number: int) -> None:
    step = 100_000
    for start in range(0, number, step):
        points = [
            {
                "run": run, "kind": kind, "step": i, "epoch": EPOCHS * (i + 1) / number,
                "values": {"loss": 1 / (i + 1), "accuracy": 0.9, "val_loss": 1, "val_accuracy": 0.8},
            }
            for i in range(start, min(start + step, number))
        ]  # fmt: skip
        db.execute(tables.metrics.insert(), points)
