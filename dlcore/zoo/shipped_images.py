"""Test images that ship with the Studio, for pages that have no network: ``python -m dlcore.zoo.shipped_images``.

Of each data set whose models ship: ``examples/NAME.npz`` with ``x`` uint8 (600, height, width, channels) and
``y`` uint8 (600,), the first 60 test images of every class. Making the files needs the data in KERAS_HOME.
"""

from __future__ import annotations

import io
import zipfile

import numpy as np

from dlcore.datasets.base import Part
from dlcore.models import ZOO

NAMES = ("mnist", "fashion_mnist")
EACH = 60


def shipped_images(dataset: str) -> Part | None:
    """The shipped test images of a data set, classes in turn; None where none ship."""
    file = ZOO / "examples" / f"{dataset}.npz"
    if not file.exists():
        return None
    with np.load(file) as kept:
        return Part(kept["x"], kept["y"].astype("int32"))


def main() -> None:
    from dlcore.datasets import DATASETS

    for name in NAMES:
        test = DATASETS[name]().load(1).test
        members = [np.flatnonzero(test.y == label)[:EACH] for label in np.unique(test.y)]
        chosen = np.stack(members, axis=1).ravel()
        arrays = {"x": test[chosen].kept, "y": test.y[chosen].astype("uint8")}
        # LZMA: a fifth smaller than what np.savez_compressed makes; np.load reads both.
        with zipfile.ZipFile(ZOO / "examples" / f"{name}.npz", "w", zipfile.ZIP_LZMA) as packed:
            for key, array in arrays.items():
                buffer = io.BytesIO()
                np.save(buffer, array)
                packed.writestr(zipfile.ZipInfo(f"{key}.npy"), buffer.getvalue(), zipfile.ZIP_LZMA)


if __name__ == "__main__":
    main()
