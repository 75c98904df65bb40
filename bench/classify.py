"""A photo uploaded on Classify, until the bars of its answer are drawn; and the network's call beside a bare one.

Timed inside the browser, from the moment it has the file to the frame that shows other bars. Every photo is a new
one to the app. The call is timed in a fresh process, in pairs with Keras' model in a `tf.function`.
"""

from __future__ import annotations

import io
import sys

from PIL import Image, ImageEnhance
from playwright.sync_api import Page

from bench.browser import chromium, fresh_page, settle, took, watch
from bench.memory import wait_until_warm
from bench.result import Result, seconds, spread
from bench.servers import ROOT, fresh_process, studio

LIMITS = {"cifar10-resnet": 0.5, "mobilenet-v2": 1.0}
UPLOADS = 12
PHONE = (4032, 3024)
"""Pixels of a photo as phones take them."""
BARS = """
[...document.querySelectorAll("[data-testid=stPlotlyChart]")].slice(0, 1)
    .flatMap((chart) => [...chart.querySelectorAll(".ytick text, .bartext, .bars path")])
    .map((e) => e.textContent + (e.getAttribute("d") ?? "")).join(" ")
""".strip()


def measure() -> list[Result]:
    photos = [path.read_bytes() for path in sorted((ROOT / "dlcore/zoo/examples/photos").glob("*.jpg"))]
    results = []
    with studio() as server, chromium() as browser:
        for name, limit in LIMITS.items():
            with fresh_page(browser) as page:
                page.goto(f"{server.url}/classify?model={name}")
                wait_until_warm(server)
                page.get_by_role("radio", name="Upload").click()
                settle(page)
                watch(page, "change", BARS)
                small = [_upload(page, photos, i, 640) for i in range(3 + UPLOADS)][3:]
                large = [_upload(page, photos, i, PHONE[0]) for i in range(4)]
            results += [
                seconds(f"`{name}`: upload of a photo of 640 pixels to its bars, warm", limit, small),
                seconds("the same with a photo of 12 megapixels", None, large),
            ]
    return results + [_call(name) for name in LIMITS]


def _upload(page: Page, photos: list[bytes], number: int, side: int) -> float:
    """Seconds from the file to its bars."""
    photo = _new(photos[number % len(photos)], number, side)
    file = {"name": f"{side}-{number}.jpg", "mimeType": "image/jpeg", "buffer": photo}
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(file)
    time = took(page)
    print(f"  {side}: {time:.3f} s", file=sys.stderr)
    page.wait_for_timeout(500)
    return time


def _new(photo: bytes, number: int, side: int) -> bytes:
    """The photo, a little darker each time, of another size."""
    with Image.open(io.BytesIO(photo)) as image:
        sized = image.resize((side, side * image.height // image.width))
    file = io.BytesIO()
    ImageEnhance.Brightness(sized).enhance(1 - number / 100).save(file, "JPEG", quality=90)
    return file.getvalue()


def _call(name: str) -> Result:
    times = fresh_process("bench.classify_once", name)
    ratios = [ours / bare for ours, bare in zip(times["ours"], times["bare"], strict=True)]
    middle = sorted(ratios)[len(ratios) // 2]
    ours, bare = (1000 * sorted(times[way])[len(ratios) // 2] for way in ("ours", "bare"))
    return Result(
        f"`{name}`: the network's call as the app makes it / Keras' model in a `tf.function`",
        "≤ 1.2",
        f"{spread(ratios)}; {ours:.1f} against {bare:.1f} ms",
        middle <= 1.2,
    )
