"""A network from the Hub, chosen by name on the Text page; the Hub is a server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import tiny_text
from conftest import Server
from hub_server import HubServer
from playwright.sync_api import Page, expect


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubServer]:
    tiny_text.decoder(tmp_path / "hub" / "somebody" / "tiny")
    (tmp_path / "hub" / "somebody" / "tiny" / "README.md").write_text("A tiny network.")
    tiny_text.chatter(tmp_path / "hub" / "somebody" / "chatter")
    with HubServer(tmp_path / "hub") as server:
        monkeypatch.setenv("HF_ENDPOINT", server.url)
        monkeypatch.delenv("HF_HOME", raising=False)
        monkeypatch.delenv("HF_HUB_CACHE", raising=False)
        yield server


def choose(page: Page, url: str, name: str, part: str = "Generation", first: str = "Click a word") -> None:
    page.goto(f"{url}/text?part={part}")
    page.get_by_text(first).wait_for(timeout=90_000)
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="Another from the Hugging Face Hub").click()
    field = page.get_by_role("textbox", name="Name on the Hub")
    field.fill(name)
    field.press("Enter")


def test_a_network_is_downloaded_and_writes(hub: HubServer, own: Server, page: Page) -> None:
    choose(page, own.url, "somebody/tiny")
    page.get_by_text("MB to download; it will take").wait_for()
    expect(page.get_by_text("Until then storyteller-gpt answers.")).to_be_visible()
    page.get_by_role("button", name="Download", exact=True).click()
    expect(page.get_by_text("Until then storyteller-gpt answers.")).to_have_count(0)
    page.locator(".candidates button").first.wait_for()
    hub.close()  # what is here needs no network
    page.reload()
    page.get_by_text("Click a word").wait_for(timeout=90_000)
    page.get_by_role("combobox", name="Network").click()
    page.get_by_role("option", name="somebody/tiny · downloaded").click()
    page.locator(".candidates button").first.wait_for()


def test_without_a_network_the_page_says_so_and_the_shipped_one_answers(
    hub: HubServer, own: Server, page: Page
) -> None:
    hub.close()
    choose(page, own.url, "somebody/tiny")
    page.get_by_text("storyteller-gpt answers").wait_for()
    expect(page.locator(".candidates button").first).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(1)


def test_a_network_that_chats_is_downloaded_and_answers(hub: HubServer, own: Server, page: Page) -> None:
    choose(page, own.url, "somebody/chatter", "Chat", "Download one on the left")
    page.get_by_role("button", name="Download", exact=True).click()
    page.get_by_text("What the network reads").wait_for(timeout=60_000)
    expect(page.get_by_test_id("stChatMessage")).to_have_count(2)
    more = page.get_by_placeholder("Go on with the conversation")
    more.fill("And what did the fox say?")
    more.press("Enter")
    expect(page.get_by_test_id("stChatMessage")).to_have_count(4)
    expect(page.get_by_role("button", name="Stop")).to_be_disabled()
    expect(page.get_by_role("button", name="Ask")).to_be_enabled()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_a_path_is_no_name(own: Server, page: Page) -> None:
    choose(page, own.url, "../../etc")
    expect(page.get_by_text("cannot be a name on the Hub")).to_be_visible()
    expect(page.get_by_text("storyteller-gpt answers")).to_be_visible()
