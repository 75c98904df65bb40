"""First paint after ``streamlit run``: the app's pages against one line of Streamlit.

Every paint has a server process and a browser context of its own, and is the first request that server
gets. The clock runs from the navigation to the moment the page's first text can be seen.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from playwright.sync_api import Browser

from bench.browser import chromium, fresh_page
from bench.result import Result, ratio
from bench.servers import Server, one_page_app, studio

ROUNDS = 5
PAGES: dict[str, tuple[Callable[[], AbstractContextManager[Server]], str, str]] = {
    "empty": (one_page_app, "/", "p"),
    "Start": (studio, "/", "h1"),
    "Build": (studio, "/build", "h1"),
    "Train": (studio, "/train", "h1"),
    "Classify": (studio, "/classify", "h1"),
    "Text": (studio, "/text", "h1"),
}

WATCH = """
selector => {
    const look = () => {
        const text = document.querySelector(selector);
        if (text?.checkVisibility() && text.getBoundingClientRect().height) window.painted = Date.now() / 1000;
        else requestAnimationFrame(look);
    };
    look();
}
"""


def measure() -> list[Result]:
    paint: dict[str, list[float]] = {name: [] for name in PAGES}
    whole: dict[str, list[float]] = {name: [] for name in PAGES}
    with chromium() as browser:
        once(browser, "empty")  # the browser's own first page is slower than all others
        for number in range(ROUNDS):
            for name in list(PAGES)[:: -1 if number % 2 else 1]:
                painted, since_start = once(browser, name)
                paint[name].append(painted)
                whole[name].append(since_start)
                print(f"  {name}: {painted:.2f} s, {since_start:.2f} s", file=sys.stderr)
    return [
        *(
            ratio(f"first paint of {name} / of an empty app", 1.3, paint[name], paint["empty"])
            for name in list(PAGES)[1:]
        ),
        ratio("`streamlit run` to the paint of Start / of an empty app", 1.3, whole["Start"], whole["empty"]),
    ]


def once(browser: Browser, name: str) -> tuple[float, float]:
    """Seconds from the navigation, and from the start of the server, to the first text."""
    serve, path, text = PAGES[name]
    with serve() as server, fresh_page(browser) as page:
        time.sleep(0.3)  # let the server's start die down: it is the same for both
        page.add_init_script(f"({WATCH})({text!r})")
        began = time.time()
        page.goto(server.url + path, wait_until="commit")
        page.wait_for_function("window.painted")
        took = float(page.evaluate("window.painted")) - began
        return took, server.healthy + took
