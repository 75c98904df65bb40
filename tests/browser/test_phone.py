"""A phone is a real screen: nothing scrolls sideways, and what is seen can be said."""

from __future__ import annotations

import pytest
from browser.steps import build_link, unnamed
from playwright.sync_api import Browser, expect


@pytest.mark.parametrize(
    "path", ["", "build", "train", "classify", "text", "text?part=Generation", "generate"]
)
def test_nothing_scrolls_sideways_and_everything_has_a_name(shared, browser: Browser, path: str):
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page = context.new_page()
    page.goto(f"{shared.url}/{path}" if path != "build" else build_link(shared.url, {"dataset": "digits"}))
    expect(page.get_by_role("heading").first).to_be_visible()
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
    widths = page.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(node => node.scrollWidth)"
    )
    assert max(widths) <= 390
    assert unnamed(page) == []
    context.close()
