"""Pictures in classes: scikit-learn's embedded digits, and three sets that Keras downloads."""

from __future__ import annotations

import gzip
import importlib.util
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from dlcore.datasets.base import (
    Dataset,
    DatasetError,
    Part,
    Progress,
    Split,
    divide,
    test_field,
    validation_field,
)
from dlcore.fields import number
from dlcore.layers import Shape

DIGITS = tuple("0123456789")


class Pictures(Dataset):
    modality: ClassVar[Literal["points", "image"]] = "image"


@lru_cache(maxsize=1)
def _digits() -> tuple[np.ndarray, np.ndarray]:
    """The file scikit-learn brings, read without importing it (1 s and 90 MB for 0.1 MB of data)."""
    package = importlib.util.find_spec("sklearn")
    assert package is not None and package.submodule_search_locations, "scikit-learn is missing"
    path = Path(package.submodule_search_locations[0]) / "datasets" / "data" / "digits.csv.gz"
    with gzip.open(path, "rt") as file:
        table = np.loadtxt(file, delimiter=",", dtype="float32")
    return table[:, :64].reshape(-1, 8, 8, 1) / 16, table[:, 64].astype("int32")


class Digits(Pictures):
    name: Literal["digits"] = "digits"
    title: ClassVar[str] = "Digits 8×8"
    description: ClassVar[str] = "1,797 handwritten digits of 43 people, 8×8 pixels; always at hand."
    licence: ClassVar[str] = "UCI Optical Recognition of Handwritten Digits, CC BY 4.0"
    input_shape: ClassVar[Shape] = (8, 8, 1)
    classes: ClassVar[tuple[str, ...]] = DIGITS
    suggested_epochs: ClassVar[int] = 30
    handwriting: ClassVar[bool] = True

    validation_share: float = validation_field()
    test_share: float = test_field()

    @property
    def training_examples(self) -> int:
        return 1797 - round(self.validation_share * 1797) - round(self.test_share * 1797)

    def load(self, seed: int, report: Progress | None = None) -> Split:
        x, y = _digits()
        shares = (self.validation_share, self.test_share)
        return Split(*divide(x, y, shares, np.random.default_rng(seed)))


class Downloaded(Pictures):
    """A data set of ``keras.datasets``: kept in ``KERAS_HOME`` once it has been downloaded."""

    source: ClassVar[Literal["embedded", "download", "upload"]] = "download"
    suggested_epochs: ClassVar[int] = 5
    files: ClassVar[tuple[str, ...]]
    download_bytes: ClassVar[int]

    examples: int = 0
    validation_share: float = validation_field(0.1)

    @property
    def training_examples(self) -> int:
        return self.examples - round(self.validation_share * self.examples)

    @property
    def folder(self) -> Path:
        return Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "datasets"

    @property
    def at_hand(self) -> bool:
        """Whether the download has been made."""
        return all((self.folder / name).exists() for name in self.files)

    def load(self, seed: int, report: Progress | None = None) -> Split:
        import keras

        try:
            with self._watched(report):
                train, test = getattr(keras.datasets, self.name).load_data()
        except Exception as error:  # Keras raises bare Exception for every failed download
            raise DatasetError(
                f"{self.title} could not be downloaded ({_reason(error)}). "
                "Check the network and try again, or choose Digits 8×8, which is always at hand."
            ) from error
        rng = np.random.default_rng(seed)
        pictures, labels = map(self._array, train)
        chosen = rng.permutation(len(pictures))[: self.examples]
        shares = (self.validation_share, 0.0)
        learn, watch, _ = divide(pictures[chosen], labels[chosen], shares, rng)
        return Split(learn, watch, Part(*map(self._array, test)))

    def _array(self, raw: np.ndarray) -> np.ndarray:
        """Labels as int32; pictures as float32 in [0, 1] with a channel axis."""
        if raw.ndim <= 2:
            return raw.reshape(-1).astype("int32")
        return raw.reshape(-1, *self.input_shape).astype("float32") / 255

    @contextmanager
    def _watched(self, report: Progress | None) -> Iterator[None]:
        """Tell ``report`` how much has arrived; Keras itself only prints it."""
        if report is None or self.at_hand:
            yield
            return
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.3):
                parts = self.folder.glob(f"{self.files[0].split('/')[0].split('.')[0]}*")
                got = sum(_size(part) for part in parts)
                report(min(got, self.download_bytes), self.download_bytes)

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(_size(child) for child in path.iterdir())
    return path.stat().st_size


def _reason(error: Exception) -> str:
    """Keras' own message repeats the address twice; what matters stands at its end."""
    text = str(error).strip().splitlines()
    return text[-1].split(" -- ")[-1][:160] if text else type(error).__name__


def _examples(total: int) -> int:
    chosen: int = number(
        total, 1000, total, "Examples", "How many to learn from; fewer are quicker.", step=1000
    )
    return chosen


class MNIST(Downloaded):
    name: Literal["mnist"] = "mnist"
    title: ClassVar[str] = "MNIST"
    description: ClassVar[str] = "70,000 handwritten digits, 28×28 pixels: the classic (11 MB)."
    licence: ClassVar[str] = "LeCun and Cortes, CC BY-SA 3.0"
    input_shape: ClassVar[Shape] = (28, 28, 1)
    classes: ClassVar[tuple[str, ...]] = DIGITS
    handwriting: ClassVar[bool] = True
    files: ClassVar[tuple[str, ...]] = ("mnist.npz",)
    download_bytes: ClassVar[int] = 11_490_434

    examples: int = _examples(60_000)


class FashionMNIST(Downloaded):
    name: Literal["fashion_mnist"] = "fashion_mnist"
    title: ClassVar[str] = "Fashion-MNIST"
    description: ClassVar[str] = "70,000 pictures of clothes, 28×28 pixels: harder than digits (31 MB)."
    licence: ClassVar[str] = "Zalando SE, MIT"
    input_shape: ClassVar[Shape] = (28, 28, 1)
    classes: ClassVar[tuple[str, ...]] = (
        *("T-shirt/top", "trouser", "pullover", "dress", "coat"),
        *("sandal", "shirt", "sneaker", "bag", "ankle boot"),
    )
    files: ClassVar[tuple[str, ...]] = tuple(
        f"fashion-mnist/{name}-ubyte.gz"
        for name in ("train-labels-idx1", "train-images-idx3", "t10k-labels-idx1", "t10k-images-idx3")
    )
    download_bytes: ClassVar[int] = 30_878_645

    examples: int = _examples(60_000)


class CIFAR10(Downloaded):
    name: Literal["cifar10"] = "cifar10"
    title: ClassVar[str] = "CIFAR-10"
    description: ClassVar[str] = "60,000 small colour photos of animals and vehicles, 32×32 (170 MB)."
    licence: ClassVar[str] = "Krizhevsky 2009; for research, no formal licence"
    input_shape: ClassVar[Shape] = (32, 32, 3)
    classes: ClassVar[tuple[str, ...]] = (
        *("airplane", "automobile", "bird", "cat", "deer"),
        *("dog", "frog", "horse", "ship", "truck"),
    )
    files: ClassVar[tuple[str, ...]] = ("cifar-10-batches-py",)
    download_bytes: ClassVar[int] = 170_498_071

    examples: int = _examples(50_000)
