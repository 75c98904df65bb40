"""Texts of one's own in classes: a column of a CSV file beside a column of labels, or a zip with a folder a class."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from dlcore.datasets.base import DatasetError, Own
from dlcore.datasets.texts import SharedTexts
from dlcore.fields import derived
from dlcore.uploads.classes import ClassName, listed
from dlcore.uploads.limits import MAX_CLASS_NAME, MAX_CLASSES, MAX_ROWS, MIN_IN_CLASS, MIN_ROWS
from dlcore.uploads.own_file import OwnFile, open_file

STEPS = 900
"""Of a training, about: as many as the usual network needs for reviews."""
MOST_CHARACTERS = 20_000
"""Of a text: no more of it can become 512 tokens that are worth reading."""


class OwnTexts(Own, SharedTexts):
    """The recipe says which columns are read; the texts are in the artifact store."""

    name: Literal["own_texts"] = "own_texts"
    title: ClassVar[str] = "Your labelled texts"
    order: ClassVar[int] = 53
    editor: ClassVar[str] = "texts"
    to_do: ClassVar[tuple[str, str]] = (
        "No texts yet: upload a CSV file or a zip first.",
        "Choose a column with at least two labels",
    )
    description: ClassVar[str] = (
        "Texts of your own with labels of your own, from a CSV file or a zip of .txt files."
    )
    own: ClassVar[str] = "some of your texts (validation examples, and those it is most wrong about)"

    text: str = Field("", max_length=110)
    label: str = Field("", max_length=110)
    """The columns that are read."""
    classes: tuple[ClassName, ...] = Field((), max_length=MAX_CLASSES)  # type: ignore[misc]
    examples: int = Field(0, ge=0, le=MAX_ROWS)

    @derived
    def suggested_epochs(self) -> int:
        return int(np.clip(STEPS * 32 / max(1, self.training_examples), 5, 60))

    @property
    def missing(self) -> str:
        ready = self.id and self.examples and self.classes
        return "" if ready else "expected texts with labels, received none yet: upload a CSV file or a zip"

    @property
    def training_examples(self) -> int:
        held_back = (self.validation_share, self.test_share)
        return self.examples - sum(round(share * self.examples) for share in held_back)

    def all_texts(self) -> tuple[list[str], np.ndarray]:
        if not self.id:
            raise DatasetError(self.to_do[0])
        try:
            file = open_file(self.id)
            rows = labelled(file, self.text, self.label)
        except FileNotFoundError:
            raise DatasetError("These texts are not kept here, or no longer: upload them again.") from None
        place = {name: i for i, name in enumerate(self.classes)}
        chosen = [(text, place[label]) for text, label in rows if label in place]
        if len(chosen) != self.examples:
            raise DatasetError("The uploaded texts are others than the recipe says: upload them again.")
        return [text for text, _ in chosen], np.array([label for _, label in chosen])

    def code_of_all_texts(self) -> str:
        return (
            f'table = pd.read_csv("texts.csv", dtype=str, keep_default_na=False)  # your file\n'
            f"classes = {list(self.classes)}\n"
            f"table = table[table[{self.text!r}].str.strip().ne('') & table[{self.label!r}].str.strip().isin(classes)]\n"
            f"texts = table[{self.text!r}].tolist()\n"
            f"labels = [classes.index(label.strip()) for label in table[{self.label!r}]]"
        )

    @derived
    def imports(self) -> tuple[str, ...]:
        return (*super().imports, "import pandas as pd")


def labelled(file: OwnFile, text: str, label: str) -> list[tuple[str, str]]:
    """Rows that have a text and a label. Raises DatasetError where a column is not there."""
    for name in (text, label):
        if name not in file.columns:
            raise DatasetError(
                f"There is no column “{name}”: choose one of {listed(list(file.columns), 10)}."
            )
    pairs = zip(file.columns[text], file.columns[label], strict=True)
    rows = ((words.strip()[:MOST_CHARACTERS], name.strip()[:MAX_CLASS_NAME]) for words, name in pairs)
    return [(words, name) for words, name in rows if words and name]


def plan(upload: str, file: OwnFile, text: str, label: str) -> tuple[OwnTexts, list[str]]:
    """The data set of two columns, and what is to be said of it. Raises DatasetError where there is none."""
    if text == label:
        raise DatasetError("Texts and labels are the same column: choose two.")
    rows, notes = labelled(file, text, label), []
    if empty := file.rows - len(rows):
        notes.append(f"{empty:,} rows without a text or without a label are left out.")
    counts = Counter(name for _, name in rows)
    kept_classes = sorted(name for name, count in counts.items() if count >= MIN_IN_CLASS)
    few = sorted(counts.keys() - set(kept_classes))
    if len(kept_classes) > MAX_CLASSES:
        raise DatasetError(
            f"“{label}” has {len(kept_classes):,} different labels, and at most {MAX_CLASSES} are told apart: "
            "choose another column."
        )
    if len(kept_classes) < 2:
        raise DatasetError(
            f"“{label}” has {len(counts):,} different labels, and {len(kept_classes)} of them at least {MIN_IN_CLASS} "
            "texts; two are needed. Choose another column, or add texts."
        )
    if few:
        left_out = listed([f"{name} ({counts[name]})" for name in few])
        notes.append(f"Left out: {len(few)} labels with fewer than {MIN_IN_CLASS} texts each: {left_out}.")
    examples = sum(counts[name] for name in kept_classes)
    if examples < MIN_ROWS:
        raise DatasetError(
            f"There are {examples} texts with a label, and at least {MIN_ROWS} are needed: add some."
        )
    dataset = OwnTexts(id=upload, text=text, label=label, classes=tuple(kept_classes), examples=examples)
    return dataset, notes


def usual_columns(file: OwnFile) -> tuple[str, str]:
    """The columns that look like texts and like labels: the wordiest, and of the others the one with the fewest values
    of which there are at least two. Raises DatasetError where there is only one column."""
    sizes = {name: sum(map(len, cells)) for name, cells in file.columns.items()}
    text = max(sizes, key=sizes.__getitem__)
    others = {
        name: len({cell.strip() for cell in cells}) for name, cells in file.columns.items() if name != text
    }
    if not others:
        raise DatasetError("The file has one column, and two are needed: a text and a label in each row.")
    useful = {name: count for name, count in others.items() if count > 1} or others
    return text, min(useful, key=useful.__getitem__)
