"""Many visitors at once while a network trains: how long a page takes to answer, and what it costs.

The visitors speak Streamlit's protocol, so no browser competes for the processor. Each opens a page, then
does something on it every few seconds; those on the Train page also poll twice a second, as it asks them to.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.live import open_home
from bench.result import Result
from bench.servers import Server, studio
from bench.websocket import Session
from dlcore.recipe import Recipe
from dlcore.runs.store import Store

SECONDS = 60
THINK = (3.0, 7.0)
"""Seconds between two things that a visitor does."""
BAR = 2.0
RECIPE = {"dataset": "digits", "training": {"epochs": 500}}


@dataclass
class Kind:
    """What visitors of one page do: ``act`` gives the widgets that change, and what they become."""

    path: str
    share: int
    act: Callable[[Session], dict[str, tuple[str, Any]]]
    times: list[float] = field(default_factory=list)


def slide(session: Session) -> dict[str, tuple[str, Any]]:
    return {session.keys("build.mlp.hidden.0.units")[0]: ("double_array_value", float(random.randint(4, 64)))}


def logarithmic(session: Session) -> dict[str, tuple[str, Any]]:
    return {"log_loss": ("bool_value", random.random() < 0.5)}


def press(prefix: str) -> Callable[[Session], dict[str, tuple[str, Any]]]:
    def act(session: Session) -> dict[str, tuple[str, Any]]:
        return {random.choice(session.keys(prefix)): ("trigger_value", True)}

    return act


def choose_image(session: Session) -> dict[str, tuple[str, Any]]:
    """Click one of the five images of a grid."""
    clicked = json.dumps([{"event": "clicked", "value": random.randrange(5)}])
    return {session.keys("classify.examples.")[0]: ("json_trigger_value", clicked)}


def kinds() -> list[Kind]:
    """Of ten visitors four watch the training."""
    return [
        Kind("train", 4, logarithmic),
        Kind("build", 2, slide),
        Kind("classify", 2, choose_image),
        Kind("text", 1, press("sentiment.example.")),
        Kind("generate", 1, press("generate.again")),
    ]


@dataclass
class Load:
    """What one number of visitors met."""

    times: list[float]
    polls: list[float]
    errors: list[str]
    cpu: float
    by_page: dict[str, list[float]]

    @property
    def cost(self) -> float:
        """CPU seconds of the web process for each run of a page or of a part of it."""
        return self.cpu / max(1, len(self.times) + len(self.polls))


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


async def visit(server: Server, run: str, count: int, seconds: float) -> Load:
    """``count`` visitors for ``seconds``."""
    chosen = [kind for kind in kinds() for _ in range(kind.share)]
    pages = {kind.path: kind for kind in chosen}
    sessions: list[tuple[Session, Kind]] = []
    for i in range(count):
        kind = pages[chosen[i % len(chosen)].path]
        session = Session(server.url, kind.path, f"run={run}" if kind.path == "train" else "")
        await session.open(f"{i:032x}")
        sessions.append((session, kind))
    await asyncio.sleep(5)  # what was asked for while the pages opened is answered
    for session, _ in sessions:
        session.polls.clear()
        session.errors.clear()
    errors: list[str] = []

    async def use(session: Session, kind: Kind, end: float) -> None:
        await asyncio.sleep(random.uniform(0, THINK[1]))
        while time.monotonic() < end:
            try:
                kind.times.append(await session.rerun(**kind.act(session)))
            except (TimeoutError, KeyError) as error:
                errors.append(f"{kind.path}: {error!r}")
            await asyncio.sleep(random.uniform(*THINK))

    before = sum(server.process.cpu_times()[:2])
    end = time.monotonic() + seconds
    await asyncio.gather(*(use(session, kind, end) for session, kind in sessions))
    cpu = sum(server.process.cpu_times()[:2]) - before
    for session, _ in sessions:
        session.close()
    return Load(
        times=[took for kind in pages.values() for took in kind.times],
        polls=[took for session, _ in sessions for took in session.polls],
        errors=errors + [error for session, _ in sessions for error in session.errors],
        cpu=cpu,
        by_page={path: kind.times for path, kind in pages.items()},
    )


async def begin_training(server: Server, store: Store) -> str:
    """Press Train on the Build page and wait for the first batch."""
    session = Session(server.url, "build", f"recipe={Recipe.parse(RECIPE).link()}")
    await session.open("f" * 32)
    await session.rerun(train=("trigger_value", True))
    session.close()
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        runs = store.list_runs(limit=1)
        if runs and "batch" in runs[0].progress:
            return runs[0].id
        await asyncio.sleep(0.5)
    raise RuntimeError(f"the training did not begin: {store.list_runs(limit=1)}, {session.errors}")


def measure(counts: tuple[int, ...] = (10, 30), seconds: float = SECONDS) -> list[Result]:
    random.seed(1)
    results = []
    with studio() as server:
        run = asyncio.run(begin_training(server, open_home(server.home)))
        for count in counts:
            load = asyncio.run(visit(server, run, count, seconds))
            slow = percentile(load.times, 0.95)
            pages = ", ".join(f"{path} {percentile(t, 0.5):.2f} s" for path, t in load.by_page.items())
            print(f"  {count}: {pages}; {load.errors[:3]}", file=sys.stderr)
            results += [
                Result(
                    f"{count} visitors during a training: 95 % of answers within",
                    f"≤ {BAR:g} s, no error" if count >= 30 else "none",
                    f"{slow:.2f} s (median {percentile(load.times, 0.5):.2f} s, n={len(load.times)}, "
                    f"{len(load.errors)} errors); polls of the Train page {percentile(load.polls, 0.95):.2f} s",
                    (slow <= BAR and not load.errors) if count >= 30 else None,
                ),
                Result(
                    f"{count} visitors: CPU of the web process for each run of a page or part",
                    "none",
                    f"{1000 * load.cost:.0f} ms ({load.cpu:.0f} s for {len(load.times)} and "
                    f"{len(load.polls)} polls in {seconds:.0f} s)",
                    None,
                ),
            ]
    return results
