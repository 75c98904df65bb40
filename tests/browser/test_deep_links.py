"""The first request after a start is often a shared link; it must show that page, inside the app."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize(
    ("path", "title", "heading"),
    [
        ("", "Deep Learning Studio", "Deep Learning Studio"),
        ("build", "Build · Deep Learning Studio", "Build"),
        ("train", "Train · Deep Learning Studio", "Train"),
        ("classify", "Classify · Deep Learning Studio", "Classify"),
        ("text", "Text · Deep Learning Studio", "Text"),
        ("generate", "Generate · Deep Learning Studio", "Generate"),
    ],
)
def test_the_first_request_shows_its_page(own, page: Page, path: str, title: str, heading: str):
    page.goto(f"{own.url}/{path}")
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page).to_have_title(title)
    menu = page.get_by_test_id("stTopNavLink")
    names = ("Start", "Build", "Train", "Classify", "Text", "Generate")
    expect(menu).to_have_text([re.compile(f"{name}$") for name in names])
    expect(page.get_by_text("Page not found")).to_have_count(0)
    # and the second request, now that the server knows its pages, shows the same
    page.reload()
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page).to_have_title(title)
