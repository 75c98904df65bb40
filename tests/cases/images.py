"""Own images: what is right for each case."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cases import Check
from dlcore.datasets import DatasetError
from dlcore.datasets.uploaded import Kept, keep
from dlcore.decoding.images import SUFFIXES, ImageError, read_image
from dlcore.uploads.apart import File


def kept(*zips: Path) -> Kept:
    return keep([File.of(path.name, path.read_bytes()) for path in zips], 16, False)


def each(folder: Path, pattern: str = "*.zip") -> list[Path]:
    found = sorted(folder.glob(pattern))
    assert found
    return found


def generated_folders(folder: Path) -> None:
    for path in each(folder):
        result = kept(path)
        assert result.dataset.classes == ("cats", "dogs") and result.dataset.examples == 24
        (note,) = result.notes
        assert re.search(r"(2|6|12) images in (\.ipynb_checkpoints|@eaDir)", note)
        assert not result.unusable


def images_subfolder(folder: Path) -> None:
    for path in each(folder):
        assert kept(path).dataset.classes == ("n0001", "n0002")


def zip_name_encoding(folder: Path) -> None:
    expected = {"z07": (["Café", "Tee"], 28), "z08": (["Birnen", "Äpfel"], 24), "z09": (["いぬ", "ねこ"], 24)}
    for path in each(folder):
        dataset = kept(path).dataset
        assert (list(dataset.classes), dataset.examples) == expected[path.name[:3]]


def unreadable_zips(folder: Path) -> None:
    reasons = {"z14": "needs a password", "z15": "Deflate64"}
    for path in each(folder):
        if path.name[:3] in reasons:
            with pytest.raises(DatasetError, match=reasons[path.name[:3]]):
                kept(path)
            continue
        result = kept(path)
        assert result.dataset.classes == ("cats", "dogs")
        if path.name.startswith("z17"):
            (line,) = result.unusable
            assert result.dataset.examples == 23 and "damaged in the zip" in line
        else:
            assert result.dataset.examples == 999
            assert result.notes == ["Left out: 3 other files: labels.txt, classes.csv, README.md."]


def windows_and_mac_zips(folder: Path) -> None:
    for path in each(folder):
        result = kept(path)
        assert len(result.dataset.classes) == 2 and result.dataset.examples == 24
        assert not result.notes and not result.unusable


def one_zip_a_class(folder: Path) -> None:
    dataset = kept(*each(folder)).dataset
    assert dataset.classes == ("z26-class1-samples", "z27-class2-samples") and dataset.examples == 28


def png_large_metadata(folder: Path) -> None:
    for path in each(folder, "*.png"):
        assert np.ptp(np.asarray(read_image(path.read_bytes()))) > 200


def white_on_transparent(folder: Path) -> None:
    for path in each(folder, "*.png"):
        assert digit(path) == "7"


def heic_and_jfif(folder: Path) -> None:
    with pytest.raises(ImageError, match="HEIC"):
        read_image((folder / "made-heic-named.jpg").read_bytes())
    assert read_image((folder / "made-photo.jfif").read_bytes()).mode == "RGB"
    assert "jfif" in SUFFIXES


def labelled_images(folder: Path) -> None:
    for line in (folder / "LABELS.txt").read_text().splitlines():
        name, _, right = (part.strip() for part in line.partition("|"))
        path = folder / name
        if not path.exists():
            continue
        if right.startswith("refused"):
            with pytest.raises(ImageError) as refused:
                read_image(path.read_bytes())
            assert "\n" not in str(refused.value)
            continue
        assert right.startswith("opens")
        pixels = np.asarray(read_image(path.read_bytes()))
        assert np.ptp(pixels) > 60
        if "not almost black" in right:
            assert pixels.mean() > 60
        if "digits-cnn: 7" in right:
            assert digit(path) == "7"


def digit(path: Path) -> Any:
    from dlcore.inference import classify
    from dlcore.models import find
    from dlcore.runs.store import open_store

    store = open_store()
    answer = classify(store, find(store, "digits-cnn"), path.read_bytes())
    assert Image.open(io.BytesIO(answer["picture"])).format == "PNG", "as any browser shows it"
    return answer["labels"][0]["label"]


CHECKS: dict[str, Check] = {
    "01-generated-folders": generated_folders,
    "02-images-subfolder": images_subfolder,
    "04-zip-name-encoding": zip_name_encoding,
    "07-unreadable-zips": unreadable_zips,
    "08-windows-mac-zips": windows_and_mac_zips,
    "09-one-zip-a-class": one_zip_a_class,
    "10-png-large-metadata": png_large_metadata,
    "11-white-on-transparent": white_on_transparent,
    "13-heic-and-jfif": heic_and_jfif,
    "images": labelled_images,
}
