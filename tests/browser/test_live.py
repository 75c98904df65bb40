"""A run is the same for everybody who looks, and its curve lives through the updates."""

from __future__ import annotations

import re

from browser.steps import badge, first_point, train
from playwright.sync_api import Browser, Page, expect

LONG = {"dataset": "digits", "training": {"epochs": 400}}


def stop_button(page: Page):
    """Ours, not the one that Streamlit shows in its header while a script runs."""
    return page.get_by_test_id("stMain").get_by_role("button", name="Stop")


def shown_epoch(page: Page):
    """The epoch at the preview's slider."""
    slider = page.get_by_test_id("stSlider").filter(has_text="After epoch")
    return slider.get_by_test_id("stSliderThumbValue")


def test_zoom_node_and_hover_live_through_updates_and_stop_answers(shared, page: Page, browser: Browser):
    address = train(page, shared.url, LONG)
    page.locator(".curve canvas").first.evaluate("node => { window.node = node }")
    plot = page.locator(".curve .u-over").first
    # Ten epochs at least: what comes later lies to the right of the pointer.
    expect(page.get_by_text(re.compile(r"epoch \d\d+ of 400"))).to_be_visible()
    box = plot.bounding_box()
    assert box
    page.mouse.move(box["x"] + 2, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 60, steps=5)
    page.mouse.up()
    epoch = page.locator(".curve .u-legend .u-value").first
    page.mouse.move(box["x"] + 0.08 * box["width"], box["y"] + 60)
    expect(epoch).not_to_have_text("–")
    hovered = float(epoch.inner_text())
    assert hovered < 8, "not zoomed: eight hundredths of 400 epochs are more than that"
    progress = page.get_by_text("epoch", exact=False).filter(has_text="left").first
    before = progress.inner_text()
    expect(progress).not_to_have_text(before)  # several updates have come
    assert page.evaluate("window.node.isConnected"), "the chart was mounted anew"
    # Points within an epoch are thinned as more come, so the nearest one may be a fraction away.
    assert abs(float(epoch.inner_text()) - hovered) < 1, "zoom or hover was lost with an update"

    # A reload and a second browser show the same run, live; the second may not stop it.
    page.reload()
    first_point(page)
    expect(badge(page, "running")).to_be_visible()
    other = browser.new_context().new_page()
    other.goto(address)
    first_point(other)
    expect(badge(other, "running")).to_be_visible()
    expect(other.get_by_text("belongs to somebody else")).to_be_visible()
    expect(stop_button(other)).to_have_count(0)

    stop_button(page).click()
    expect(badge(page, "stopped")).to_be_visible()
    expect(badge(other, "stopped")).to_be_visible()
    other.context.close()
    expect(page.get_by_text("Test results")).to_be_visible()


def test_left_alone_the_preview_follows_to_the_end(shared, page: Page):
    vae = {"dataset": "digits", "architecture": {"kind": "vae"}, "training": {"epochs": 40}}
    train(page, shared.url, vae)
    expect(page.get_by_text(re.compile(r"^After epoch 3\d$"))).to_be_visible(timeout=60_000)
    expect(badge(page, "finished")).to_be_visible(timeout=60_000)
    expect(shown_epoch(page)).to_have_text("40")


def test_who_looks_back_stays_there_until_following_again(shared, page: Page):
    train(page, shared.url, LONG)
    following = page.get_by_text(re.compile(r"^After epoch \d+$"))
    expect(following).not_to_have_text("After epoch 1")
    page.get_by_text("Follow the training").click()
    slider = page.get_by_role("slider", name="After epoch")
    slider.press("Home")
    expect(shown_epoch(page)).to_have_text("1")
    progress = page.get_by_text(re.compile(r"^epoch \d+ of 400"))
    for _ in range(4):
        before = progress.inner_text()
        expect(progress).not_to_have_text(before)
        assert shown_epoch(page).inner_text() == "1"
    page.get_by_text("Follow the training").click()
    expect(following).to_have_text(re.compile(r"\d\d$"))
    stop_button(page).click()
    expect(shown_epoch(page)).to_have_text(re.compile(r"^\d\d"))


def test_rename_and_delete(shared, page: Page):
    train(page, shared.url, {"dataset": "xor", "training": {"epochs": 3}})
    expect(badge(page, "finished")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="New name").fill("*my* <b>xor</b>")
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").click()
    expect(page.get_by_role("heading", name="*my* <b>xor</b>")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete this run").click()
    expect(page.get_by_role("heading", name="*my* <b>xor</b>")).to_have_count(0)
