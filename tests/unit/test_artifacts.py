"""Files by name, whole or not at all, on a local disk as in any place fsspec can reach."""

from __future__ import annotations

import os
import resource
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import fsspec
import pytest

from dlcore.runs.artifacts import Artifacts
from dlcore.runs.database import StoreError


@pytest.fixture(params=["folder", "memory"])
def artifacts(request, tmp_path):
    if request.param == "folder":
        return Artifacts(str(tmp_path / "made" / "on the way"))
    return Artifacts(f"memory://test-{uuid.uuid4().hex}")


def test_what_is_written_is_read(artifacts):
    data = bytes(range(256)) * 100
    artifacts.write("run/model/weights", data)
    assert artifacts.read("run/model/weights") == data
    assert artifacts.exists("run/model/weights")


def test_an_empty_file_is_a_file(artifacts):
    artifacts.write("run/empty", b"")
    assert artifacts.exists("run/empty") and artifacts.read("run/empty") == b""


def test_json_comes_back_equal(artifacts):
    value = {"ü": [1, 2.5, None, True, "日本", {"deep": [[]]}]}
    artifacts.write_json("run/value.json", value)
    assert artifacts.read_json("run/value.json") == value


def test_a_missing_file_is_an_error(artifacts):
    assert not artifacts.exists("run/nothing")
    with pytest.raises(FileNotFoundError):
        artifacts.read("run/nothing")


def test_the_newest_files_are_kept(tmp_path):
    artifacts = Artifacts(str(tmp_path))
    for i, name in enumerate("bca"):
        artifacts.write(f"uploads/{name}", b"x")
        os.utime(tmp_path / "uploads" / name, (i, i))
    artifacts.keep_newest("uploads", 2)
    assert artifacts.names("uploads") == ["a", "c"]
    artifacts.keep_newest("nowhere", 2)


def test_writing_again_replaces(artifacts):
    artifacts.write("run/file", b"a longer one")
    artifacts.write("run/file", b"short")
    assert artifacts.read("run/file") == b"short"
    assert artifacts.names("run") == ["file"]


def test_names_are_sorted_and_of_one_folder(artifacts):
    for name in ("previews/0010.json", "previews/0002.json", "previews/0001.json", "other/x"):
        artifacts.write(f"run/{name}", b"1")
    assert artifacts.names("run/previews") == ["0001.json", "0002.json", "0010.json"]
    assert artifacts.names("run/none") == [] and artifacts.names("nobody") == []


def test_deleting_takes_the_folder_and_nothing_else(artifacts):
    for name in ("one/a", "one/deep/b", "one-more/a"):
        artifacts.write(name, b"1")
    artifacts.delete("one")
    assert not artifacts.exists("one/a") and not artifacts.exists("one/deep/b")
    assert artifacts.exists("one-more/a")
    artifacts.delete("one")  # a second time, and of what never was
    artifacts.delete("nobody")


def test_a_name_that_was_deleted_can_be_written_again(artifacts):
    artifacts.write("run/file", b"1")
    artifacts.delete("run")
    artifacts.write("run/file", b"2")
    assert artifacts.names("run") == ["file"]


def test_several_may_write_the_same_file_at_once(artifacts):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: artifacts.write("run/file", bytes([n]) * 10_000), range(100)))
    assert len(set(artifacts.read("run/file"))) == 1
    assert artifacts.names("run") == ["file"]


def test_a_write_for_which_there_is_no_room_leaves_nothing(tmp_path):
    artifacts = Artifacts(str(tmp_path))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(StoreError):
            artifacts.write("run/file", bytes(100_000), durable=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_reader_sees_the_old_file_or_the_new_one_and_never_half(tmp_path):
    artifacts = Artifacts(str(tmp_path))
    versions = [bytes([n]) * 200_000 for n in range(4)]
    artifacts.write("run/file", versions[0])
    done = threading.Event()

    def write() -> None:
        for n in range(200):
            artifacts.write("run/file", versions[n % 4])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    read = 0
    while not done.is_set():
        assert artifacts.read("run/file") in versions
        read += 1
    writer.join()
    assert read > 0


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path):
    artifacts = Artifacts(str(tmp_path))
    artifacts.write("run/file", b"old")
    with pytest.raises(TypeError):
        artifacts.write("run/file", "text is no bytes")
    assert artifacts.read("run/file") == b"old"
    assert artifacts.names("run") == ["file"]


def test_two_roots_in_one_place_do_not_mix():
    one, two = (Artifacts(f"memory://roots-{uuid.uuid4().hex}") for _ in range(2))
    one.write("run/file", b"1")
    assert not two.exists("run/file")
    assert fsspec.filesystem("memory").exists(f"{one.root}/run/file")
