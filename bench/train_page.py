"""What the benchmarks do on the pages: open a recipe, click on Train, watch the run."""

from __future__ import annotations

from playwright.sync_api import Page

from dlcore.recipe import Recipe


def build_link(dataset: str, epochs: int) -> str:
    """The Build page's address of a recipe with its usual network."""
    recipe = Recipe.parse({"dataset": dataset, "training": {"epochs": epochs}})
    return f"/build?recipe={recipe.link()}"


def click_train(page: Page) -> None:
    """Click, and wait for the Train page of the new run."""
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url("**/train?run=*")


def wait_for_state(page: Page, state: str) -> None:
    page.get_by_test_id("stBadge").or_(page.locator("[data-testid=stMarkdownBadge]")).or_(
        page.locator(".stMarkdownBadge")
    ).filter(has_text=state).first.wait_for(timeout=180_000)
