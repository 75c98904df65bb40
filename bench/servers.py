"""Streamlit servers in processes of their own, each with an empty home, and nothing left of them after."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
EMPTY = 'import streamlit as st\n\nst.write("hello")\n'


@dataclass
class Server:
    """A running server; ``healthy`` is how many seconds it took to answer at all."""

    url: str
    home: Path
    process: psutil.Process
    began: float
    healthy: float

    def family(self) -> list[psutil.Process]:
        """The server, the engine and its worker."""
        return [self.process, *self.process.children(recursive=True)]


@contextmanager
def studio(home: Path | None = None, **variables: str) -> Iterator[Server]:
    """The app; ``home`` where there is a store already."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = home or Path(folder)
        with _serve(ROOT / "app.py", ROOT, home, variables) as server:
            yield server


@contextmanager
def one_page_app(code: str = EMPTY) -> Iterator[Server]:
    """A few lines of Streamlit under the same configuration: what no app can be faster than."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder)
        shutil.copytree(ROOT / ".streamlit", home / ".streamlit")
        (home / "app.py").write_text(code)
        with _serve(home / "app.py", home, home, {}) as server:
            yield server


@contextmanager
def _serve(script: Path, folder: Path, home: Path, variables: dict[str, str]) -> Iterator[Server]:
    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless=true"]
    began = time.perf_counter()
    child = subprocess.Popen(
        [*command, f"--server.port={url.rsplit(':')[-1]}", "--server.address=127.0.0.1"],
        cwd=folder,
        env=clean_environment(home) | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    process = psutil.Process(child.pid)
    try:
        _wait_for_health(url, child)
        yield Server(url, home, process, began, time.perf_counter() - began)
    finally:
        family = [*process.children(recursive=True)]
        child.terminate()
        child.wait(30)
        end(family)


def _wait_for_health(url: str, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{url} did not come up; exit status {child.poll()}")


def end(family: list[psutil.Process]) -> None:
    """See that every process is gone: they end by themselves when the app does, else by force."""
    _, left = psutil.wait_procs(family, timeout=25)
    for process in left:
        print(f"bench: had to kill {process}", file=sys.stderr)
        process.kill()
    psutil.wait_procs(left, timeout=5)


def clean_environment(home: Path) -> dict[str, str]:
    """Ours, without the settings of whoever runs the benchmark."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DLCORE_")}
    return kept | {"DLCORE_HOME": str(home), "TF_CPP_MIN_LOG_LEVEL": "3"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fresh_process(module: str, *arguments: str, timeout: float = 900) -> Any:
    """What a module says as JSON on its last line, run in a process and with a home of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=clean_environment(Path(home)),
            capture_output=True,
            text=True,
            timeout=timeout,
        )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return json.loads(done.stdout.splitlines()[-1])
