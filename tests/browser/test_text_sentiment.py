"""Sentiment in a browser: typing, clicking words, and text that stays text."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

TINY = Path(__file__).parents[1] / "fixtures" / "sentiment"
EVIL = "<img src=x onerror=alert(1)> **b** $x$ :red[c]"


@pytest.fixture
def sentiment(shared, page: Page) -> Page:
    """The page with the tests' tiny network, which lies where a downloaded one would."""
    place = shared.home / "hub" / "models--studio--tiny" / "snapshots" / "1"
    shutil.copytree(TINY, place, dirs_exist_ok=True)
    page.goto(f"{shared.url}/text")
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="studio/tiny").click()
    expect(page.locator(".words")).to_be_visible(timeout=90_000)
    return page


def test_typing_is_answered_and_keeps_focus_and_caret(sentiment: Page):
    field = sentiment.get_by_role("textbox", name="Your text")
    field.click()
    sentiment.keyboard.press("Control+Home")
    sentiment.keyboard.type("Once ")
    expect(sentiment.locator(".words")).to_contain_text("Once A gorgeous")
    sentiment.keyboard.type("more ")  # the caret stays where it was
    expect(sentiment.locator(".words")).to_contain_text("Once more A gorgeous")
    expect(field).to_have_value("Once more A gorgeous, witty film, and the ending is not bad at all.")


def test_a_clicked_word_is_replaced(sentiment: Page):
    sentiment.locator(".word", has_text="witty").click()
    expect(sentiment.locator(".word.chosen")).to_have_text("witty")
    expect(sentiment.locator(".rows")).to_contain_text("without it")
    sentiment.get_by_role("textbox", name="Instead of the framed word").fill("dull")
    expect(sentiment.locator(".rows")).to_contain_text("with “dull”")
    sentiment.get_by_role("button", name="Keep this change").click()
    expect(sentiment.get_by_role("textbox", name="Your text")).to_have_value(
        "A gorgeous, dull film, and the ending is not bad at all."
    )


def test_text_stays_text(sentiment: Page):
    dialogs: list[str] = []
    sentiment.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    sentiment.get_by_role("textbox", name="Your text").fill(EVIL)
    expect(sentiment.locator(".words")).to_contain_text(EVIL)
    expect(sentiment.locator(".words :is(script, img, strong, .katex)")).to_have_count(0)
    assert not dialogs


def test_a_very_long_text_is_cut_and_that_is_said(sentiment: Page):
    field = sentiment.get_by_role("textbox", name="Your text")
    field.evaluate(
        "field => { field.value = 'the film '.repeat(120000); field.dispatchEvent(new Event('input')); }"
    )
    expect(sentiment.get_by_text("1,080,000 characters; only the first 20,000")).to_be_visible()
    expect(sentiment.get_by_text("room for 48 tokens")).to_be_visible()


def test_the_field_keeps_its_text_when_one_comes_back(sentiment: Page):
    sentiment.get_by_role("textbox", name="Your text").fill("I will be back.")
    expect(sentiment.locator(".words")).to_contain_text("I will be back.")
    sentiment.get_by_role("link", name="Classify").click()
    expect(sentiment.get_by_role("heading", name="Classify")).to_be_visible()
    sentiment.get_by_role("link", name="Text", exact=True).click()
    expect(sentiment.get_by_role("textbox", name="Your text")).to_have_value("I will be back.")
    expect(sentiment.locator(".words")).to_contain_text("I will be back.")
