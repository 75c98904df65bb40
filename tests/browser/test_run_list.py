"""The list of runs: a row opens its run, also when others have been added since."""

from __future__ import annotations

import re

from browser.steps import badge, train
from playwright.sync_api import Page, expect

TINY = {"dataset": {"name": "moons", "examples": 100}, "training": {"epochs": 1}}
ROW = 35


def test_the_run_that_was_opened_is_the_one_that_is_deleted(shared, page: Page):
    runs = []
    for _ in range(3):
        address = train(page, shared.url, TINY)
        expect(badge(page, "finished")).to_be_visible(timeout=90_000)
        runs.append(address.split("run=")[1])
    table = page.get_by_test_id("stDataFrame").last.locator("canvas").first
    table.scroll_into_view_if_needed()
    table.click(position={"x": 15, "y": 2.5 * ROW}, force=True)  # the second row, the first is the newest
    page.wait_for_url(re.compile(runs[1]))
    other = page.context.browser.new_context().new_page()
    train(other, shared.url, TINY)
    expect(badge(other, "finished")).to_be_visible(timeout=60_000)
    other.context.close()
    page.get_by_role("button", name="Delete").last.click()
    page.get_by_role("button", name="Delete this run").click()
    page.wait_for_url(re.compile(runs[2]))
    page.goto(f"{shared.url}/train?run={runs[1]}")
    expect(page.get_by_text(re.compile("no run"))).to_be_visible()
