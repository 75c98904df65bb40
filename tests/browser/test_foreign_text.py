"""What others have named is shown as text, whatever is in it, and no page asks another server for anything."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from browser.conftest import ROOT, Server
from playwright.sync_api import Page, Request, expect

KEY = "0123456789abcdef0123456789abcdef"
OWNER = hashlib.sha256(KEY.encode()).hexdigest()[:32]
POWERS = [
    "![zqimage](http://zq.test/i.png)",
    "[zqlink](http://zq.test/l)",
    "**zqbold**",
    "$zqlatex^2$",
    ":red[zqred]",
    "<b>zqhtml</b>",
    "<img src=zqtag>",
    "`zqcode`",
    "http://zq.test/bare",
    "www.zq.test",
    ":material/zqicon:",
]
NAMES = [" ".join(POWERS[:3])[:80], " ".join(POWERS[3:8])[:80], " ".join(POWERS[8:])[:80]]
CLASSES = ["![zqimage](zqi.png)", "**zqbold** $zqlatex^2$", "<img src=zqtag>", ":red[zqred] `zqcode`"]

MAKE = """
import io, json, sys
import numpy as np
from PIL import Image
from dlcore import models
from dlcore.datasets.uploaded import keep
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from dlcore.uploads.apart import File

owner, names, classes = json.load(sys.stdin)
store, rng = open_store(), np.random.default_rng(1)

def image():
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (16, 16), "uint8")).save(file, "PNG")
    return file.getvalue()

files = [File.of(f"{name}/{i}.png", image()) for name in classes for i in range(10)]
dataset = keep(files, 16, False).dataset
assert sorted(dataset.classes) == sorted(classes), dataset.classes
store.claim_upload(dataset.id, owner)
rows = [{"class": c, "precision": 1.0, "recall": 1.0, "f1": 1.0, "support": 6} for c in dataset.classes]
metrics = dict.fromkeys(("accuracy", "loss", "precision", "recall", "f1"), 0.5)
of_classes = {"metrics": metrics, "confusion": np.eye(4, dtype=int).tolist(), "classes": rows}
result = {"metrics": {"loss": 1.0}, "quality": {}}
upload = dataset.model_dump(mode="json")
for name, data, kind, result in (
    (names[0], upload, {"kind": "cnn"}, of_classes),
    (names[1], upload, {"kind": "vae", "conditional": True}, result),
    (names[2], "ring", {"kind": "gan"}, result),
):
    recipe = Recipe.parse({"dataset": data, "architecture": kind})
    run = store.create(recipe, owner, name)
    store.artifacts.write(f"{run}/model/weights.safetensors", models.save(recipe.build()))
    store.add_event(run, 1.0, name)
    store.end(run, State.FINISHED, name, result=result)
    print(json.dumps([run, recipe.link()]))
"""

LOOK = """() => {
    const words = [], elements = [];
    const walk = (node) => {
        let text = "";  // of neighbours: Markdown may cut a text into several
        for (const child of [...node.childNodes, document.body]) {
            if (child.nodeType === Node.TEXT_NODE) text += child.data;
            else { words.push(text); text = ""; }
            if (child.nodeType === Node.ELEMENT_NODE && child !== document.body) {
                elements.push(child);
                walk(child);
                if (child.shadowRoot) walk(child.shadowRoot);
            }
        }
    };
    walk(document.body);
    const address = (e) => `${e.getAttribute("src") ?? ""} ${e.getAttribute("href") ?? ""}`;
    return {
        words: words.filter((text) => text.includes("zq") && !text.startsWith("http://localhost")),
        elements: elements.filter((e) => /zq/.test(address(e)) && !/data:|[?&](recipe|model|run)=/.test(address(e)))
            .map((e) => e.outerHTML),
        latex: elements.filter((e) => e.classList.contains("katex")).length,
    };
}"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, list[list[str]]]]:
    """A server whose runs, models and classes have names full of markup; its runs' ids and links."""
    home = tmp_path_factory.mktemp("hostile")
    done = subprocess.run(
        [sys.executable, "-c", MAKE],
        input=json.dumps([OWNER, NAMES, CLASSES]),
        cwd=ROOT,
        env=os.environ | {"DLCORE_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    server = Server(home)
    yield server, [json.loads(line) for line in done.stdout.splitlines()]
    server.stop()


@pytest.fixture
def asked(page: Page, hostile: tuple[Server, list[list[str]]]) -> list[str]:
    """Every address that the owner's browser asks for."""
    requests: list[str] = []

    def note(request: Request) -> None:
        requests.append(request.url)

    page.context.on("request", note)
    page.context.add_cookies([{"name": "studio_visitor", "value": KEY, "url": hostile[0].url}])
    return requests


def check(page: Page, asked: list[str]) -> None:
    """Nothing of a name has become more than text, and nothing came from elsewhere."""
    seen = page.evaluate(LOOK)
    assert not seen["elements"]
    assert not seen["latex"]
    for text in seen["words"]:
        raw = text.replace("\u2060", "").replace("\\", "")
        rest = raw
        for power in (*NAMES, *CLASSES, *(name[:40] for name in NAMES), *POWERS):  # long ones are cut
            rest = rest.replace(power, "")
        assert "zq" not in rest, raw
    hosts = {urlsplit(address).hostname for address in asked if address.startswith(("http", "ws"))}
    assert hosts == {"localhost"}
    assert not [address for address in asked if "zq" in urlsplit(address).path]


def broken_link(data: dict) -> str:
    import base64
    import zlib

    return base64.urlsafe_b64encode(zlib.compress(json.dumps(data).encode())).decode().rstrip("=")


PLACES = [
    ("train?run={0}", "Rename"),
    ("train?run={1}", "Make some with it"),
    ("train?run={2}", "Make some with it"),
    ("train?run={name}", "There is no run"),
    ("classify?model={0}", "sure"),
    ("classify?model={name}", "Taking"),
    ("generate?model={1}&show=samples", "Again"),
    ("generate?model={1}&show=latent", "latent dimensions"),
    ("generate?model={2}&show=gan", "Train it live"),
    ("generate?model={name}", "There is no network"),
    ("build?recipe={link0}", "Class balance"),
    ("build?recipe={short}", "could not be opened"),
    ("build?recipe={strange}", "could not be opened"),
    ("build?recipe={unknown}", "could not be opened"),
    ("text?part={name}", "Sentiment"),
    ("text?part=Generation", "Generation"),
    ("", "Start from one of these"),
]


@pytest.mark.parametrize(("place", "shown"), PLACES, ids=[place for place, _ in PLACES])
def test_names_are_text_and_nothing_comes_from_elsewhere(
    hostile: tuple[Server, list[list[str]]], page: Page, asked: list[str], place: str, shown: str
) -> None:
    server, runs = hostile
    address = place.format(
        *(run for run, _ in runs),
        name=quote(f"{NAMES[0]} {NAMES[1]}"),
        short=quote(NAMES[0]),
        link0=runs[0][1],
        link1=runs[1][1],
        strange=broken_link({"dataset": NAMES[0]}),
        unknown=broken_link({"training": {NAMES[0]: 1}}),
    )
    page.goto(f"{server.url}/{address}")
    expect(page.get_by_text(shown).first).to_be_visible(timeout=90_000)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0, timeout=90_000)
    expect(page.locator("link[rel*=icon]").first).to_have_attribute("href", re.compile("^data:image/"))
    check(page, asked)
    if place.startswith(("train?run={0}", "classify?model={0}")):
        assert any("zq" in text for text in page.evaluate(LOOK)["words"])


def test_a_name_typed_on_the_text_page_is_text(
    hostile: tuple[Server, list[list[str]]], page: Page, asked: list[str]
) -> None:
    page.goto(f"{hostile[0].url}/text")
    page.get_by_role("combobox", name="Network").first.click()
    page.get_by_role("option", name="Another from").click()
    page.get_by_role("textbox", name="Name on the Hub").fill(NAMES[0])
    page.keyboard.press("Enter")
    expect(page.get_by_text("cannot be a name on the Hub")).to_be_visible()
    check(page, asked)
