"""The Generate page, by clicking."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from browser.steps import stroke
from conftest import ROOT, Server
from playwright.sync_api import Browser, Locator, Page, expect


@pytest.fixture(scope="module")
def trained(shared: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A small VAE that has seen the digits twice; the address of its page."""
    recipe = {
        "dataset": "digits",
        "architecture": {"kind": "vae", "width": 8},
        "training": {"epochs": 2, "batch_size": 64},
    }
    file: Path = tmp_path_factory.mktemp("recipe") / "vae.json"
    file.write_text(json.dumps(recipe))
    done = subprocess.run(
        [sys.executable, "-m", "dlcore", "train", str(file), "--json"],
        cwd=ROOT,
        env=os.environ | {"DLCORE_HOME": str(shared.home)},
        capture_output=True,
        text=True,
        check=True,
    )
    run = json.loads(done.stdout.strip().splitlines()[-1])["run"]
    return f"{shared.url}/generate?model={run}"


def pictures(page: Page, group: int = 0) -> Locator:
    return page.locator(".images").nth(group).get_by_role("button")


def sources(page: Page) -> list[str]:
    sources: list[str] = (
        page.locator(".images").first.locator("img").evaluate_all("images => images.map(image => image.src)")
    )
    return sources


def button(page: Page, name: str) -> Locator:
    return page.get_by_test_id("stMainBlockContainer").get_by_role("button", name=name, exact=True)


def test_samples_again_keep_and_compare(trained: str, page: Page) -> None:
    page.goto(trained)
    expect(pictures(page)).to_have_count(16, timeout=90_000)
    before = sources(page)
    button(page, "Again").click()
    expect(page.locator(".images img").first).not_to_have_attribute("src", before[0])
    assert len(set(sources(page)) & set(before)) < 3
    pictures(page).nth(5).click()
    expect(pictures(page).nth(5)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("seed 1, picture 6")).to_be_visible()
    button(page, "Nearest training picture").click()
    expect(page.get_by_text("for real test pictures that is typically")).to_be_visible()
    button(page, "Keep").click()
    expect(page.get_by_text("1 of 24")).to_be_visible()
    expect(pictures(page, 1)).to_have_count(1)
    with page.expect_download() as download:
        button(page, "All as PNG").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_sample_goes_to_classify(trained: str, page: Page) -> None:
    page.goto(trained)
    expect(pictures(page)).to_have_count(16, timeout=90_000)
    button(page, "Classify").click()
    page.wait_for_url("**/classify?model=digits8-cnn")
    expect(page.get_by_role("heading", name="sure")).to_be_visible(timeout=60_000)


def open_room(page: Page, address: str) -> Locator:
    page.goto(f"{address}&show=latent")
    plane = page.locator("canvas.plane")
    expect(plane).to_be_visible(timeout=90_000)
    expect(page.locator(".screen canvas")).to_have_attribute("data-exact", "true")
    return plane


def screen(page: Page) -> str:
    """The picture beside the plane, as its pixels."""
    address: str = page.locator(".screen canvas").evaluate("canvas => canvas.toDataURL()")
    return address


def test_the_picture_follows_the_pointer(trained: str, page: Page) -> None:
    plane = open_room(page, trained)
    middle = screen(page)
    box = plane.bounding_box()
    assert box
    x, y = box["x"] + 0.2 * box["width"], box["y"] + 0.3 * box["height"]
    page.mouse.move(x, y)
    assert screen(page) != middle  # at once, from what the browser has
    expect(page.locator(".screen canvas")).to_have_attribute("data-exact", "true")
    slider = page.get_by_role("slider", name="Dimension 1")
    expect(slider).to_have_value("0")  # only looked at
    page.mouse.click(x, y)
    expect(slider).not_to_have_value("0")
    page.mouse.move(5, 5)
    assert screen(page) != middle


def test_the_plane_by_keyboard_and_the_sliders(trained: str, page: Page) -> None:
    plane = open_room(page, trained)
    place = page.locator(".pad .place")
    expect(place).to_have_text("0.00, 0.00")
    plane.focus()
    plane.press("ArrowRight")
    plane.press("Shift+ArrowUp")
    expect(place).to_have_text("0.10, 0.50")
    slider = page.get_by_role("slider", name="Dimension 2")
    expect(slider).to_have_value("0.5")
    slider.press("ArrowRight")
    expect(place).to_have_text("0.10, 0.55")


def test_a_picture_is_encoded_and_a_broken_one_refused(trained: str, page: Page) -> None:
    open_room(page, trained)
    pictures(page).nth(2).click()
    expect(page.get_by_text("Its anomaly score is")).to_be_visible()
    given = page.locator(".given img")
    first = given.get_attribute("src") or ""
    page.get_by_role("radio", name="Draw").click()
    stroke(page, page.locator(".sheet canvas"))
    expect(given).not_to_have_attribute("src", first)
    page.get_by_role("radio", name="Upload").click()
    upload = page.get_by_test_id("stFileUploaderDropzoneInput")
    upload.set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    expect(page.locator("canvas.plane")).to_be_visible()


def test_a_reload_and_a_wrong_model_are_survived(trained: str, page: Page) -> None:
    open_room(page, trained)
    page.reload()
    expect(page.locator("canvas.plane")).to_be_visible(timeout=60_000)
    page.goto(trained.split("?")[0] + "?model=nothere&show=latent")
    expect(page.get_by_text("no network called nothere")).to_be_visible()


def test_two_visitors_walk_alone(trained: str, page: Page, browser: Browser) -> None:
    other = browser.new_context().new_page()
    for visitor in (page, other):
        open_room(visitor, trained)
    button(page, "Anywhere").click()
    expect(page.locator(".pad .place")).not_to_have_text("0.00, 0.00")
    expect(other.locator(".pad .place")).to_have_text("0.00, 0.00")
    other.context.close()
