"""Classes from where images lie: the folder structure decides, then the zips' names, then the files'."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from dlcore.uploads.limits import MAX_CLASS_NAME, MIN_IN_CLASS
from dlcore.uploads.names import shortened

ClassName = Annotated[str, Field(min_length=1, max_length=MAX_CLASS_NAME)]
ONE_CLASS = ("pictures",)
SPLITS = {"train", "training", "val", "valid", "validation", "test", "testing"}
"""Folders that hold parts of a data set, not classes."""


@dataclass(frozen=True)
class Place:
    """Where an image lies: its folders, its file's name, and the zip it came in, if it came in one."""

    folders: tuple[str, ...]
    name: str
    zip: str = ""


@dataclass(frozen=True)
class Sorting:
    """Classes, for each image the index of its class or -1 where it is set aside, and what is to be said."""

    classes: tuple[str, ...]
    labels: list[int]
    notes: list[str] = field(default_factory=list)


def sort(places: Sequence[Place]) -> Sorting:
    """Sort images into classes; what is set aside is named with its number."""
    notes: list[str] = []
    return _enough(places, named(places, notes), notes)


def named(places: Sequence[Place], notes: list[str]) -> list[str]:
    """For each image the name of its class, "" where it has none; what is to be said is added to ``notes``."""
    named = _by_folder(_zips_as_folders(places), notes)
    if _count(named) < 2 and len({place.zip for place in places} - {""}) > 1:
        named = [place.zip for place in places]
    if _count(named) == 1:
        notes.append(f"There is one folder only, {max(named)}, so all images are of one class.")
    if not any(named):
        named = _by_name(places, notes)
    return named


def in_folders(places: Sequence[Place]) -> dict[str, list[int]]:
    """The images of each folder where folders give several classes, and nothing else; below "" what lies beside them."""
    named = _by_folder(_zips_as_folders(places), [])
    if _count(named) < 2 or not any(place.folders for place in places):
        return {}
    short = shortened(sorted(set(named)), MAX_CLASS_NAME)
    return {short[name]: [i for i, other in enumerate(named) if other == name] for name in short}


def _zips_as_folders(places: Sequence[Place]) -> list[tuple[str, ...]]:
    """The folders of each image; a zip without folders stands for one, where there are several zips."""
    zips = {place.zip for place in places if place.zip}
    deep = {place.zip for place in places if place.folders}
    flat = zips - deep if len(zips) > 1 else set()
    return [(place.zip,) if place.zip in flat else place.folders for place in places]


def _by_folder(folders: list[tuple[str, ...]], notes: list[str]) -> list[str]:
    """The uppermost folder that differs; "" for an image that lies beside such folders."""
    top = {path[0].casefold() for path in folders if path}
    parts_of_a_set = len(top) > 1 and top <= SPLITS
    if parts_of_a_set:
        notes.append(f"{' and '.join(sorted(top))} are put together: the settings divide the data.")
    if parts_of_a_set or len(top) == 1:
        inner = _by_folder([path[1:] for path in folders], notes)
        if parts_of_a_set or all(folders) or _count(inner) > 1:
            return inner
    return [path[0] if path else "" for path in folders]


def _by_name(places: Sequence[Place], notes: list[str]) -> list[str]:
    """A file's name up to its first "_", "-", "." or space; "" for all unless that gives several classes."""
    stems = [re.split(r"[-_. ]", place.name, maxsplit=1)[0] for place in places]
    counts = Counter(stems).most_common()
    large = [count for _, count in counts if count >= MIN_IN_CLASS]
    if len(large) > 1 and sum(large) >= 0.8 * len(places):
        return stems
    if len(large) == 1 and len(counts) > 1:
        listing = listed([f"{name} ({count})" for name, count in counts])
        notes.append(
            f"The names give one class only of at least {MIN_IN_CLASS} images ({listing}), so all are of one class."
        )
    return [""] * len(places)


def _count(named: list[str]) -> int:
    return len(set(named) - {""})


def _enough(places: Sequence[Place], named: list[str], notes: list[str]) -> Sorting:
    """Set aside classes of too few images, and images that lie beside the classes."""
    counts = Counter(name for name in named if name)
    if len(counts) < 2:
        return Sorting(ONE_CLASS, [0] * len(places), notes)
    few = sorted(name for name, count in counts.items() if count < MIN_IN_CLASS)
    kept = sorted(counts.keys() - set(few))
    if few:
        listing = listed([f"{name} ({counts[name]})" for name in few])
        notes.append(
            f"Left out: {len(few)} of {len(counts)} classes, "
            f"with fewer than {MIN_IN_CLASS} images each: {listing}."
        )
    strays = [place.name for place, name in zip(places, named, strict=True) if not name]
    if strays:
        notes.append(f"Left out: {images(len(strays))} beside the folders: {listed(strays)}.")
    short = shortened(kept, MAX_CLASS_NAME)
    index = {name: i for i, name in enumerate(kept)}
    return Sorting(tuple(short[name] for name in kept), [index.get(name, -1) for name in named], notes)


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest} more" if rest > 0 else "")


def images(count: int) -> str:
    return "1 image" if count == 1 else f"{count:,} images"
