"""Data in the shape of MNIST without a download: scikit-learn's digits, enlarged to 28×28 and moved about."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

TRAINING, TEST = 8000, 2000
fits: list[dict[str, float]] = []
"""Of every training since :func:`install`, from building the model to the end of ``fit``."""


class Clock:
    """Seconds since it was made, by the wall (``fit``) and of all this process's threads (``cpu``)."""

    def __init__(self) -> None:
        self.wall, self.busy = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        return {"fit": time.perf_counter() - self.wall, "cpu": time.process_time() - self.busy}


def images() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """What ``keras.datasets.mnist.load_data`` returns: uint8 images (n, 28, 28) and labels (n,)."""
    from scipy.ndimage import zoom
    from sklearn.datasets import load_digits

    small, labels = load_digits(return_X_y=True)
    large = zoom(small.reshape(-1, 8, 8), (1, 3.5, 3.5), order=1) * (255 / 16)
    rng = np.random.default_rng(0)
    chosen = rng.integers(len(large), size=TRAINING + TEST)
    moved = [np.roll(large[i], rng.integers(-2, 3, 2), (0, 1)) for i in chosen]
    x, y = np.array(moved).clip(0, 255).astype("uint8"), labels[chosen].astype("uint8")
    return (x[:TRAINING], y[:TRAINING]), (x[TRAINING:], y[TRAINING:])


def install() -> None:
    """In this process: let Keras and the app hand out these images as MNIST, and time the app's trainings."""
    import keras

    from dlcore import training
    from dlcore.datasets.downloaded import MNIST

    pair = images()
    keras.datasets.mnist.load_data = lambda *_: pair
    MNIST.files = ()  # nothing to download
    MNIST.arrays = lambda _: tuple((x[..., None], y) for x, y in pair)
    inner = training.train

    def timed(*arguments: Any) -> Any:
        clock = Clock()
        try:
            return inner(*arguments)
        finally:
            fits.append(clock.read())

    training.train = timed


def last_fit() -> dict[str, float]:
    """The times of the latest training in this process."""
    return fits[-1]
