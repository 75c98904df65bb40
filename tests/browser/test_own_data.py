"""Data of one's own on the Build page: points that are drawn, pictures that are uploaded."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from browser.conftest import Server
from browser.steps import stroke
from PIL import Image
from playwright.sync_api import Page, expect


def choose(page: Page, server: Server, title: str) -> None:
    page.goto(f"{server.url}/build")
    page.get_by_role("combobox", name="Data set").click()
    page.keyboard.type(title)  # of a long list only what is seen is on the page
    page.get_by_role("option", name=title).click()


def test_drawn_points_are_the_data_and_come_back_with_the_link(shared: Server, page: Page) -> None:
    choose(page, shared, "Drawn by you")
    pad = page.locator(".pad")
    pad.get_by_role("button", name="Clear").click()
    message = page.get_by_test_id("stAlert").first
    expect(message).to_have_text(re.compile("Draw some points into the plane first.$"))
    for colour, still in (("orange", "Draw in a second colour too"), ("blue", "")):
        pad.get_by_role("button", name=colour).click()
        stroke(page, pad.locator("canvas"))
        if still:
            expect(message).to_contain_text(still)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    count = pad.locator(".count").inner_text()
    assert int(count.split()[0]) > 20
    expect(page.get_by_text("Drawn by you · training data")).to_be_visible()
    page.reload()
    expect(page.locator(".pad .count")).to_have_text(count)


def test_a_drawn_digit_is_classified(shared: Server, page: Page) -> None:
    page.goto(f"{shared.url}/classify?model=digits-cnn")
    page.get_by_role("radio", name="Draw").click()
    stroke(page, page.locator(".sheet canvas"), (0.5, 0.2), (0.48, 0.8))
    expect(page.get_by_role("heading", name="1, ")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Choose a picture: the answer comes here.")).to_be_visible()


def picture(grey: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40), (grey, 255 - grey, 90)).save(file, "PNG")
    return file.getvalue()


def files(count: int) -> list:
    names = (f"{'sea' if i % 2 else 'wood'}_{i}.png" for i in range(count))
    return [{"name": name, "mimeType": "image/png", "buffer": picture(9 * i)} for i, name in enumerate(names)]


@pytest.mark.parametrize("width", [390, 1440])
def test_uploaded_pictures_are_the_data(shared: Server, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    choose(page, shared, "Your pictures")
    expect(page.get_by_test_id("stAlert").first).to_contain_text("upload some")
    inputs = page.locator("input[type=file]")
    inputs.set_input_files(files(5))
    expect(page.get_by_text("At least 20 pictures are needed").first).to_be_visible()
    broken = {"name": "holiday.png", "mimeType": "image/png", "buffer": b"no picture"}
    inputs.set_input_files([*files(24), broken])
    expect(page.get_by_text("Your pictures · training data")).to_be_visible()
    expect(page.get_by_text("2 classes: sea, wood")).to_be_visible()
    page.get_by_text("1 file could not be used").click()
    expect(page.get_by_text("holiday.png: ")).to_be_visible()
    page.get_by_text("In colour").click()
    expect(page.locator(".drawing svg").first).to_contain_text("28×28×3")
    wide = page.get_by_test_id("stMain").evaluate("node => node.scrollWidth - node.clientWidth")
    assert wide <= 1


def test_a_zip_of_folders_gives_classes(shared: Server, page: Page, tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "PETS.ZIP"
    with zipfile.ZipFile(path, "w") as packed:
        for i in range(20):
            packed.writestr(f"pets/{'cat' if i % 2 else 'dog'}/{i}.png", picture(10 * i))
        packed.writestr("pets/stray.png", picture(9))
        packed.writestr("__MACOSX/pets/._stray.png", b"x")
    choose(page, shared, "Your pictures")
    page.locator("input[type=file]").set_input_files(path)
    expect(page.get_by_text("20 pictures in 2 classes: cat, dog")).to_be_visible()
    expect(page.get_by_text("Left out: 1 image beside the folders: stray.png.")).to_be_visible()
