"""One file per modality. A new data set is a class there and a name in the union below."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from dlcore.datasets.base import Dataset, DatasetError, Part, Progress, Split
from dlcore.datasets.downloaded import CIFAR10, MNIST, Downloaded, FashionMNIST
from dlcore.datasets.drawn import Drawn
from dlcore.datasets.images import Digits, Pictures
from dlcore.datasets.points import Circles, Gaussians, Moons, Ring, Spiral, Xor
from dlcore.datasets.uploaded import Uploaded

AnyDataset = Annotated[
    Spiral
    | Moons
    | Circles
    | Xor
    | Gaussians
    | Ring
    | Drawn
    | Digits
    | MNIST
    | FashionMNIST
    | CIFAR10
    | Uploaded,
    Field(discriminator="name"),
]
DATASETS: dict[str, type[Dataset]] = {
    cls.model_fields["name"].default: cls for cls in get_args(get_args(AnyDataset)[0])
}

__all__ = [
    "DATASETS",
    "AnyDataset",
    "Dataset",
    "DatasetError",
    "Downloaded",
    "Part",
    "Pictures",
    "Progress",
    "Split",
    "Uploaded",
]
