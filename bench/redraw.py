"""The temperature moved on the Text page, until the bars of the next token have changed.

Timed inside the browser, from the key press to the frame that shows other numbers beside the bars.
"""

from __future__ import annotations

import sys

from bench.browser import chromium, fresh_page, settle, took, watch
from bench.result import Result, seconds
from bench.servers import studio

MOVES = 20
SHARES = """
[document, ...[...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean)]
    .flatMap((root) => [...root.querySelectorAll(".candidates .share")]).map((e) => e.textContent).join(" ")
""".strip()


def measure() -> list[Result]:
    times = []
    with studio() as server, chromium() as browser, fresh_page(browser) as page:
        page.goto(f"{server.url}/text?part=Generation")
        page.get_by_text("Click a word").wait_for()
        page.locator(".candidates button").first.wait_for()
        settle(page)
        page.wait_for_timeout(3000)
        page.get_by_role("slider", name="Temperature").focus()
        if not page.evaluate(SHARES):
            raise RuntimeError("the page has no bars to watch")
        watch(page, "keydown", SHARES)
        for move in range(MOVES):
            page.keyboard.press("ArrowLeft" if move % 2 else "ArrowRight")
            times.append(took(page))
            page.wait_for_timeout(300)
            print(f"  {times[-1]:.3f} s", file=sys.stderr)
    return [seconds("temperature moved to new bars of the next token", 0.2, times)]
