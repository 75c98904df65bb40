"""Own images in the sizes of photos: kept whole, shown small, bounded in all."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image

from dlcore.datasets.images import SHOWN, small
from dlcore.datasets.uploaded import Uploaded, keep, keep_pixels
from dlcore.recipe import Recipe
from dlcore.uploads.apart import File
from dlcore.uploads.limits import UploadError
from dlcore.uploads.reading import Reader


def photo(seed: int) -> bytes:
    blots = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), "uint8")
    file = io.BytesIO()
    Image.fromarray(blots).resize((320, 240)).save(file, "JPEG")
    return file.getvalue()


def test_photos_of_224_pixels_are_kept_and_split_and_shown_small():
    files = [File.of(f"{name}/{i}.jpg", photo(i)) for name in ("cat", "dog") for i in range(12)]
    dataset = keep(files, 224, True).dataset
    assert dataset.input_shape == (224, 224, 3) and dataset.classes == ("cat", "dog")
    split = dataset.load(1)
    assert split.train.kept.shape[1:] == (224, 224, 3) and split.train.kept.dtype == np.uint8
    assert len(json.dumps(dataset.views(split))) < 2_000_000
    assert Recipe.parse({"dataset": dataset.model_dump(), "architecture": {"kind": "transfer"}}).problem


def test_a_reduced_image_has_the_means_of_its_squares():
    images = np.random.default_rng(0).integers(0, 255, (2, 224, 224, 3), "uint8")
    shown = small(images)
    assert shown.shape == (2, 56, 56, 3) and shown.dtype == np.uint8
    assert abs(int(shown[1, 5, 6, 2]) - images[1, 20:24, 24:28, 2].mean()) <= 1
    assert small(images[:, :SHOWN, :SHOWN]).shape == (2, SHOWN, SHOWN, 3)


def test_more_photos_than_there_is_room_for_are_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dlcore.uploads.reading.MAX_KEPT_MB", 1)  # 6 photos
    reader = Reader((224, 224, 3), 7)
    for i in range(6):
        reader.take(f"{i}.jpg", photo(i))
    with pytest.raises(UploadError, match=r"More than 6 images.*224×224 pixels: leave some out or cut them"):
        reader.take("7.jpg", photo(7))


def test_pixels_in_classes_are_the_same_data_set_each_time():
    images = list(np.random.default_rng(0).integers(0, 255, (20, 28, 28, 1), "uint8"))
    labels = [i % 2 for i in range(20)]
    one, other = (keep_pixels(images, labels, ["a", "b"]) for _ in range(2))
    assert one == other and one == Uploaded(id=one.id, side=28, classes=("a", "b"), examples=20)
    assert one.id != keep_pixels(images, labels[::-1], ["a", "b"]).id
