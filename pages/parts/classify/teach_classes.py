"""The classes of one's own: a name and images each, which come by upload, zip or camera."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from dlcore.architectures.transfer import ENLARGED
from dlcore.datasets import Dataset
from dlcore.datasets.uploaded import SIDES
from dlcore.decoding.images import SUFFIXES
from dlcore.settings import settings
from dlcore.uploads.alike import perceptual_hash
from dlcore.uploads.apart import File, read_apart
from dlcore.uploads.classes import images as counted
from dlcore.uploads.classes import in_folders, listed
from dlcore.uploads.limits import MAX_CLASS_NAME, UploadError
from dlcore.uploads.reading import Upload
from pages.parts.classify.burst_camera import burst_camera
from pages.parts.plain import plain
from pages.parts.widgets import KEEP

SIDE = 224
"""Pixels of the side of what is kept of an image: as many as most backbones look at."""
SMALLEST = 96
FEWEST, MOST = 2, 8
MOST_IMAGES = 50
"""Of one class: eight of them are as much as one upload may hold."""
ROWS, NEXT = "teach.classes", "teach.next"
SHOWN, THUMB = 12, 48


@dataclass
class Row:
    """One class."""

    number: int
    images: list[np.ndarray] = field(default_factory=list)
    hashes: list[np.ndarray] = field(default_factory=list)
    sides: list[int] = field(default_factory=list)
    """Pixels of the shorter side that each had."""
    taken: int = 0
    """How often files were taken: each time the uploader is emptied."""
    problems: list[str] = field(default_factory=list)
    """A line for each file of the last ones that could not be used."""
    outcome: str = ""
    """What became of the folders of the last files."""
    renamed: str = ""
    """Its new name: it has to wait, as the field of the name is drawn already."""

    @property
    def key(self) -> str:
        return f"teach.class.{self.number}"

    @property
    def name(self) -> str:
        return " ".join(str(self.renamed or st.session_state.get(f"{self.key}.name", "")).split())

    @property
    def unused(self) -> bool:
        """Whether it has neither images nor a name that somebody gave it."""
        return not self.images and self.name in ("", f"Class {self.number}")


def rows() -> list[Row]:
    if ROWS not in st.session_state:
        st.session_state[ROWS] = []
        for _ in range(FEWEST):
            add()
    kept: list[Row] = st.session_state[ROWS]
    return kept


def add() -> None:
    _new()


def _new(name: str = "") -> Row:
    number = st.session_state.get(NEXT, 1)
    st.session_state[NEXT] = number + 1
    row = Row(number)
    st.session_state[f"{row.key}.name"] = name or f"Class {number}"
    st.session_state[ROWS].append(row)
    return row


def untouched() -> bool:
    """Whether this session has no classes yet."""
    return ROWS not in st.session_state


def bring_back(dataset: Dataset) -> None:
    """Have the classes that were kept for a training, unless they are none of this page. Raises DatasetError."""
    images, labels = dataset.pictures()
    side, colours = images.shape[1], images.shape[3]
    if not (colours == 3 and side >= SMALLEST and FEWEST <= len(dataset.classes) <= MOST):
        return
    if np.bincount(labels).max() > MOST_IMAGES:
        return
    st.session_state[ROWS] = []
    for number, name in enumerate(dataset.classes):
        row = _new(name)
        row.images = list(images[labels == number])
        row.hashes = list(map(perceptual_hash, row.images))
        row.sides = [side // ENLARGED] * len(row.images)  # so they are kept in this size again


def names_problem() -> str:
    """What is wrong with the names; empty where nothing is."""
    names = [row.name for row in rows()]
    if not all(names):
        return "Every class needs a name."
    twice = {name for name in names if names.count(name) > 1}
    return f"Two classes are called {min(twice)}: give them different names." if twice else ""


def edit() -> None:
    """Draw all classes, two side by side."""
    every = rows()
    for row in every:
        if row.renamed:
            st.session_state[f"{row.key}.name"], row.renamed = row.renamed, ""
    for start in range(0, len(every), 2):
        for column, row in zip(st.columns(2), every[start : start + 2], strict=False):
            with column, st.container(border=True):
                _card(row, removable=len(every) > FEWEST)
    if len(every) < MOST:
        st.button("Add a class", icon=":material/add:", on_click=add, key="teach.add")
    st.caption(
        "Images stay in this session of your browser until you train; then they are kept as your uploads are."
    )


def _card(row: Row, *, removable: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("Name of the class", max_chars=MAX_CLASS_NAME, key=f"{row.key}.name", **KEEP)
        if removable:
            st.button(
                "",
                icon=":material/delete:",
                key=f"{row.key}.remove",
                help="Remove this class",
                on_click=rows().remove,
                args=(row,),
            )
    _images(row)
    if row.outcome:
        st.success(plain(row.outcome), icon=":material/check:")
    for line in row.problems[:3]:
        st.error(plain(line), icon=":material/broken_image:")
    if len(row.problems) > 3:
        st.caption(f"… and {len(row.problems) - 3} more files could not be used.")
    files = st.file_uploader(
        f"Images of {plain(row.name)}, or a zip",
        [*SUFFIXES, "zip"],
        accept_multiple_files=True,
        max_upload_size=settings().max_upload_mb,
        key=f"{row.key}.files.{row.taken}",
        label_visibility="collapsed",
    )
    if files:
        with st.spinner("Reading…"):
            take(row, [File(file.name, file.size, file.getvalue) for file in files])
        st.rerun()
    if st.toggle("Camera", key=f"{row.key}.camera"):
        pictures = burst_camera(f"{row.key}.burst", MOST_IMAGES)
        if pictures:
            take(row, [File.of(f"picture {i + 1}.jpg", data) for i, data in enumerate(pictures)])
            st.rerun()


def take(row: Row, files: list[File]) -> None:
    """Read images and zips into a class, or where they lie in several folders into one for each; what cannot be used
    is named."""
    row.taken += 1
    row.problems, row.outcome = [], ""
    try:
        upload = read_apart(files, (SIDE, SIDE, 3))
    except UploadError as error:
        row.problems = [str(error)]
        return
    row.problems = [*upload.unusable, *upload.notes]
    if folders := in_folders(upload.places):
        _sort(row, upload, folders)
    elif over := _put(row, upload, range(len(upload.pixels))):
        row.problems.append(f"A class holds {MOST_IMAGES} images: {over} were left out. Remove some first.")
    elif not upload.pixels and not row.problems:
        row.problems = ["There are no images in these files. Choose photos, or a zip of photos."]


def _put(row: Row, upload: Upload, chosen: Sequence[int]) -> int:
    """Add images of an upload as long as there is room; how many are left out."""
    fitting = chosen[: MOST_IMAGES - len(row.images)]
    row.images += [upload.pixels[i] for i in fitting]
    row.hashes += [perceptual_hash(upload.pixels[i]) for i in fitting]
    row.sides += [upload.sides[i] for i in fitting]
    return len(chosen) - len(fitting)


def _sort(card: Row, upload: Upload, folders: dict[str, list[int]]) -> None:
    """Make each folder a class of its own; the card that the files were given to says so."""
    beside = len(folders.pop("", []))
    over, made, no_room = 0, [], []
    for name, chosen in folders.items():
        if row := _class_for(name):
            over += _put(row, upload, chosen)
            made.append(row.name)
        else:
            no_room.append(name)
    if made:
        card.outcome = f"Each folder is a class: {listed(list(dict.fromkeys(made)), MOST)}."
    left_out = [
        *([f"{listed(no_room)} (at most {MOST} classes)"] if no_room else []),
        *([f"{counted(over)} (a class holds {MOST_IMAGES})"] if over else []),
        *([f"{counted(beside)} beside the folders"] if beside else []),
    ]
    if left_out:
        card.problems.insert(0, f"Left out: {', '.join(left_out)}.")


def _class_for(folder: str) -> Row | None:
    """The class of that name, a card that nobody has used yet, or a new one; None where there are too many."""
    name = " ".join(folder.split())
    every = rows()
    same = [row for row in every if row.name.casefold() == name.casefold()]
    if same:
        return next((row for row in same if row.name == name), same[0])
    if unused := next((row for row in every if row.unused), None):
        unused.renamed = name
        return unused
    return _new(name) if len(every) < MOST else None


def sized() -> list[np.ndarray]:
    """All images, in class order. Where most were small they are small again: enlarged, a backbone knows them less."""
    every = rows()
    wanted = ENLARGED * float(np.median([side for row in every for side in row.sides]))
    side = next((side for side in SIDES if side >= max(wanted, SMALLEST)), SIDE)
    images = [image for row in every for image in row.images]
    how = Image.Resampling.LANCZOS
    return [
        image if len(image) == side else np.asarray(Image.fromarray(image).resize((side, side), how))
        for image in images
    ]


def _images(row: Row) -> None:
    if not row.images:
        st.caption("No images yet.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{counted(len(row.images))}**", width="content")
        st.button("Undo last", key=f"{row.key}.undo", type="tertiary", on_click=_drop, args=(row, 1))
        st.button("Clear", key=f"{row.key}.clear", type="tertiary", on_click=_drop, args=(row, MOST_IMAGES))
    st.image(_strip(row.images[-SHOWN:]), width="stretch", alt=f"The last images of {row.name}")


def _drop(row: Row, count: int) -> None:
    """Remove the last images."""
    del row.images[-count:], row.hashes[-count:], row.sides[-count:]


def _strip(images: list[np.ndarray]) -> bytes:
    """Two rows of six small images on one sheet, as a JPEG file."""
    columns = SHOWN // 2
    sheet = Image.new("RGB", (columns * THUMB, -(-len(images) // columns) * THUMB), "white")
    for i, image in enumerate(images):
        small: Any = Image.fromarray(image).resize((THUMB - 2, THUMB - 2), Image.Resampling.BOX)
        sheet.paste(small, (i % columns * THUMB, i // columns * THUMB))
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=85)
    return file.getvalue()
