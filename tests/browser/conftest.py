"""A real server and a real Chromium."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from waiting import until

ROOT = Path(__file__).parents[2]
expect.set_options(timeout=20_000)  # these machines may be slow; a wait ends when it comes true
FLAGS = ["--no-sandbox", "--disable-quic", "--disable-background-networking", "--no-first-run"]


class Server:
    """One `streamlit run app.py` with a home of its own."""

    def __init__(self, home: Path):
        self.home = home
        self.start()

    def start(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://localhost:{self.port}"
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "streamlit",
                "run",
                "app.py",
                "--server.headless",
                "true",
                "--server.port",
                str(self.port),
            ],
            cwd=ROOT,
            env=os.environ | {"DLCORE_HOME": str(self.home)},
            stdout=(self.home / "log").open("ab"),
            stderr=subprocess.STDOUT,
        )
        until(self._healthy, 30, "the server answers")

    def _healthy(self) -> bool:
        with suppress(OSError):
            return urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2).status == 200
        return False

    def family(self) -> list[psutil.Process]:
        """The server's process and all below it."""
        with suppress(psutil.NoSuchProcess):
            web = psutil.Process(self.process.pid)
            return [web, *web.children(recursive=True)]
        return []

    def worker(self) -> psutil.Process:
        """The process that holds TensorFlow."""
        workers: list[psutil.Process] = []

        def look() -> bool:
            workers[:] = [p for p in self.family() if maps_tensorflow(p)]
            return bool(workers)

        until(look, 60, "a worker with TensorFlow is there")
        return workers[0]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End as Ctrl-C would, and see that nothing is left."""
        family = self.family()
        with suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGINT)
        until(lambda: not any(map(running, family)), 30, "all processes have ended")


def running(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def maps_tensorflow(process: psutil.Process) -> bool:
    with suppress(psutil.Error, OSError):
        return any("tensorflow" in entry.path for entry in process.memory_maps())
    return False


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave it as they found it."""
    server = Server(tmp_path_factory.mktemp("shared"))
    yield server
    server.stop()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Server]:
    """A fresh server for a test that breaks it."""
    server = Server(tmp_path)
    yield server
    server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A visitor with a browser of their own: cookies are not shared between tests."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(30_000)
    yield context.new_page()
    context.close()
