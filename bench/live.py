"""A run on the Train page: how soon the first point, how late the numbers, how soon a stop is answered.

The browser notes when it shows a batch's number, and the store is watched for when the training wrote it.
Both clocks are this machine's. Beside every run a bare Keras script of the same recipe is timed to the end
of its first batch: TensorFlow traces the training step there, which nobody can spare the app.
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from playwright.sync_api import Browser, Page

from bench.browser import chromium, fresh_page, settle
from bench.memory import wait_until_warm
from bench.result import Result, seconds, spread
from bench.servers import Server, fresh_process, studio
from bench.train_page import build_link, click_train, wait_for_state
from dlcore.runs.store import Store
from dlcore.settings import Settings

ROUNDS = 4
NOTE = """
() => {
    window.shown = [];
    const legend = /(\\d[\\d,]*) of (\\d[\\d,]*)/;
    const look = () => {
        const row = [...document.querySelectorAll("td")].find((e) => e.textContent === "Batch");
        const epoch = /epoch (\\d+) of/.exec(
            document.querySelector("[data-testid=stProgress]")?.textContent ?? "");
        const batch = legend.exec(row?.nextSibling?.textContent ?? "");
        if (epoch && batch) {
            const what = `${epoch[1]}/${batch[1].replaceAll(",", "")}`;
            if (window.shown.at(-1)?.[0] !== what) window.shown.push([what, Date.now() / 1000]);
        }
        requestAnimationFrame(look);
    };
    look();
}
"""


def measure() -> list[Result]:
    first, lags, stops, bare = [], [], [], []
    with studio() as server, chromium() as browser:
        store = open_home(server.home)
        with fresh_page(browser) as page:
            page.goto(server.url)
            wait_until_warm(server)
        for number in range(ROUNDS):
            dataset = "digits" if number % 2 else "spiral"
            bare.append(first_batch(dataset))
            times = once(server, browser, store, dataset)
            print(
                f"  first {times[0]:.2f} s, bare {bare[-1]:.2f} s, lag {spread(times[1])}, stop {times[2]:.2f} s",
                file=sys.stderr,
            )
            first.append(times[0])
            lags += times[1]
            stops.append(times[2])
    worst = sorted(lags)[int(0.95 * len(lags))]
    return [
        seconds("first point of the curve after the click, engine warm", 3, first),
        seconds("the same in a bare script: building to the end of the first batch", None, bare),
        Result(
            "lag of the numbers on the page: newest value shown after it was measured",
            "≤ 1 s",
            f"{spread(lags, ' s')}, 95 % within {worst:.2f} s",
            worst <= 1,
        ),
        seconds("stop acknowledged: click to the badge 'stopped'", 1, stops),
    ]


def first_batch(dataset: str) -> float:
    """Seconds of the exported script from building its network to its first batch's end."""
    return float(fresh_process("bench.first_batch", dataset))


def once(server: Server, browser: Browser, store: Store, dataset: str) -> tuple[float, list[float], float]:
    """Seconds to the first point; lags; seconds to the answer to Stop."""
    with fresh_page(browser) as page:
        page.goto(server.url + build_link(dataset, 500))
        page.get_by_text("Parameters").first.wait_for()
        settle(page)
        page.evaluate(NOTE)
        began = time.time()
        click_train(page)
        page.wait_for_function("shown.length > 0", polling=20)
        first = page.evaluate("shown[0][1]") - began
        run = page.url.split("run=")[1].split("&")[0]
        written = Watch(store, run)
        page.wait_for_timeout(6000)
        written.end()
        lags = lag(page, written.seen)
        clicked = time.time()
        page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop").click()
        wait_for_state(page, "stopped")
        return first, lags, time.time() - clicked


def lag(page: Page, written: dict[str, float]) -> list[float]:
    return [at - written[what] for what, at in page.evaluate("shown") if what in written]


class Watch:
    """When the store first had each "epoch/batch"; looked at a hundred times a second."""

    def __init__(self, store: Store, run: str):
        self.store, self.run = store, run
        self.seen: dict[str, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            row = self.store.run(self.run)
            if "batch" in row.progress and row.heartbeat:
                what = f"{row.progress['epoch']}/{row.progress['batch']}"
                self.seen.setdefault(what, row.heartbeat)

    def end(self) -> None:
        self._over.set()
        self._thread.join()


def open_home(home: Path) -> Store:
    """The store of a server that this process has started."""
    return Store(Settings(home=home))
