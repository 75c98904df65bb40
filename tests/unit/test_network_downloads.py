"""Networks for download are here whole or not at all, whatever happens on the way."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from file_server import FileServer
from network_server import NAME, over, publish

from dlcore import models
from dlcore.applications import Application, is_whole
from dlcore.applications import jobs as downloading
from dlcore.applications.jobs import DownloadError, fetch, fetch_network, lacks_room, stop_network
from dlcore.models import UnknownModel
from dlcore.runs.store import open_store


@pytest.fixture
def server(tmp_path: Path):
    with FileServer(tmp_path / "served") as server:
        yield server


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A file in the format of weights, of half a megabyte."""
    path = tmp_path_factory.mktemp("weights") / "random.h5"
    with h5py.File(path, "w") as file:
        file["kernel"] = np.random.default_rng(1).random(60_000)
    return path.read_bytes()


@pytest.fixture
def published(
    server: FileServer, weights: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Application:
    return publish(server, weights, monkeypatch, tmp_path / "keras")


def test_it_is_offered_until_it_is_here(published: Application):
    store = open_store()
    assert NAME not in [info.name for info in models.available(store)]
    with pytest.raises(UnknownModel, match="not been downloaded"):
        models.find(store, NAME)
    assert over(NAME) == {"model": NAME}
    info = models.find(store, NAME)
    assert info.at_hand and info.source == "download" and info in models.available(store)
    assert not downloading.downloads.active


def test_a_broken_connection_is_taken_up_where_it_broke(
    published: Application, server: FileServer, weights: bytes
):
    server.cuts = [0, 100_000, 200_000]  # the first is of the question for the size
    fetch(published, lambda done, total: None)
    assert published.target.read_bytes() == weights
    assert [range_ for _, range_ in server.log][2:] == ["bytes=100000-", "bytes=300000-"]


def test_damage_is_noticed_and_thrown_away(published: Application, server: FileServer):
    server.damage = True
    with pytest.raises(DownloadError, match="damaged"):
        fetch(published, lambda done, total: None)
    assert not published.at_hand and not published.target.exists()


def test_stop_ends_it_and_it_goes_on_later(published: Application, server: FileServer):
    go = threading.Event()
    slow = threading.Event()

    def before() -> None:
        if len(server.log) == 2:
            slow.set()
            go.wait(10)

    server.before, server.cuts = before, [0, 300_000]
    fetch_network(NAME)
    assert slow.wait(10)
    running = downloading.downloads._under_way[NAME]
    assert stop_network(NAME) == {"stopped": NAME}
    go.set()
    running.join(10)
    assert not running.is_alive() and not published.at_hand and not downloading.downloads.active
    server.before, server.cuts = lambda: None, []
    assert over(NAME) == {"model": NAME}


def test_what_is_not_there_is_said_in_one_line(published: Application, server: FileServer):
    (server.folder / "weights.h5").unlink()
    answer = over(NAME)
    assert "the server answered 404" in answer["error"] and "\n" not in answer["error"]


def test_what_would_not_fit_is_refused_before_it_is_fetched(
    published: Application, server: FileServer, monkeypatch: pytest.MonkeyPatch
):
    huge = replace(published, parameters=10**13)
    assert "not enough memory" in lacks_room(huge)
    with pytest.raises(DownloadError, match="Choose a smaller network"):
        fetch(huge, lambda done, total: None)
    assert "disk has no room" in lacks_room(replace(published, size=10**17))
    assert not server.log and not lacks_room(published)


def test_a_file_that_was_cut_off_is_not_there(published: Application, weights: bytes):
    published.target.parent.mkdir(parents=True)
    for length in (0, 7, 40, 1000, len(weights) - 1):
        published.target.write_bytes(weights[:length])
        assert not published.at_hand
    published.target.write_bytes(weights)
    assert published.at_hand


def test_the_end_of_a_file_is_read_from_either_kind_of_head(tmp_path: Path):
    for version in ("earliest", "latest"):
        path = tmp_path / f"{version}.h5"
        with h5py.File(path, "w", libver=version) as file:
            file["x"] = np.arange(1000)
        assert is_whole(path)
        path.write_bytes(path.read_bytes()[:-1])
        assert not is_whole(path)
    assert not is_whole(tmp_path / "none")


def test_a_file_damaged_later_is_thrown_away_and_said_so(published: Application, weights: bytes):
    published.target.parent.mkdir(parents=True)
    changed = bytearray(weights)
    changed[len(changed) // 2] ^= 1
    published.target.write_bytes(changed)
    info = models.find(open_store(), NAME)
    with pytest.raises(UnknownModel, match="download it again"):
        models.load(open_store(), info)
    assert not published.target.exists()
