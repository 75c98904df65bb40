"""The temperature moved on the Text page, until the bars of the next token have changed.

Timed inside the browser, from the key press to the frame that shows other numbers beside the bars.
"""

from __future__ import annotations

import sys

from bench.browser import chromium, fresh_page, settle
from bench.result import Result, seconds
from bench.servers import studio

MOVES = 20
WATCH = """
() => {
    const roots = () => [document, ...[...document.querySelectorAll("*")].map((e) => e.shadowRoot).filter(Boolean)];
    const seen = () => roots().flatMap((root) => [...root.querySelectorAll(".candidates .share")])
        .map((e) => e.textContent).join(" ");
    const watch = (window.bench = { began: 0, took: 0, seen });
    let before = seen();
    document.addEventListener("keydown", () => {
        before = seen();
        Object.assign(watch, { began: performance.now(), took: 0 });
    }, true);
    const look = () => {
        const now = watch.began && !watch.took ? seen() : "";
        if (now && now !== before) watch.took = performance.now() - watch.began;
        requestAnimationFrame(look);
    };
    look();
}
"""


def measure() -> list[Result]:
    took = []
    with studio() as server, chromium() as browser, fresh_page(browser) as page:
        page.goto(f"{server.url}/text?part=Generation")
        page.get_by_text("Click a word").wait_for()
        page.locator(".candidates button").first.wait_for()
        settle(page)
        page.wait_for_timeout(3000)
        page.get_by_role("slider", name="Temperature").focus()
        page.evaluate(WATCH)
        if not page.evaluate("bench.seen()"):
            raise RuntimeError("the page has no bars to watch")
        for move in range(MOVES):
            page.keyboard.press("ArrowLeft" if move % 2 else "ArrowRight")
            page.wait_for_function("bench.took > 0", polling=20)
            settle(page)
            page.wait_for_timeout(300)
            took.append(float(page.evaluate("bench.took / 1000")))
            print(f"  {took[-1]:.3f} s", file=sys.stderr)
    return [seconds("temperature moved to new bars of the next token", 0.2, took)]
