"""The GAN room in a browser: a game of points, held, stepped, and one on a drawing."""

from __future__ import annotations

import re

import pytest
from browser.steps import stroke
from conftest import Server
from playwright.sync_api import Locator, Page, expect

from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import Store
from dlcore.settings import Settings


@pytest.fixture(scope="session")
def gan(shared: Server) -> str:
    """A run of a GAN of points that is over, so that the page has a GAN to show."""
    recipe = Recipe.parse(
        {
            "dataset": {"name": "moons", "examples": 100},
            "architecture": {"kind": "gan", "width": 4, "latent_dim": 2},
        }
    )
    store = Store(Settings(home=shared.home))
    run = store.create(recipe, "nobody", "small game")
    store.start(run, "gone:1:1")
    store.end(run, State.FINISHED, result={"metrics": {}})
    return run


def open_room(page: Page, server: Server, gan: str) -> None:
    page.goto(f"{server.url}/generate?model={gan}&show=gan")
    page.locator(".stage canvas").wait_for(timeout=60_000)


def choose(page: Page, title: str) -> None:
    page.get_by_role("combobox", name="Real points").click()
    page.get_by_role("option", name=title).click()


def pixels(page: Page) -> str:
    """What the canvas shows."""
    data: str = page.locator(".stage canvas").evaluate("canvas => canvas.toDataURL()")
    return data


def button(page: Page, name: str) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True)


def test_a_game_is_played_held_and_stepped(shared: Server, page: Page, gan: str) -> None:
    open_room(page, shared, gan)
    choose(page, "Gaussians")
    button(page, "Train it live").click()
    page.wait_for_url("**run=*")
    expect(page.get_by_text(re.compile(r"epoch \d+ of"))).to_be_visible(timeout=90_000)
    expect(page.get_by_text("what the discriminator predicts")).to_be_visible(timeout=60_000)
    page.locator(".stage canvas").evaluate("node => { window.node = node }")
    before = pixels(page)
    page.wait_for_function(
        "before => document.querySelector('.stage canvas') === null || window.node.toDataURL() !== before",
        arg=before,
    )
    assert page.evaluate("window.node.isConnected"), "the canvas was mounted anew"

    button(page, "Pause").click()
    expect(page.get_by_text(re.compile(r"After [\d,]+ batches"))).to_be_visible()
    button(page, "One batch").click()
    expect(page.get_by_text("The discriminator learned, then the generator")).to_be_visible()
    page.get_by_role("radio", name="Discriminator").click()
    expect(page.get_by_role("radio", name="Discriminator")).to_be_checked()
    button(page, "One batch").click()
    expect(page.get_by_text("Only the discriminator learned")).to_be_visible()
    button(page, "Stop").click()
    expect(button(page, "Train it live")).to_be_visible()

    # The address has the game; another visitor sees it, and may start another.
    page.reload()
    expect(page.get_by_text("stopped").first).to_be_visible()


def test_a_drawing_is_kept_through_the_pages_reruns(shared: Server, page: Page, gan: str) -> None:
    open_room(page, shared, gan)
    choose(page, "Drawn by you")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Draw some points into the plane first.")).to_be_visible()
    stroke(page, page.locator(".pad canvas"))
    expect(page.get_by_text("Draw some points into the plane first.")).to_have_count(0)
    count = page.locator(".pad .count")
    drawn = count.inner_text()
    assert int(drawn.split()[0]) > 5
    page.locator("summary", has_text="Hyperparameters").click()
    expect(count).to_have_text(drawn)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Draw some points into the plane first.")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_room_fits_the_screen(shared: Server, page: Page, gan: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    open_room(page, shared, gan)
    expect(button(page, "Train it live")).to_be_in_viewport()
    wide = page.get_by_test_id("stMain").evaluate("node => node.scrollWidth - node.clientWidth")
    assert wide <= 1
