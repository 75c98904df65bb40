"""A phone is a real screen: nothing scrolls sideways, and what is seen can be said."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser.steps import build_link, unnamed
from playwright.sync_api import Browser, Page, expect

HEIGHT = 844


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": HEIGHT}, is_mobile=True, has_touch=True)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "path", ["", "build", "train", "classify", "text", "text?part=Generation", "generate"]
)
def test_nothing_scrolls_sideways_and_everything_has_a_name(shared, phone: Page, path: str):
    phone.goto(f"{shared.url}/{path}" if path != "build" else build_link(shared.url, {"dataset": "digits"}))
    expect(phone.get_by_role("heading").first).to_be_visible()
    expect(phone.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
    widths = phone.evaluate(
        "[document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(node => node.scrollWidth)"
    )
    assert max(widths) <= 390
    assert unnamed(phone) == []


def test_an_answer_is_seen_without_scrolling_past_the_examples(shared, phone: Page):
    phone.goto(f"{shared.url}/classify")
    expect(phone.get_by_role("heading", name=re.compile(" sure$"))).to_be_visible(timeout=90_000)
    bars = phone.get_by_test_id("stPlotlyChart").first.locator(".bars .point")
    expect(bars).to_have_count(5)
    boxes = [bar.bounding_box() for bar in bars.all()[:2]]
    assert all(box and box["y"] + box["height"] < HEIGHT for box in boxes)
