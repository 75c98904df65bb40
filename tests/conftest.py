"""What every test stands on: a studio of its own, empty and on this machine alone."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.register_assert_rewrite("cases")
GROWN = 400e6
"""Bytes by which a process of tests may grow before it is worth a second to let go of what is not used."""
_small = [1e9]  # what it held after it had let go


@pytest.fixture(autouse=True)
def studio_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty DLCORE_HOME, and no setting from the environment of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("DLCORE_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "studio"
    monkeypatch.setenv("DLCORE_HOME", str(home))
    yield home
    forget_processes_caches()


@pytest.fixture(autouse=True)
def only_new_objects_are_collected(request: pytest.FixtureRequest) -> None:
    """Streamlit collects garbage after every run of a page, among a million objects once TensorFlow is here."""
    if hasattr(request.module, "AppTest"):
        gc.freeze()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing has been downloaded, and every address is refused, as without a network."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            monkeypatch.setenv(variable, "http://127.0.0.1:9")  # the discard port
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))


@pytest.fixture(autouse=True, scope="module")
def memory_goes_with_its_file(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a file has built and loaded is not kept for the next one."""
    yield
    caches = sys.modules.get("dlcore.cache")
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("dlcore.")]
    for value in [value for module in (request.module, *modules) for value in [*vars(module).values()]]:
        if caches and isinstance(value, caches.Cache):
            value.clear()
        elif getattr(value, "__module__", "") == request.module.__name__ and hasattr(value, "cache_clear"):
            value.cache_clear()
    if "keras" in sys.modules and psutil.Process().memory_info().rss > _small[0] + GROWN:
        from dlcore.compute.lean import keras, trim

        keras.backend.clear_session()
        gc.unfreeze()  # networks are cycles: only a collection frees them
        gc.collect()
        trim()
        _small[0] = max(_small[0], psutil.Process().memory_info().rss)


def forget_processes_caches() -> None:
    """Close what a test has opened, so that the next one opens its own. Imports nothing itself."""
    client = sys.modules.get("dlcore.client")
    if client is not None and client._client.cache_info().currsize:
        client.client().close()
        client._client.cache_clear()
    store = sys.modules.get("dlcore.runs.store")
    if store is not None:
        store._open.cache_clear()
