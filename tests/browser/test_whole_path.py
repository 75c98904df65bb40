"""Open the app, choose data, build, train, watch, and classify with the network just trained."""

from __future__ import annotations

import re
from pathlib import Path

from browser.conftest import maps_tensorflow
from browser.steps import badge, build_link, first_point
from playwright.sync_api import Page, expect

PHOTO = Path(__file__).parents[2] / "dlcore" / "zoo" / "examples" / "paper-7.jpg"


def test_from_the_start_page_to_a_classified_photo(shared, page: Page):
    page.goto(shared.url)
    page.get_by_role("link", name="Open Handwritten digits").click()
    page.get_by_role("tab", name="2 · Network").click()
    parameters = page.get_by_test_id("stMetric").filter(has_text="Parameters")
    expect(parameters).to_contain_text("35,914")

    # One block less: diagram, count and code follow at once.
    blocks = page.get_by_role("slider", name="Convolution blocks")
    blocks.focus()
    page.keyboard.press("ArrowLeft")
    expect(parameters).not_to_contain_text("35,914")
    expect(page.locator(".drawing svg")).to_contain_text("8×8×32")
    page.get_by_text("Keras code").click()
    expect(page.get_by_test_id("stCode").first).to_contain_text("keras.layers.Conv2D(32")

    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url("**/train?run=*")
    first_point(page)
    expect(badge(page, "finished")).to_be_visible(timeout=90_000)
    expect(page.get_by_test_id("stMetric").filter(has_text="Accuracy")).to_contain_text("9")
    expect(page.get_by_text("Confusion matrix")).to_be_visible()

    page.get_by_role("link", name="Classify a picture with it").click()
    page.wait_for_url("**/classify?model=*")
    expect(page.get_by_role("heading", name="sure")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("As the network sees it: 8×8")).to_be_visible()

    # The shipped network reads an uploaded photo.
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="digits-cnn").click()
    page.get_by_role("radio", name="Upload").click()
    page.locator("input[type=file]").set_input_files(PHOTO)
    expect(page.get_by_role("heading", name="7, ")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("As the network sees it: 28×28")).to_be_visible()

    page.locator("input[type=file]").set_input_files(
        {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"}
    )
    expect(page.get_by_test_id("stAlert").last).to_be_visible()
    assert not maps_tensorflow(shared.family()[0]), "the web process has loaded TensorFlow"


def test_a_link_restores_every_slider_and_the_seed(shared, page: Page):
    recipe = {
        "dataset": {"name": "moons", "noise": 0.35, "examples": 700},
        "architecture": {"kind": "mlp", "hidden": [{"units": 7, "activation": "tanh"}], "dropout": 0.2},
        "training": {"optimizer": "rmsprop", "learning_rate": 0.0123, "seed": 4711, "epochs": 9},
    }
    page.goto(build_link(shared.url, recipe))
    slider = page.get_by_role("slider", name="Noise")
    expect(slider).to_have_value("0.35")
    page.get_by_role("tab", name="2 · Network").click()
    expect(page.get_by_role("slider", name="1. Width")).to_have_value("7")
    page.get_by_role("tab", name="3 · Training").click()
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("4711")
    expect(page.get_by_role("slider", name="Epochs")).to_have_value("9")
    page.get_by_text("Link and recipe").click()
    shown = page.get_by_test_id("stCode").last
    for part in ('"noise": 0.35', '"units": 7', '"learning_rate": 0.0123', '"seed": 4711', "rmsprop"):
        expect(shown).to_contain_text(part)


def test_a_broken_link_says_so_and_leaves_a_working_page(shared, page: Page):
    page.goto(f"{shared.url}/build?recipe=broken")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("expected a link made by this app")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()


def test_an_impossible_layer_says_why_where_it_is(shared, page: Page):
    page.goto(
        build_link(
            shared.url,
            {"dataset": "digits", "architecture": {"kind": "custom", "layers": [{"type": "Flatten"}]}},
        )
    )
    page.get_by_role("tab", name="2 · Network").click()
    page.get_by_role("combobox", name="Add a layer").click()
    page.get_by_role("option", name="Conv2D", exact=True).click()
    page.get_by_role("button", name="Add", exact=True).click()
    alert = page.get_by_test_id("stAlert").filter(has_text="Conv2D needs an image")
    expect(alert.first).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page).to_have_url(re.compile("/build"))
