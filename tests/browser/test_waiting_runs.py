"""A waiting visitor reads why, and a pause does not keep others waiting for long."""

from __future__ import annotations

import re
import time

from browser.conftest import Server, until
from browser.steps import badge, build_link, train
from playwright.sync_api import Browser, Page, expect

from dlcore.runs.store import Store
from dlcore.settings import Settings

LONG = {"dataset": "digits", "training": {"epochs": 500}}
SHORT = {"dataset": "moons", "training": {"epochs": 2}}


def test_a_waiting_visitor_sees_the_place_and_a_paused_run_makes_way(
    own: Server, page: Page, browser: Browser
):
    run = train(page, own.url, LONG).split("run=")[1]
    context = browser.new_context(viewport={"width": 390, "height": 844})
    other = context.new_page()
    other.goto(build_link(own.url, SHORT))
    other.get_by_role("button", name="Train", exact=True).click()
    expect(other.get_by_text(re.compile("Next in the queue; it begins in"))).to_be_visible(timeout=30_000)

    page.get_by_role("button", name="Pause").click()
    expect(other.get_by_text("the training before it is paused, for 5 min at most")).to_be_visible()
    expect(page.get_by_text("Others wait: this pause ends in")).to_be_visible()

    store = Store(Settings(home=own.home))
    for each in (run, *(waiting.run for waiting in store.waiting())):
        store._update(each, since=time.time() - 301)  # as if five minutes had gone by
    until(lambda: store.run(run).state == "stopped", 30, "the pause ends")
    expect(badge(other, "finished")).to_be_visible(timeout=60_000)
    expect(badge(page, "stopped")).to_be_visible()
    expect(page.get_by_text("because others waited")).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    context.close()
