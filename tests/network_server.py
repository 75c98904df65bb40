"""A network for download on a server of our own."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path

import pytest
from file_server import FileServer

from dlcore import applications
from dlcore.applications import APPLICATIONS, Application
from dlcore.applications.jobs import fetch_network

NAME = "mobilenet_v2"


def publish(server: FileServer, weights: bytes, patch: pytest.MonkeyPatch, home: Path) -> Application:
    """MobileNetV2 with these weights; the size that is known of it is a little wrong."""
    patch.setenv("KERAS_HOME", str(home))
    server.folder.mkdir(exist_ok=True)
    (server.folder / "weights.h5").write_bytes(weights)
    app = replace(
        APPLICATIONS[NAME],
        address=f"{server.url}/weights.h5",
        size=len(weights) + 5,
        md5=hashlib.md5(weights).hexdigest(),
    )
    patch.setitem(applications.APPLICATIONS, NAME, app)
    return app


def over(name: str, seconds: float = 30) -> dict:
    """What is said when a download is over."""
    deadline = time.monotonic() + seconds
    while "total" in (answer := fetch_network(name)):
        assert time.monotonic() < deadline, answer
        time.sleep(0.02)
    return answer
