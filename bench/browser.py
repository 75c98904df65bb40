"""Chromium without a window, and pages of it that come with an empty cache."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-quic", "--disable-background-networking"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium; ``CHROMIUM`` names another one."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def fresh_page(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own: nothing cached, no cookie."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(60_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def settle(page: Page) -> None:
    """Wait until the script has run to its end."""
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")


def watch(page: Page, event: str, seen: str) -> None:
    """Time in the page, as ``bench.took``, from each ``event`` to the frame that shows something else.

    Args:
        seen: JavaScript of a string of what is looked at; while it is empty nothing counts as something else.
    """
    page.evaluate(
        """
        ([event, code]) => {
            const seen = new Function(`return ${code}`);
            const watch = (window.bench = { began: 0, took: 0 });
            let before = seen();
            document.addEventListener(event, () => {
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
        """,
        [event, seen],
    )


def took(page: Page) -> float:
    """Seconds of the latest event that :func:`watch` has timed; the script has then run to its end."""
    page.wait_for_function("bench.took > 0", polling=20)
    settle(page)
    return float(page.evaluate("bench.took / 1000"))
