"""A slider moved on Build, until the drawing, the number of parameters and the code have all changed.

Timed inside the browser, from the key press to the frame that shows all three.
"""

from __future__ import annotations

import sys

from bench.browser import chromium, fresh_page, settle
from bench.result import Result, seconds
from bench.servers import studio

MOVES = 20
WATCH = """
() => {
    const text = (selector) => document.querySelector(selector)?.textContent ?? "";
    const seen = () => [
        text("[data-testid=stMetricValue]"),
        text("[data-testid=stCode]"),
        [...document.querySelectorAll("[data-testid^=stBidiComponent], .drawing")]
            .map((e) => (e.shadowRoot ?? e).querySelector("svg")?.outerHTML ?? "").join(""),
    ];
    const watch = (window.bench = { began: 0, took: 0, parts: [0, 0, 0], seen });
    let before = seen();
    document.addEventListener("keydown", () => {
        before = seen();
        Object.assign(watch, { began: performance.now(), took: 0, parts: [0, 0, 0] });
    }, true);
    const look = () => {
        if (watch.began && !watch.took) {
            seen().forEach((now, i) => {
                if (!watch.parts[i] && now !== before[i])
                    watch.parts[i] = performance.now() - watch.began;
            });
            if (watch.parts.every(Boolean)) watch.took = Math.max(...watch.parts);
        }
        requestAnimationFrame(look);
    };
    look();
}
"""


def measure() -> list[Result]:
    with studio() as server, chromium() as browser, fresh_page(browser) as page:
        page.goto(f"{server.url}/build")
        page.get_by_text("Parameters").first.wait_for()
        settle(page)
        page.get_by_text("Keras code").click()
        page.get_by_role("tab", name="Network").click()
        page.wait_for_timeout(1000)
        slider = page.get_by_test_id("stSlider").filter(has_text="Hidden layers")
        slider.get_by_role("slider").focus()
        page.evaluate(WATCH)
        if not all(page.evaluate("bench.seen()")):
            raise RuntimeError("the page has no number, code or drawing to watch")
        took, parts = [], []
        for move in range(MOVES):
            page.keyboard.press("ArrowRight" if move % 2 else "ArrowLeft")
            page.wait_for_function("bench.took > 0", polling=20)
            settle(page)
            page.wait_for_timeout(300)
            took.append(page.evaluate("bench.took") / 1000)
            parts.append(page.evaluate("bench.parts"))
            print(f"  {took[-1]:.3f} s; {parts[-1]}", file=sys.stderr)
    return [seconds("slider moved to new drawing, parameters and code", 0.3, took)]
