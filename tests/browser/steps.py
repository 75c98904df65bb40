"""What a visitor does, by the words on the page."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from dlcore.recipe import Recipe

NAMED = {
    "Canvas",
    "SvgRoot",
    "application",
    "button",
    "checkbox",
    "combobox",
    "image",
    "link",
    "listbox",
    "radio",
}
NAMED |= {"searchbox", "slider", "spinbutton", "switch", "tab", "textbox"}
"""Roles of what has to have a name, as Chromium calls them."""
WITHIN = {"Canvas", "SvgRoot", "generic", "image", "none"}
FOCUSED = """() => {
    let node = document.activeElement;
    while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    return `${node.tagName} ${(node.getAttribute("aria-label") || node.innerText || "").slice(0, 30)}`;
}"""
SHOWN = """function() {
    return this.closest("[data-testid=stDataFrame], #js-plotly-tester") ? "" : this.outerHTML.slice(0, 300);
}"""


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


def tab_to(page: Page, target: Locator, most: int = 60) -> None:
    """Press Tab until the focus is there, as one does who has no mouse: who sees a thing before going there."""
    expect(target).to_be_visible()
    stops: list[str] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        if target.count() and target.evaluate("node => node.getRootNode().activeElement === node"):
            return
        stops.append(page.evaluate(FOCUSED))
    raise AssertionError(f"{most} times Tab did not lead to {target}, but to {stops}")


def unnamed(page: Page) -> list[str]:
    """What a screen reader could not call anything: images without a text, buttons and fields without a name.

    An image in something that has a name needs none of its own. Streamlit's tables are its own matter.
    """
    browser = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in browser.send("Accessibility.getFullAXTree")["nodes"]}

    def named(node: dict[str, Any] | None) -> bool:
        while node:
            if node.get("name", {}).get("value", "").strip():
                return True
            whole = node["ignored"] or node["role"]["value"] in WITHIN
            node = nodes.get(node.get("parentId", "")) if whole else None
        return False

    found = []
    for node in nodes.values():
        if node["ignored"] or node["role"]["value"] not in NAMED or named(node):
            continue
        place = browser.send("DOM.resolveNode", {"backendNodeId": node["backendDOMNodeId"]})["object"]
        about = {"objectId": place["objectId"], "functionDeclaration": SHOWN, "returnByValue": True}
        found.append(browser.send("Runtime.callFunctionOn", about)["result"].get("value"))
    browser.detach()
    return [text for text in found if text]
