"""Memory of all our processes: before first use, and after every page has been used.

Resident sizes are compared with the limits. Proportional ones, where shared memory counts once, are given beside
them; they come out too small where something else on the machine has TensorFlow loaded too.
"""

from __future__ import annotations

import io
import re
import time

import numpy as np
import psutil
from PIL import Image
from playwright.sync_api import FilePayload, Page

from bench.browser import chromium, fresh_page, settle
from bench.result import Result
from bench.servers import Server, studio
from bench.train_page import build_link, click_train, wait_for_state
from dlcore.charts.heat_map import METHODS
from dlcore.models import ZOO

PHOTOS = ZOO / "examples" / "photos"
Family = dict[str, tuple[float, float]]
"""Bytes by role, resident and proportional."""


def measure() -> list[Result]:
    with studio() as server, chromium() as browser, fresh_page(browser) as page:
        page.goto(server.url)
        page.locator("h1").first.wait_for()
        wait_until_warm(server)
        idle = by_role(server)
        for dataset, epochs in (("spiral", 60), ("digits", 10)):
            page.goto(server.url + build_link(dataset, epochs))
            settle(page)
            click_train(page)
            wait_for_state(page, "finished")
        page.goto(f"{server.url}/classify")
        page.get_by_text("sure").first.wait_for()
        settle(page)
        page.goto(f"{server.url}/text?part=Sentiment")
        page.get_by_text("positive").first.wait_for()
        settle(page)
        page.goto(f"{server.url}/text?part=Generation")
        page.locator(".candidates button").first.wait_for()
        settle(page)
        page.goto(f"{server.url}/train")
        settle(page)
        used = by_role(server)
    without_worker = {role: size for role, size in idle.items() if role != "worker"}
    return [
        resident("memory at rest, web and engine, without the worker", 0.4, without_worker),
        Result("memory of the warm worker at rest", "", listed({"worker": idle["worker"]})),
        resident("memory after using all pages, all processes", 1.5, used),
        resident(
            "memory after Classify with MobileNetV2, every explanation and a transfer training, all processes",
            1.5,
            after_photos(),
        ),
    ]


def after_photos() -> Family:
    """A photo is classified and explained in each way, then three classes of 20 photos are taught."""
    with studio() as server, chromium() as browser, fresh_page(browser) as page:
        page.goto(f"{server.url}/classify?model=mobilenet-v2")
        page.get_by_text("sure").first.wait_for()
        first, *others = (method.title for method in METHODS.values())
        page.get_by_alt_text(re.compile(f"^{first} for")).wait_for()
        for title in others:
            settle(page)
            choose(page, "Method", title)
            page.get_by_alt_text(re.compile(f"^{title} for")).wait_for()
        page.get_by_role("radio", name="Feature maps").click()
        page.get_by_text("What excites it most").wait_for()
        settle(page)
        page.get_by_role("radio", name="Most alike").click()
        page.get_by_text("The same values in the two directions").wait_for()
        page.get_by_role("radio", name="Teach it yours").click()
        page.get_by_role("button", name="Add a class").click()
        for number, name in enumerate(("beagle", "pizza", "taxis"), 1):
            files = page.get_by_test_id("stFileUploaderDropzoneInput")
            files.nth(number - 1).set_input_files(photos(name, 20))
            page.get_by_text("20 images").nth(number - 1).wait_for()
        page.get_by_role("button", name="Train", exact=True).click()
        page.get_by_text("Held-out accuracy").first.wait_for(timeout=180_000)
        settle(page)
        return by_role(server)


def choose(page: Page, label: str, option: str) -> None:
    page.get_by_role("combobox", name=label).first.click()
    page.get_by_role("option", name=option, exact=True).click()
    settle(page)


def photos(name: str, count: int) -> list[FilePayload]:
    """Different parts of an example photo, as files for an upload."""
    whole, rng = Image.open(PHOTOS / f"{name}.jpg").convert("RGB"), np.random.default_rng(1)
    side, files = int(0.6 * min(whole.size)), []
    for i in range(count):
        left, top = (int(rng.integers(0, size - side)) for size in whole.size)
        file = io.BytesIO()
        whole.crop((left, top, left + side, top + side)).save(file, "JPEG")
        files.append(FilePayload(name=f"{name}-{i}.jpg", mimeType="image/jpeg", buffer=file.getvalue()))
    return files


def resident(what: str, limit: float, family: Family) -> Result:
    """The sum of the resident sizes is what counts: it counts shared memory twice, so it is an upper bound."""
    total = sum(resident for resident, _ in family.values())
    return Result(what, f"≤ {limit:g} GB", listed(family), total <= limit * 1e9)


def listed(family: Family) -> str:
    total, proportional = (sum(sizes) / 1e9 for sizes in zip(*family.values(), strict=True))
    parts = ", ".join(f"{role} {resident / 1e6:.0f}" for role, (resident, _) in family.items())
    return f"{total:.2f} GB resident ({parts} MB); {proportional:.2f} GB proportional"


def wait_until_warm(server: Server) -> None:
    """Until the worker's memory no longer grows: TensorFlow is imported."""
    before, deadline = 0.0, time.monotonic() + 240  # of a busy machine
    while time.monotonic() < deadline:
        now = by_role(server).get("worker", (0.0, 0.0))[0]
        if now > 200e6 and now - before < 2e6:
            return
        before = now
        time.sleep(2)
    raise RuntimeError("the engine did not warm up")


def by_role(server: Server) -> Family:
    """Sizes by process: web, engine (scheduler and nanny), worker, and what else there is."""
    family: Family = {}
    for process in server.family():
        try:
            words = " ".join(process.cmdline())
            memory = process.memory_full_info()
        except psutil.NoSuchProcess:
            continue
        if process == server.process:
            role = "web"
        elif "dlcore engine" in words:
            role = "engine"
        else:
            role = "worker" if "spawn_main" in words else "helpers"
        before = family.get(role, (0.0, 0.0))
        family[role] = (before[0] + memory.rss, before[1] + getattr(memory, "pss", memory.rss))
    return family
