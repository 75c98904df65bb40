"""A worker that cannot start, or dies as soon as it is there: the page says so, and what helps."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import dask
import psutil
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.client import Client, Visitor, client
from dlcore.recipe import Recipe
from dlcore.runs.states import State

pytestmark = pytest.mark.slow

BROKEN = {
    "broken": (
        "raise ImportError('libtensorflow_cc.so.2: undefined symbol')",
        "cannot start: ImportError: libtensorflow_cc.so.2: undefined symbol. Install the app's packages again",
    ),
    "no room": (
        "raise ImportError('libtensorflow_cc.so.2: failed to map segment from shared object')",
        "shared object. Close other programs",
    ),
    "killed": (
        "import os; os.kill(os.getpid(), 9)",
        "was killed (signal 9), most likely because memory ran out",
    ),
    "hanging": ("import time; time.sleep(600)", "was not ready after 6 s. Close other programs"),
}


def wait_for(condition: Callable[[], object], seconds: float = 60) -> None:
    pause = threading.Event()
    for _ in range(round(10 * seconds)):
        if condition():
            return
        pause.wait(0.1)
    pytest.fail("it did not come true")


@pytest.fixture
def tensorflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A TensorFlow that engines started from here import instead of the installed one."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "packages"))
    monkeypatch.setenv("DLCORE_START_SECONDS", "6")
    module = tmp_path / "packages" / "tensorflow.py"
    module.parent.mkdir()
    yield module


@pytest.mark.parametrize("how", BROKEN)
def test_the_reason_is_one_line_with_what_helps(tensorflow: Path, how: str):
    code, words = BROKEN[how]
    tensorflow.write_text(code)
    here = Client()
    try:
        run = here.submit(Recipe.parse({"dataset": "xor"}), Visitor("me"))
        wait_for(lambda: not here.ready and here.problem)
        assert words in here.problem and "\n" not in here.problem and here.problem.endswith("again.")
        assert here.store.run(run).state is State.QUEUED
        engine, since = here._engine, here._not_before
        assert engine is None and not here.ready and here._not_before == since, "it is not begun anew at once"
    finally:
        here.close()
    left = [child for child in psutil.Process().children(recursive=True) if "dlcore" in child.cmdline()]
    assert not psutil.wait_procs(left, timeout=20)[1]


def draw() -> None:
    import streamlit as st

    from pages.parts.waiting import answer

    found = answer("status")
    if found:
        st.write("There it is.")


def test_a_page_says_it_and_tries_again(tensorflow: Path):
    tensorflow.write_text(BROKEN["broken"][0])
    run = client().submit(Recipe.parse({"dataset": "xor", "training": {"epochs": 1}}), Visitor("me"))
    wait_for(lambda: not client().ready and client().problem)
    app = AppTest.from_function(draw, default_timeout=60).run()
    assert "cannot start" in app.error[0].value and not app.exception
    tensorflow.unlink()
    os.environ["DLCORE_START_SECONDS"] = "180"
    (again,) = [button for button in app.button if button.label == "Try again"]
    again.click().run()
    assert not app.error and "warming up" in app.caption[0].value
    wait_for(lambda: client().ready)
    assert "There it is." in [text.value for text in app.run().markdown]
    wait_for(lambda: client().store.run(run).state is State.FINISHED)


def test_a_worker_that_dies_young_twice_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))  # AppTest puts its script there
    from distributed import Scheduler

    from dlcore.compute.keeper import Keeper

    async def kill_twice() -> str:
        async with (
            Scheduler(dashboard_address="127.0.0.1:0", host="127.0.0.1") as scheduler,
            Keeper(scheduler.address, nthreads=1, dashboard=False) as keeper,
        ):
            first = keeper.pid
            os.kill(first, signal.SIGKILL)
            while keeper.pid in (None, first) or keeper.process.status.name != "running":
                await asyncio.sleep(0.05)
            assert not keeper.given_up.done(), "once may be an accident"
            os.kill(keeper.pid, signal.SIGKILL)
            return await asyncio.wait_for(keeper.given_up, 30)

    with dask.config.set({"distributed.worker.preload": []}):
        reason = asyncio.run(kill_twice())
    assert "died twice within a minute of its start" in reason and "memory ran out" in reason
