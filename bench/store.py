"""A store of 10,000 runs, one of them with 1,000,000 points: how long reading and drawing take."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from playwright.sync_api import Page

from bench.browser import chromium, fresh_page, settle
from bench.memory import wait_until_warm
from bench.result import Result, seconds
from bench.servers import studio
from dlcore.recipe import Recipe
from dlcore.runs import store as tables
from dlcore.runs.states import State
from dlcore.runs.store import Store
from dlcore.settings import Settings

RUNS, POINTS, EPOCHS, ROUNDS = 10_000, 1_000_000, 500, 9


def measure() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        store = Store(Settings(home=Path(folder)))
        big = fill(store)
        print("  store filled", file=sys.stderr)
        results = [
            seconds(
                "`store.metrics` of a run with 1,000,000 points",
                0.5,
                repeat(lambda: store.metrics(big, "batch", 400)),
            ),
            seconds(
                "`store.list_runs`, first page of 10,000", 0.5, repeat(lambda: store.list_runs(limit=20))
            ),
            seconds(
                "`store.list_runs`, last page",
                0.5,
                repeat(lambda: store.list_runs(limit=20, offset=RUNS - 20)),
            ),
            seconds(
                "`store.list_runs`, searched by name",
                0.5,
                repeat(lambda: store.list_runs(text="run 77", limit=20)),
            ),
        ]
        store.engine.dispose()
        return results + pages(Path(folder))


def repeat(work: Callable[[], Any]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return times


def pages(full: Path) -> list[Result]:
    """A click on "Train" in the menu until the run is drawn, in the full store and in one of one run."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        store = Store(Settings(home=Path(folder)))
        fill(store, runs=1, points=10)
        store.engine.dispose()
        with (
            chromium() as browser,
            studio(full) as many,
            studio(Path(folder)) as few,
            fresh_page(browser) as in_many,
            fresh_page(browser) as in_few,
        ):
            draw: dict[str, list[float]] = {"many": [], "few": []}
            for server, page in ((many, in_many), (few, in_few)):
                page.goto(server.url)
                wait_until_warm(server)
            for number in range(ROUNDS + 1):
                for name, page in (("many", in_many), ("few", in_few)):
                    took = click(page, "Train", "took")
                    click(page, "Start", "Start from one of these")
                    if number:  # the first one imports the page's modules
                        draw[name].append(took)
                        print(f"  {name}: {took:.2f} s", file=sys.stderr)
    return [
        seconds(
            "Train drawn after a click in the menu: 10,000 runs, a run of 1,000,000 points", 0.5, draw["many"]
        ),
        seconds("the same with one run of ten points", None, draw["few"]),
    ]


def click(page: Page, link: str, sign: str) -> float:
    """Seconds until the page shows ``sign`` and its script has run to its end."""
    began = time.perf_counter()
    page.get_by_role("link", name=link, exact=True).first.click()
    page.get_by_text(sign).first.wait_for()
    settle(page)
    took = time.perf_counter() - began
    page.wait_for_timeout(400)
    return took


def fill(store: Store, runs: int = RUNS, points: int = POINTS) -> str:
    """Write the runs and points straight into the tables; the id of the newest, which has the points."""
    recipe = Recipe.parse({"dataset": "digits"}).model_dump(mode="json")
    recipe["training"]["epochs"] = EPOCHS
    now = time.time()
    result = {
        "metrics": dict.fromkeys(("accuracy", "loss", "precision", "recall", "f1"), 0.9),
        "confusion": [[9 * (i == j) + 1 for j in range(10)] for i in range(10)],
        "classes": [
            {"class": str(i), "precision": 0.9, "recall": 0.9, "f1": 0.9, "support": 18} for i in range(10)
        ],
    }
    progress = {
        "phase": "training",
        "epoch": EPOCHS,
        "epochs": EPOCHS,
        "batch": 40,
        "batches": 40,
        "seconds_left": 0,
        "examples_per_second": 9000,
        "device": "CPU",
        "learning_rate": 0.001,
        "best_epoch": 400,
    }
    names = [f"{number:012d}" for number in range(runs)]
    rows = [
        {
            "id": name,
            "name": f"run {number}",
            "owner": "bench",
            "recipe": recipe,
            "state": State.FINISHED,
            "reason": "",
            "worker": "",
            "created": now - number,
            "started": now - number,
            "ended": now - number + 9,
            "heartbeat": now,
            "progress": progress,
            "result": result,
        }
        for number, name in enumerate(names)
    ]
    with store.engine.begin() as db:
        db.execute(tables.runs.insert(), rows)
        db.execute(tables.control.insert(), [{"run": name} for name in names])
        _points(db, names[0], "batch", points)
        _points(db, names[0], "epoch", min(points, EPOCHS))
    return names[0]


def _points(db: sa.Connection, run: str, kind: str, number: int) -> None:
    step = 100_000
    for start in range(0, number, step):
        points = [
            {
                "run": run,
                "kind": kind,
                "step": i,
                "epoch": EPOCHS * (i + 1) / number,
                "values": {"loss": 1 / (i + 1), "accuracy": 0.9, "val_loss": 1, "val_accuracy": 0.8},
            }
            for i in range(start, min(start + step, number))
        ]
        db.execute(tables.metrics.insert(), points)
