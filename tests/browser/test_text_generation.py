"""Generation on the Text page, by clicking."""

from __future__ import annotations

import pytest
from conftest import Server
from playwright.sync_api import Browser, Locator, Page, expect

WRITTEN = "Click a word"


def open_it(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/text?part=Generation")
    written(page)


def written(page: Page) -> None:
    """Wait until the text is there as tokens, with its candidates."""
    page.get_by_text(WRITTEN).wait_for(timeout=90_000)
    page.locator(".candidates button").first.wait_for()


def tokens(page: Page, text: int = 0) -> Locator:
    return page.locator(".tokens").nth(text).locator("span")


def button(page: Page, name: str) -> Locator:
    return page.get_by_test_id("stMainBlockContainer").get_by_role("button", name=name, exact=True)


def write_at_length(page: Page) -> None:
    """Begin as much as the sliders allow: some seconds of writing."""
    page.locator("summary", has_text="More").click()
    for name, most in (("Length", "400"), ("Texts", "4")):
        slider = page.get_by_role("slider", name=name)
        slider.focus()
        slider.press("End")
        expect(slider).to_have_value(most)
    button(page, "Write").click()


def test_the_page_begins_with_something_written(shared: Server, page: Page) -> None:
    open_it(page, shared)
    assert tokens(page).count() > 40
    shares = page.locator(".candidates .share").all_text_contents()
    values = [float(share.rstrip("%")) for share in shares]
    assert values[0] > 0 and sum(values) <= 100.5


def test_another_word_leads_to_another_text(shared: Server, page: Page) -> None:
    open_it(page, shared)
    before = tokens(page).all_text_contents()
    place = max(
        i for i in range(len(before) - 10) if before[i].strip().isalpha()
    )  # a line's end cannot be seen
    tokens(page).nth(place).click()
    expect(tokens(page).nth(place)).to_have_attribute("aria-pressed", "true")
    other = page.locator(".candidates [aria-pressed=false]").first
    other.wait_for()
    word = other.locator(".word").text_content() or ""
    other.click()
    expect(tokens(page).nth(place)).not_to_have_text(before[place])
    after = tokens(page).all_text_contents()
    assert after[:place] == before[:place]
    assert after[place].strip() == word.replace("·", " ").replace("⏎", "\n").strip()


def test_the_temperature_changes_the_bars_but_not_the_text(shared: Server, page: Page) -> None:
    open_it(page, shared)
    text = tokens(page).all_text_contents()
    top = page.locator(".candidates .share").first
    before = top.text_content()
    slider = page.get_by_role("slider", name="Temperature")
    slider.focus()
    for _ in range(8):
        slider.press("ArrowRight")
    expect(top).not_to_have_text(before or "")
    assert tokens(page).all_text_contents() == text


def test_stop_keeps_what_was_written_and_go_on_goes_on(shared: Server, page: Page) -> None:
    open_it(page, shared)
    write_at_length(page)
    button(page, "Stop").click()
    written(page)
    stopped = tokens(page).all_text_contents()
    assert len(stopped) < 400
    for _ in range(3):  # whatever the engine is writing at that moment
        button(page, "Go on").click()
        button(page, "Stop").click()
        written(page)
        after = tokens(page).all_text_contents()
        assert after[: len(stopped)] == stopped
        stopped = after


def test_several_texts_stand_side_by_side(shared: Server, page: Page) -> None:
    open_it(page, shared)
    page.locator("summary", has_text="More").click()
    slider = page.get_by_role("slider", name="Texts")
    slider.focus()
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    expect(slider).to_have_value("3")
    button(page, "Write").click()
    expect(page.locator(".tokens")).to_have_count(3, timeout=60_000)
    texts = {"".join(tokens(page, i).all_text_contents()) for i in range(3)}
    assert len(texts) == 3
    left, right = (page.locator(".tokens").nth(i).bounding_box() for i in (0, 1))
    assert left and right and left["x"] + left["width"] <= right["x"]


@pytest.mark.parametrize(
    "prompt", ["<b>bold</b> <script>document.title='x'</script> *a* $x^2$", "🙂 שלום a\u200bb"]
)
def test_any_prompt_is_text_and_nothing_else(shared: Server, page: Page, prompt: str) -> None:
    open_it(page, shared)
    title = page.title()
    page.get_by_role("textbox", name="Beginning").fill(prompt)
    button(page, "Write").click()
    expect(page.locator(".tokens")).to_contain_text(prompt[:1], timeout=60_000)
    written(page)
    text = "".join(tokens(page).all_text_contents())
    assert text.startswith(prompt)
    assert page.locator(".tokens b, .tokens script").count() == 0
    assert page.title() == title


def test_a_megabyte_of_text_is_cut_with_a_note(shared: Server, page: Page) -> None:
    open_it(page, shared)
    page.get_by_role("textbox", name="Beginning").fill("word " * 200_000 + "the end")
    button(page, "Write").click()
    page.get_by_text("the last 20,000 characters were taken").wait_for(timeout=60_000)
    written(page)
    assert "".join(tokens(page).all_text_contents()[:300]).endswith("word the end")
    assert tokens(page).count() <= 300 + 60


def test_an_empty_prompt_begins_by_itself(shared: Server, page: Page) -> None:
    open_it(page, shared)
    page.get_by_role("textbox", name="Beginning").fill("")
    button(page, "Write").click()
    expect(page.locator(".tokens")).not_to_contain_text("Once upon a time there", timeout=60_000)
    written(page)
    assert tokens(page).count() > 5
    assert "endoftext" not in "".join(tokens(page).all_text_contents())


def test_two_visitors_write_at_once(shared: Server, browser: Browser, page: Page) -> None:
    other = browser.new_context().new_page()
    for visitor in (page, other):
        open_it(visitor, shared)
        slider = visitor.get_by_role("slider", name="Length")
        slider.focus()
        slider.press("End")
        expect(slider).to_have_value("400")
    for visitor in (page, other):
        button(visitor, "Write").click()
    for visitor in (page, other):
        expect(button(visitor, "Stop")).to_be_visible()
    for visitor in (page, other):
        written(visitor)
        assert tokens(visitor).count() > 400 or visitor.get_by_text("the text has ended").is_visible()
    other.context.close()


def test_back_from_another_page_brings_the_part_one_was_in(shared: Server, page: Page) -> None:
    open_it(page, shared)
    before = tokens(page).all_text_contents()
    page.get_by_role("link", name="Build", exact=True).first.click()
    page.wait_for_url("**/build*")
    page.get_by_role("heading", name="Build").wait_for()
    page.go_back()
    if "/text" not in page.url:  # the address of a page has an entry of its own
        page.go_back()
    written(page)
    assert tokens(page).all_text_contents() == before


def test_while_it_writes_only_stop_can_be_clicked(shared: Server, page: Page) -> None:
    open_it(page, shared)
    expect(button(page, "Stop")).to_be_disabled()
    write_at_length(page)
    expect(button(page, "Go on")).to_be_disabled()
    button(page, "Stop").click()
    written(page)
    expect(button(page, "Go on")).to_be_enabled()
    expect(button(page, "Stop")).to_be_disabled()
