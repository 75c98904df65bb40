"""Take the screenshots of the documentation again: ``PYTHONPATH=.:tests python docs/screenshots/take.py``."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from browser.conftest import FLAGS, Server
from browser.steps import badge, build_link, train
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
OVERFITTING = {
    "dataset": {"name": "moons", "noise": 0.5, "examples": 300},
    "architecture": {"kind": "mlp", "hidden": [{"units": 64}] * 3},
    "training": {"epochs": 150, "learning_rate": 0.005},
}

home = Path(tempfile.mkdtemp())
server = Server(home)
with sync_playwright() as playwright:
    chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
    page = chromium.new_page(viewport={"width": 1440, "height": 900})

    def shoot(name: str) -> None:
        page.mouse.move(1439, 899)
        page.get_by_test_id("stSkeleton").first.wait_for(state="detached")
        page.wait_for_timeout(1500)  # animations and fonts
        page.screenshot(path=HERE / f"{name}.png")

    page.goto(server.url)
    page.get_by_text("Open MNIST").first.wait_for()
    shoot("start")
    page.goto(build_link(server.url, {"dataset": "digits"}))
    page.get_by_role("tab", name="2 · Network").click()
    shoot("build")
    train(page, server.url, {"dataset": "spiral"})
    badge(page, "finished").wait_for(timeout=90_000)
    shoot("train")
    train(page, server.url, OVERFITTING)
    badge(page, "finished").wait_for(timeout=90_000)
    page.get_by_text("L2 0.001").click()
    page.get_by_role("button", name="Train again", exact=True).click()
    page.wait_for_url("**with=*")
    badge(page, "finished").wait_for(timeout=90_000)
    shoot("train-again")
    page.goto(f"{server.url}/classify")
    page.get_by_role("heading", name="sure").wait_for(timeout=60_000)
    page.get_by_text("Grad-CAM: tabby").wait_for(timeout=60_000)
    shoot("classify")
    page.goto(f"{server.url}/text?part=Generation")
    page.locator(".candidates button").first.wait_for(timeout=60_000)
    shoot("text")
    page.goto(f"{server.url}/text?part=Translate")
    page.get_by_text("Candidates at place").wait_for(timeout=60_000)
    shoot("translate")
    page.goto(f"{server.url}/generate?show=samples")
    page.locator(".images img").first.wait_for(timeout=60_000)
    shoot("generate")
    chromium.close()
server.stop()
shutil.rmtree(home)
