"""A slider moved on Build, until the drawing, the number of parameters and the code have all changed.

Timed inside the browser, from the key press to the frame that shows all three; and in turn in an app of
four lines, whose time is Streamlit's own.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Page

from bench import deep as resnet
from bench.browser import chromium, fresh_page, settle
from bench.memory import wait_until_warm
from bench.result import Result, seconds
from bench.servers import one_page_app, studio

MOVES = 20
WATCH = """
() => {
    const text = (selector) => document.querySelector(selector)?.textContent ?? "";
    const seen = () => [
        text("[data-testid=stMetricValue]"),
        text("[data-testid=stCode]"),
        [...document.querySelectorAll("[data-testid^=stBidiComponent], .drawing")]
            .map((e) => (e.shadowRoot ?? e).querySelector("svg")?.outerHTML ?? e.textContent).join(""),
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


FLOOR = """import streamlit as st

depth = st.slider("Hidden layers", 1, 8, 3)
st.metric("Parameters", depth)
st.code(str(depth))
st.html(f"<div class='drawing'>{depth}</div>")
"""


def measure() -> list[Result]:
    with (
        studio() as server,
        one_page_app(FLOOR) as floor,
        chromium() as browser,
        fresh_page(browser) as page,
        fresh_page(browser) as deep,
        fresh_page(browser) as least,
    ):
        page.goto(f"{server.url}/build")
        deep.goto(f"{server.url}/build?recipe={resnet.recipe(16).link()}")
        least.goto(floor.url)
        wait_until_warm(server)
        sliders = {page: "Hidden layers", deep: "Width", least: "Hidden layers"}
        for each, name in sliders.items():
            each.get_by_text("Parameters").first.wait_for()
            settle(each)
            if each is not least:
                each.get_by_text("Keras code").click()
                each.get_by_role("tab", name="Network").click()
                each.wait_for_timeout(1000)
            slider = each.get_by_test_id("stSlider").filter(has_text=name)
            slider.get_by_role("slider").focus()
            each.evaluate(WATCH)
            if not all(each.evaluate("bench.seen()")):
                raise RuntimeError("the page has no number, code or drawing to watch")
        took: dict[Page, list[float]] = {each: [] for each in sliders}
        for move in range(MOVES):
            for each, times in took.items():
                times.append(once(each, "ArrowRight" if move % 2 else "ArrowLeft"))
            print("; ".join(f"{times[-1]:.3f} s" for times in took.values()), file=sys.stderr)
    return [
        seconds("slider moved to new drawing, parameters and code", 0.3, took[page]),
        seconds("the same with a ResNet of 50 layers", 0.3, took[deep]),
        seconds("the same in an app that has nothing else", None, took[least]),
    ]


def once(page: Page, key: str) -> float:
    """Seconds from the key to the frame that shows what follows from it."""
    page.bring_to_front()
    page.keyboard.press(key)
    page.wait_for_function("bench.took > 0", polling=20)
    settle(page)
    page.wait_for_timeout(300)
    return float(page.evaluate("bench.took / 1000"))
