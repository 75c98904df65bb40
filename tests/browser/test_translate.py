"""Translate in a browser: the answer follows the keys, and hovering lights up both texts and the matrix."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

DATE = "Date"


@pytest.fixture
def translate(shared, page: Page) -> Page:
    page.goto(f"{shared.url}/text?part=Translate")
    expect(page.locator(".translation .plain")).to_have_text("1999-05-03", timeout=90_000)
    return page


def test_typing_is_answered(translate: Page):
    translate.get_by_role("textbox", name=DATE).fill("4 July 1976")
    expect(translate.locator(".translation .plain")).to_have_text("1976-07-04", timeout=90_000)
    expect(translate.locator(".read .token")).to_have_text([*"4·july·1976"])


def test_hovering_lights_up_where_it_looked(translate: Page):
    written = translate.locator(".written .token")
    written.nth(3).hover()  # the last digit of the year
    expect(written.nth(3)).to_have_class("token new at")
    expect(translate.locator(".about")).to_have_text("Candidates at place 4")
    strongest = translate.locator(".read .token").last
    assert "color-mix" in (strongest.get_attribute("style") or "") or strongest.evaluate(
        "chip => getComputedStyle(chip).backgroundColor !== 'rgba(0, 0, 0, 0)'"
    )
    assert translate.locator(".matrix .cell.on").count() == translate.locator(".read .token").count()
    translate.locator(".read .token").first.hover()
    assert translate.locator(".matrix .cell.on").count() == written.count()


def test_text_stays_text(translate: Page):
    dialogs: list[str] = []
    translate.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    translate.get_by_role("textbox", name=DATE).fill("<img src=x onerror=alert(1)> **b**")
    expect(translate.locator(".read .token").first).to_have_text("[UNK]", timeout=90_000)
    expect(translate.locator(".translation :is(img, strong)")).to_have_count(0)
    assert not dialogs
