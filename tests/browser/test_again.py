"""Overfitting is seen, then cured: a finished run is trained again with one thing changed, its curve below the new one."""

from __future__ import annotations

import re

from browser.steps import badge, train
from playwright.sync_api import Page, expect


def legend(page: Page):
    return page.locator(".curve").first.locator(".u-legend .u-label")


def test_the_new_curve_is_drawn_over_the_old_one_while_it_trains(shared, page: Page):
    overfitting = {"dataset": {"name": "moons", "noise": 0.5, "examples": 200}, "training": {"epochs": 80}}
    address = train(page, shared.url, overfitting)
    expect(badge(page, "finished")).to_be_visible(timeout=60_000)
    again = page.get_by_role("button", name="Train again", exact=True)
    expect(again).to_be_disabled()
    page.get_by_text("Dropout 0.3").click()
    again.click()
    page.wait_for_url(re.compile(r"with="))
    assert page.url.split("with=")[1] == address.split("run=")[1]
    expect(badge(page, "running")).to_be_visible()
    page.locator(".curve canvas").first.evaluate("node => { window.node = node }")
    names = ["moons mlp + Dropout 0.3, validation", "moons mlp + Dropout 0.3, training"]
    expect(legend(page)).to_have_text(["epoch", *names, "moons mlp, validation", "moons mlp, training"])
    progress = page.get_by_text(re.compile(r"^epoch \d+ of 80"))
    before = progress.inner_text()
    expect(progress).not_to_have_text(before)
    assert page.evaluate("window.node.isConnected"), "the chart was mounted anew"
    expect(badge(page, "finished")).to_be_visible(timeout=60_000)

    other = page.context.browser.new_context().new_page()
    other.goto(page.url)
    expect(legend(other).nth(1)).to_have_text(names[0])
    other.context.close()
    page.get_by_role("button", name="Show one run").click()
    expect(legend(page)).to_have_text(["epoch", "training", "validation", "within the epoch"])
