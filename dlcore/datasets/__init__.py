"""One file per modality. A new data set is a class in a file here: it is found by lying here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Union

from pydantic import Field

from dlcore.datasets.base import Dataset, DatasetError, Part, Progress, Split
from dlcore.datasets.downloaded import Downloaded
from dlcore.datasets.fetched import Fetched
from dlcore.datasets.images import Images
from dlcore.datasets.uploaded import Uploaded
from dlcore.registry import discover

DATASETS: dict[str, type[Dataset]] = discover("datasets", Dataset, "name")

if TYPE_CHECKING:
    AnyDataset = Any
else:
    AnyDataset = Annotated[Union[tuple(DATASETS.values())], Field(discriminator="name")]  # noqa: UP007

__all__ = [
    "DATASETS",
    "AnyDataset",
    "Dataset",
    "DatasetError",
    "Downloaded",
    "Fetched",
    "Images",
    "Part",
    "Progress",
    "Split",
    "Uploaded",
]
