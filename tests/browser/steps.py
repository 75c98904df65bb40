"""What a visitor does, by the words on the page."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page

from dlcore.recipe import Recipe


def build_link(url: str, recipe: dict[str, Any]) -> str:
    return f"{url}/build?recipe={Recipe.parse(recipe).link()}"


def train(page: Page, url: str, recipe: dict[str, Any]) -> str:
    """Open the recipe, press Train, wait for the first point; returns the run's address."""
    page.goto(build_link(url, recipe))
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url("**/train?run=*")
    first_point(page)
    return page.url


def first_point(page: Page) -> None:
    page.get_by_text("(lowest validation loss)").wait_for(timeout=60_000)
    page.locator(".curve canvas").first.wait_for()


def badge(page: Page, state: str) -> Any:
    """The run's state as shown beside its name."""
    return page.locator(".stMarkdownBadge").filter(has_text=re.compile(f"{state}$"))


def stroke(
    page: Page,
    canvas: Locator,
    begin: tuple[float, float] = (0.2, 0.2),
    end: tuple[float, float] = (0.8, 0.8),
) -> None:
    """A line drawn with the mouse on a canvas; its ends are shares of width and height."""
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + begin[0] * box["width"], box["y"] + begin[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=20)
    page.mouse.up()
