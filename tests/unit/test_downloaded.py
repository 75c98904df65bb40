"""Data sets of the network: whole or not at all, whatever happens on the way, and in little memory."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
import struct
import subprocess
import sys
import tarfile
import threading
import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import keras
import numpy as np
import psutil
import pytest
from file_server import FileServer

from dlcore.datasets import DATASETS
from dlcore.datasets.base import DatasetError
from dlcore.datasets.downloaded import CIFAR10, MNIST, Downloaded, FashionMNIST
from dlcore.datasets.fetched import ArraysOnly, Remote
from dlcore.datasets.memory import aligned, is_aligned, reordered
from dlcore.parts import Part
from dlcore.previews import probabilities
from dlcore.recipe import Training
from dlcore.training import batches

KINDS = [kind for kind in DATASETS.values() if issubclass(kind, Downloaded)]
ROOT = Path(__file__).parents[2]


def raw(kind, n: int):
    rng = np.random.default_rng(n)
    labels = rng.permutation(np.arange(n) % 10).astype("uint8")
    return rng.integers(256, size=(n, *kind.input_shape), dtype="uint8"), labels


def packed(kind, train, test) -> list[bytes]:
    """The files that hold these images, in the formats in which they are published."""
    if kind is MNIST:
        file = BytesIO()
        arrays = {"x_train": train[0], "y_train": train[1], "x_test": test[0], "y_test": test[1]}
        np.savez(file, **{k: v[..., 0] if k[0] == "x" else v for k, v in arrays.items()})
        return [file.getvalue()]
    if kind is FashionMNIST:
        return [gzip.compress(idx(array), 1) for part in (train, test) for array in part]
    file = BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        fifth = len(train[0]) // 5
        cuts = {f"data_batch_{i + 1}": slice(i * fifth, (i + 1) * fifth) for i in range(5)}
        parts = {name: (train[0][cut], train[1][cut]) for name, cut in cuts.items()}
        for name, (x, y) in {**parts, "test_batch": test, "batches.meta": test}.items():
            rows = x.transpose(0, 3, 1, 2).reshape(len(x), -1)
            data = python2({b"data": rows, b"labels": y.tolist()})
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(data)
            archive.addfile(entry, BytesIO(data))
    return [file.getvalue()]


class Python2(pickle._Pickler):
    """Writes bytes as Python 2 did, which knew no other strings."""

    def save_bytes(self, text):
        self.write(pickle.BINSTRING + struct.pack("<I", len(text)) + text)
        self.memoize(text)

    dispatch: ClassVar = pickle._Pickler.dispatch | {bytes: save_bytes}


def python2(value) -> bytes:
    file = BytesIO()
    Python2(file, 2).dump(value)
    return file.getvalue()


def idx(array: np.ndarray) -> bytes:
    shape = array.shape[:3] if array.ndim == 4 else array.shape
    return bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes() + array.tobytes()


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras" / "datasets"


@pytest.fixture
def server(tmp_path, home):
    folder = tmp_path / "served"
    folder.mkdir()
    with FileServer(folder) as server:
        yield server


def publish(kind, server, monkeypatch, train, test):
    """Let a data set consist of these images, on a server of our own."""
    files = []
    for old, data in zip(kind.files, packed(kind, train, test), strict=True):
        name = old.address.rsplit("/", 1)[-1]
        (server.folder / name).write_bytes(data)
        files.append(Remote(f"{server.url}/{name}", old.name, len(data), hashlib.sha256(data).hexdigest()))
    monkeypatch.setattr(kind, "files", tuple(files))


@pytest.fixture(params=KINDS, ids=lambda kind: kind.model_fields["name"].default)
def published(request, server, monkeypatch):
    """A data set with fewer images: (kind, train, test)."""
    kind = request.param
    train, test = raw(kind, 3000), raw(kind, 500)
    publish(kind, server, monkeypatch, train, test)
    return kind, train, test


@pytest.fixture
def mnist(server, monkeypatch) -> FileServer:
    publish(MNIST, server, monkeypatch, raw(MNIST, 1000), raw(MNIST, 100))
    return server


def test_downloaded_images_are_scaled_and_split(published, server):
    kind, train, test = published
    dataset = kind(examples=2000, validation_share=0.2)
    assert not dataset.at_hand
    split = dataset.load(1)
    assert dataset.at_hand and dataset.load(1) is not split
    assert len(server.log) == len(kind.files), "fetched more than once"
    assert [len(part) for part in (split.train, split.validation, split.test)] == [1600, 400, 500]
    assert dataset.training_examples == 1600
    for part in (split.train, split.validation, split.test):
        assert part.x.shape[1:] == kind.input_shape and part.x.dtype == np.float32
        assert part.y.ndim == 1 and part.y.dtype == np.int32
    assert (split.test.y == test[1]).all()
    assert (split.test.x == test[0].astype("float32") / 255).all()
    known = {(image.tobytes(), label) for image, label in zip(*train, strict=True)}
    learned = (255 * split.train.x).round().astype("uint8")
    for image, label in zip(learned, split.train.y, strict=True):
        assert (image.tobytes(), label) in known


@pytest.mark.parametrize("kind", [MNIST, FashionMNIST])
def test_they_are_what_keras_reads_from_the_same_files(kind, server, home, monkeypatch):
    """So a script that was exported trains on the same data, and nothing is downloaded twice."""
    train, test = raw(kind, 1000), raw(kind, 100)
    publish(kind, server, monkeypatch, train, test)
    kind(examples=1000).load(1)
    theirs = getattr(keras.datasets, kind.model_fields["name"].default).load_data
    module = sys.modules[theirs.__module__]
    get_file = module.get_file

    # Without its hash, which is that of the real file.
    monkeypatch.setattr(
        module,
        "get_file",
        lambda fname, origin, file_hash=None, **options: get_file(
            fname, "http://127.0.0.1:9/none", cache_dir=home.parent, **options
        ),
    )
    (x, y), (x_test, y_test) = theirs()
    assert (x == train[0][..., 0]).all() and (y == train[1]).all()
    assert (x_test == test[0][..., 0]).all() and (y_test == test[1]).all()


def test_images_stay_in_one_byte_a_pixel_until_they_are_in_a_batch(published):
    kind, train, test = published
    size = train[0].nbytes + test[0].nbytes
    kind(examples=3000).load(1)
    tracemalloc.start()
    try:
        split = kind(examples=3000).load(1)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 1.5 * size and peak < (2 if kind is CIFAR10 else 4.5) * size
    assert split.train.kept.dtype == np.uint8


def test_a_batch_has_the_numbers_that_whole_arrays_had(published):
    kind, _, test = published
    split = kind(examples=1000).load(1)
    data = batches(split.test, Training(), shuffle=False)
    found = np.concatenate([np.asarray(x) for x, _ in data])
    assert found.dtype == np.float32 and (found == test[0].astype("float32") / 255).all()
    seen = []
    probabilities(lambda x, training: seen.append(x) or np.zeros((len(x), 10)), split.test.kept)
    assert (np.concatenate(seen) == found).all()


@pytest.mark.parametrize("count", [40, 33, 7])
@pytest.mark.parametrize("offset", [0, 1])
def test_images_are_brought_into_another_order_in_their_own_memory_where_that_is_large(offset, count):
    rng = np.random.default_rng(0)
    images = aligned((40 * 243 + offset,))[offset:].reshape(40, 9, 9, 3)
    images[:] = rng.integers(256, size=images.shape, dtype="uint8")
    order = rng.permutation(40)[:count]
    expected, memory = images[order], images.ctypes.data
    found = reordered(images, order)
    assert (found == expected).all() and is_aligned(found)
    assert (found.ctypes.data == memory) == (offset == 0 and count > 20)


def test_an_array_that_cannot_be_written_is_copied():
    images = np.frombuffer(bytes(range(240)), "uint8").reshape(20, 2, 2, 3)
    assert (reordered(images, np.arange(20)[::-1]) == images[::-1]).all()


def test_a_training_holds_no_copy_of_many_images():
    kept = aligned((30_000, 32, 32, 3))
    kept[:] = 1
    part, process = Part(kept, np.zeros(len(kept), "int32")), psutil.Process()
    next(iter(batches(part[:100], Training(), shuffle=True)))
    before = process.memory_info().rss
    found = iter(batches(part, Training(), shuffle=True))
    assert next(found)[0].shape[1:] == (32, 32, 3)
    assert process.memory_info().rss - before < kept.nbytes / 3


def test_the_full_download_is_counted_without_loading_it():
    assert MNIST().training_examples == FashionMNIST().training_examples == 54_000
    assert CIFAR10().training_examples == 45_000
    assert [kind().download_bytes // 10**6 for kind in (MNIST, FashionMNIST, CIFAR10)] == [11, 30, 170]


# -- what can happen on the way -------------------------------------------------------------------


def test_a_broken_connection_is_taken_up_where_it_broke(mnist):
    size = MNIST().download_bytes
    mnist.cuts = [size // 3, size // 3]
    reports = []
    MNIST(examples=1000).load(1, lambda done, total: reports.append((done, total)))
    assert [asked for _, asked in mnist.log] == ["", f"bytes={size // 3}-", f"bytes={2 * (size // 3)}-"]
    assert reports[-1] == (size, size) and reports == sorted(reports)


def test_a_download_that_was_given_up_goes_on_later(mnist, home):
    size = MNIST().download_bytes
    mnist.cuts = [1000, 0]
    with pytest.raises(DatasetError, match=r"MNIST could not be downloaded .*What has arrived is kept"):
        MNIST(examples=1000).load(1)
    assert not MNIST().at_hand and not (home / "mnist.npz").exists()
    MNIST(examples=1000).load(1)
    assert mnist.log[-1][1] == "bytes=1000-" and (home / "mnist.npz").stat().st_size == size


def test_a_server_that_sends_no_parts_is_read_from_the_start(mnist):
    mnist.cuts, mnist.no_ranges = [1000], True
    assert len(MNIST(examples=1000).load(1).test) == 100


def test_what_arrives_damaged_is_thrown_away(mnist, home):
    mnist.damage = True
    with pytest.raises(DatasetError, match=r"arrived damaged and was thrown away\)\. Try again"):
        MNIST(examples=1000).load(1)
    assert [path.name for path in home.iterdir() if not path.name.startswith(".")] == []
    mnist.damage = False
    MNIST(examples=1000).load(1)


@pytest.mark.parametrize("change", [lambda data: data[:500], lambda data: data[:-1] + b"?"])
def test_a_file_that_an_earlier_download_left_damaged_is_fetched_again(mnist, home, change):
    """Keras wrote to the final name, so a process that was killed left a part there."""
    home.mkdir(parents=True)
    whole = (mnist.folder / "mnist.npz").read_bytes()
    (home / "mnist.npz").write_bytes(change(whole))
    assert len(MNIST(examples=1000).load(1).test) == 100
    assert (home / "mnist.npz").read_bytes() == whole


def test_one_fetches_and_the_others_wait(mnist):
    """As Build's preview beside a training."""
    together = threading.Barrier(4)

    def load() -> None:
        together.wait()
        MNIST(examples=1000).load(1)
        done.append(1)

    done: list[int] = []
    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 4 and len(mnist.log) == 1


KILLED = """
import os, sys
from dlcore.datasets.downloaded import MNIST
from dlcore.datasets.downloaded import Remote
MNIST.files = (Remote(*{remote!r}),)
def report(done, total):
    if done:
        os.kill(os.getpid(), 9)
MNIST(examples=1000).load(1, report)
"""


def test_a_process_that_is_killed_within_a_download_leaves_what_another_goes_on_with(mnist, home):
    size = MNIST().download_bytes
    mnist.cuts = [size // 2]
    code = KILLED.format(remote=tuple(MNIST.files[0]))
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60)
    assert done.returncode == -9, done.stderr
    assert not MNIST().at_hand
    assert len(MNIST(examples=1000).load(1).test) == 100
    assert mnist.log[-1][1].startswith("bytes="), "it began again"


def test_what_is_here_needs_no_network_and_no_right_to_write(mnist, home):
    MNIST(examples=1000).load(1)
    for path in home.glob(".*"):
        path.unlink()
    home.chmod(0o500)
    try:
        MNIST(examples=1000).load(2)
    finally:
        home.chmod(0o700)
    assert len(mnist.log) == 1 and not list(home.glob(".*"))


def test_a_file_that_is_not_there_and_a_folder_that_is_none_are_said(mnist, home, monkeypatch):
    (mnist.folder / "mnist.npz").unlink()
    with pytest.raises(DatasetError, match="the server answered 404"):
        MNIST(examples=1000).load(1)
    (home / "nothing").touch()
    monkeypatch.setenv("KERAS_HOME", str(home / "nothing"))
    with pytest.raises(DatasetError, match="MNIST could not be downloaded"):
        MNIST(examples=1000).load(1)


WITHOUT_NETWORK = """
import json
from dlcore.datasets import DATASETS, DatasetError
found = {}
for name, kind in DATASETS.items():
    if kind.source == "download":
        assert not kind().at_hand
        try:
            kind().load(1)
        except DatasetError as error:
            found[name] = str(error)
print(json.dumps(found))
"""


def test_without_a_network_a_download_says_so_and_names_what_is_at_hand(tmp_path):
    nowhere = "http://127.0.0.1:9"  # the discard port: refused at once, as without a network
    proxies = {f"{scheme}_proxy": nowhere for scheme in ("http", "https")}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NETWORK],
        env=os.environ | proxies | {"KERAS_HOME": str(tmp_path), "no_proxy": "", "NO_PROXY": ""},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert set(answer) == {name for name, kind in DATASETS.items() if kind.source == "download"}
    for name, message in answer.items():
        instead, title = DATASETS[name].instead
        assert DATASETS[name].title in message and title in message
        assert DATASETS[instead].source == "embedded" and DATASETS[instead].title == title
        assert "could not be downloaded" in message and "\n" not in message


def test_the_archive_of_cifar10_can_make_nothing_but_arrays(server, monkeypatch):
    publish(CIFAR10, server, monkeypatch, raw(CIFAR10, 50), raw(CIFAR10, 10))
    CIFAR10(examples=1000).load(1)
    data = pickle.dumps({b"data": Path("x"), b"labels": []}, 2)
    with pytest.raises(pickle.UnpicklingError, match="expected arrays"):
        ArraysOnly(BytesIO(data)).load()
