"""CIFAR-10's size loaded and learned from in a fresh process: ``python -m bench.data_once [alone]``, bytes as JSON.

The archive is of the original's form and size, with random pixels: nothing is downloaded. ``empty`` is what the
process holds once it has what a worker has; the others are the most it held above that. ``alone``: the same network
learns from 1,000 images instead.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import struct
import sys
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import psutil


def archive(path: Path) -> None:
    """60,000 images in six batches, as the University of Toronto packs them."""
    path.parent.mkdir(parents=True)
    rng = np.random.default_rng(0)
    with tarfile.open(path, "w:gz", compresslevel=1) as packed:
        for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch"):
            pixels = rng.integers(0, 256, (10_000, 3072), "uint8")
            batch = {b"data": pixels, b"labels": rng.integers(0, 10, 10_000).tolist()}
            data = _Python2.packed(batch)
            entry = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            entry.size = len(data)
            packed.addfile(entry, io.BytesIO(data))


class _Python2(pickle._Pickler):
    """Writes bytes as Python 2 did, which knew no other strings."""

    def save_bytes(self, text: bytes) -> None:
        self.write(pickle.BINSTRING + struct.pack("<I", len(text)) + text)  # type: ignore[attr-defined]
        self.memoize(text)  # type: ignore[attr-defined]

    dispatch: ClassVar = pickle._Pickler.dispatch | {bytes: save_bytes}  # type: ignore[attr-defined]

    @classmethod
    def packed(cls, value: Any) -> bytes:
        file = io.BytesIO()
        cls(file, protocol=2).dump(value)
        return file.getvalue()


class Watch:
    """The most bytes this process has held since it was told to begin."""

    def __init__(self) -> None:
        self.process, self.most, self.done = psutil.Process(), 0, threading.Event()

    @property
    def now(self) -> int:
        return int(self.process.memory_info().rss)

    @contextmanager
    def looking(self) -> Iterator[None]:
        self.most = self.now
        self.done.clear()
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self.done.set()
            thread.join()

    def _look(self) -> None:
        while not self.done.wait(0.002):
            self.most = max(self.most, self.now)


def main(alone: bool) -> dict[str, int]:
    from dlcore import jobs
    from dlcore.datasets.downloaded import CIFAR10, Remote
    from dlcore.parts import Part, Split
    from dlcore.recipe import Recipe
    from dlcore.training import train

    (file,) = CIFAR10.files
    target = CIFAR10().downloads[0].target
    archive(target)
    digest = hashlib.file_digest(target.open("rb"), "sha256").hexdigest()
    CIFAR10.files = (Remote("", file.name, target.stat().st_size, digest),)
    training = {"epochs": 1, "batch_size": 128}
    recipe = Recipe.parse({"dataset": "cifar10", "architecture": {"kind": "cnn"}, "training": training})
    rng = np.random.default_rng(0)
    few = Part(rng.integers(0, 256, (1000, 32, 32, 3), "uint8"), rng.integers(0, 10, 1000).astype("int32"))
    watch = Watch()
    empty = watch.now
    if alone:  # what TensorFlow takes for this network, whatever the data
        train(recipe, Split(few, few, few))
        return {"network": watch.now - empty}
    with watch.looking():
        split = jobs.data(recipe.dataset, 1)
    loading = watch.most
    with watch.looking():
        train(recipe, split)
    return {"empty": empty, "loading": loading - empty, "training": watch.most - empty}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        os.environ |= {"DLCORE_HOME": home, "KERAS_HOME": f"{home}/keras"}
        held = main("alone" in sys.argv)
    print("\n" + json.dumps(held))
