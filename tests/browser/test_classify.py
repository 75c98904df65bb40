"""Classify in a browser: a batch test of a labelled zip, two networks side by side, a picture that is pasted."""

from __future__ import annotations

import base64
import io
import re
import zipfile

from browser.conftest import Server
from browser.steps import tab_to, unnamed
from playwright.sync_api import Page, expect

from dlcore.models import ZOO

PHOTOS = ZOO / "examples" / "photos"
FIRST = 90_000
"""Milliseconds for an answer of an engine that may have to start."""


def labelled() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for folder, name in (("cat", "tabby-cat"), ("dog", "beagle"), ("horse", "horses"), ("taxi", "taxis")):
            for copy in range(3):
                archive.writestr(f"{folder}/{copy}.jpg", (PHOTOS / f"{name}.jpg").read_bytes())
        archive.writestr("cat/broken.jpg", b"no picture")
    return file.getvalue()


def test_a_labelled_zip_gives_accuracy_errors_and_a_file(shared: Server, page: Page) -> None:
    page.goto(f"{shared.url}/classify?model=cifar10-resnet")
    page.get_by_role("radio", name="Batch test").click()
    file = {"name": "photos.zip", "mimeType": "application/zip", "buffer": labelled()}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    expect(page.get_by_text("Top-1 accuracy")).to_be_visible(timeout=FIRST)
    expect(page.get_by_text(re.compile("no class called taxi"))).to_be_visible()
    expect(page.get_by_text("Confusion matrix")).to_be_visible()
    expect(page.get_by_text("1 file could not be read")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="All answers as CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) == 14 and lines[0].startswith("file,label,correct,class 1")
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_two_networks_answer_side_by_side(shared: Server, page: Page) -> None:
    page.goto(f"{shared.url}/classify?model=mobilenet-v2")
    page.get_by_role("combobox", name="Compare with").click()
    page.get_by_role("option", name=re.compile("^cifar10-resnet")).click()
    expect(page.get_by_text(re.compile(r" ms on "))).to_have_count(2, timeout=FIRST)


def test_a_picture_is_pasted(shared: Server, page: Page) -> None:
    page.goto(f"{shared.url}/classify?model=cifar10-resnet")
    page.get_by_role("radio", name="Upload").click()
    expect(page.get_by_role("button", name="Paste from the clipboard")).to_be_visible()
    photo = base64.b64encode((PHOTOS / "horses.jpg").read_bytes()).decode()
    page.evaluate(
        """(photo) => {
            const bytes = Uint8Array.from(atob(photo), (c) => c.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], "photo.jpg", { type: "image/jpeg" }));
            document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        photo,
    )
    expect(page.get_by_text("This is the picture that you pasted.")).to_be_visible()
    expect(page.get_by_role("heading", name="horse, ")).to_be_visible(timeout=FIRST)


def test_an_address_that_is_not_https_is_refused_in_one_line(shared: Server, page: Page) -> None:
    page.goto(f"{shared.url}/classify")
    page.get_by_role("radio", name="Web").click()
    field = page.get_by_role("textbox", name="Address of a picture")
    for address, words in (
        ("http://example.com/a.png", "has to begin with"),
        ("https://127.0.0.1/a.png", "no public host"),
    ):
        field.fill(address)
        field.press("Enter")
        expect(page.get_by_text(re.compile(words)).first).to_be_visible()


def test_everything_is_reached_and_used_without_a_mouse(shared: Server, page: Page) -> None:
    page.goto(f"{shared.url}/classify?model=cifar10-resnet")
    expect(page.get_by_role("heading", name=" sure")).to_be_visible(timeout=FIRST)
    keys = page.keyboard
    # an example: one stop for all, the arrow keys go between them
    tab_to(page, page.get_by_role("button", name="Picture 1:"))
    keys.press("ArrowRight")
    keys.press("Enter")
    expect(page.get_by_role("button", name="Picture 2:", pressed=True)).to_be_focused()
    tab_to(page, page.get_by_role("radio", name="Where it looked"))
    keys.press("ArrowRight")
    keys.press("Space")
    tab_to(page, page.get_by_role("button", name="Picture 1", pressed=True))
    keys.press("ArrowDown")
    keys.press("Space")
    expect(page.get_by_text("Channel 9")).to_be_visible()
    assert unnamed(page) == []
