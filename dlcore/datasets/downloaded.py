"""Images that are downloaded once: MNIST, Fashion-MNIST and CIFAR-10, in the files that Keras knows too."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from dlcore.datasets.base import Part, Progress, Split, divide, validation_field
from dlcore.datasets.fetched import ArraysOnly, Fetched, Remote
from dlcore.datasets.images import DIGITS, Images
from dlcore.datasets.memory import aligned, reordered
from dlcore.fields import number
from dlcore.layers import Shape

Arrays = tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Training images and labels, test images and labels; all uint8."""


class Downloaded(Fetched, Images):
    """A data set that is kept in ``KERAS_HOME`` once it has been downloaded."""

    suggested_epochs: ClassVar[int] = 5
    instead: ClassVar[tuple[str, str]] = ("digits", "Digits 8×8")
    imports: ClassVar[tuple[str, ...]] = ()

    examples: int = 0
    validation_share: float = validation_field(0.1)

    @property
    def training_examples(self) -> int:
        return self.examples - round(self.validation_share * self.examples)

    def code(self, seed: int) -> str:
        shape = ", ".join(map(str, self.input_shape))
        return (
            f"(x_train, y_train), (x_test, y_test) = keras.datasets.{self.name}.load_data()\n"
            f'x_train = x_train[:{self.examples}].reshape(-1, {shape}).astype("float32") / 255\n'
            f"y_train = y_train[:{self.examples}].ravel()\n"
            f'x_test = x_test.reshape(-1, {shape}).astype("float32") / 255\n'
            "y_test = y_test.ravel()\n"
            f"validation_split = {self.validation_share}"
        )

    def load(self, seed: int, report: Progress | None = None) -> Split:
        self.fetch(report)
        (images, labels), test = self.arrays()
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(len(images))[: self.examples]
        # Places are divided, and the images then brought into their order at once.
        learn, watch, _ = divide(chosen, labels[chosen].astype("int32"), (self.validation_share, 0.0), rng)
        images = reordered(images, np.concatenate([learn.kept, watch.kept]))
        return Split(
            Part(images[: len(learn)], learn.y),
            Part(images[len(learn) :], watch.y),
            Part(test[0], test[1].astype("int32")),
        )

    def arrays(self) -> Arrays:
        """What the files hold."""
        raise NotImplementedError


def _examples(total: int) -> int:
    chosen: int = number(
        total, 1000, total, "Examples", "How many to learn from; fewer are quicker.", step=1000
    )
    return chosen


KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"


class MNIST(Downloaded):
    name: Literal["mnist"] = "mnist"
    title: ClassVar[str] = "MNIST"
    description: ClassVar[str] = "70,000 handwritten digits, 28×28 pixels: the classic (11 MB)."
    licence: ClassVar[str] = "LeCun and Cortes, CC BY-SA 3.0"
    input_shape: ClassVar[Shape] = (28, 28, 1)
    classes: ClassVar[tuple[str, ...]] = DIGITS
    handwriting: ClassVar[bool] = True
    files: ClassVar[tuple[Remote, ...]] = (
        Remote(
            f"{KERAS}/mnist.npz",
            "mnist.npz",
            11_490_434,
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        ),
    )

    examples: int = _examples(60_000)

    def arrays(self) -> Arrays:
        with np.load(self.downloads[0].target, allow_pickle=False) as kept:
            return tuple(  # type: ignore[return-value]
                (kept[f"x_{part}"].reshape(-1, *self.input_shape), kept[f"y_{part}"])
                for part in ("train", "test")
            )


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
    files: ClassVar[tuple[Remote, ...]] = tuple(
        Remote(f"{KERAS}/{name}-ubyte.gz", f"fashion-mnist/{name}-ubyte.gz", size, sha256)
        for name, size, sha256 in (
            (
                "train-images-idx3",
                26_421_880,
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
            ),
            ("train-labels-idx1", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            (
                "t10k-images-idx3",
                4_422_102,
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            ),
            ("t10k-labels-idx1", 5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        )
    )

    examples: int = _examples(60_000)

    def arrays(self) -> Arrays:
        x_train, y_train, x_test, y_test = (_idx(file.target) for file in self.downloads)
        shape = (-1, *self.input_shape)
        return (x_train.reshape(shape), y_train), (x_test.reshape(shape), y_test)


def _idx(path: Path) -> np.ndarray:
    """LeCun's format: two zero bytes, the type (8: uint8), the number of axes, four bytes for each, data."""
    with gzip.open(path) as file:
        data = file.read()
    return np.frombuffer(data, "uint8", offset=4 + 4 * data[3])


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
    photos: ClassVar[tuple[str, ...]] = ("tabby-cat", "beagle", "taxis", "horses")
    files: ClassVar[tuple[Remote, ...]] = (
        Remote(
            "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
            "cifar-10-batches-py-target_archive",  # as Keras 3 calls it
            170_498_071,
            "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        ),
    )

    examples: int = _examples(50_000)

    def arrays(self) -> Arrays:
        images, labels = np.empty(0, "uint8"), np.empty(0, "uint8")
        with tarfile.open(self.downloads[0].target, "r|gz") as packed:
            for member in packed:
                name = member.name.rsplit("/", 1)[-1]
                if "_batch" in name and (file := packed.extractfile(member)):
                    batch = ArraysOnly(file, encoding="bytes").load()
                    pixels = batch[b"data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
                    size = len(pixels)
                    if name == "test_batch":
                        test = np.ascontiguousarray(pixels), np.array(batch[b"labels"], "uint8")
                        continue
                    if not len(images):  # one array for all five: joined later, they would be there twice
                        images, labels = aligned((5 * size, 32, 32, 3)), np.empty(5 * size, "uint8")
                    start = size * (int(name[-1]) - 1)
                    images[start : start + size] = pixels
                    labels[start : start + size] = batch[b"labels"]
        return (images, labels), test
