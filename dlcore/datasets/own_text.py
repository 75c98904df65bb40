"""A text of a visitor's own, to be continued: all that describes it is in the recipe, the text in the artifact store."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from dlcore.datasets.base import DatasetError, Own, Progress
from dlcore.datasets.writings import Writing
from dlcore.fields import derived
from dlcore.settings import settings
from dlcore.uploads import kept
from dlcore.uploads.apart import File
from dlcore.uploads.text_table import TableError, decoded

LEAST, MOST = 2_000, 2_000_000
"""Characters of a text."""
PAIRED = 8
"""Characters of a token of byte pairs, at most about: so long parts have to be to hold a window."""
STEPS = 1500
"""Of a training, about: two minutes of the usual network."""


class OwnText(Own, Writing):
    name: Literal["own_text"] = "own_text"
    title: ClassVar[str] = "Your text"
    order: ClassVar[int] = 57
    editor: ClassVar[str] = "text"
    description: ClassVar[str] = (
        "A text file of your own, to be continued: a book, poems, songs, recipes, code."
    )
    own: ClassVar[str] = "what the network writes, and the first lines of the validation part of your text"

    size: int = Field(0, ge=0, le=MOST)  # type: ignore[misc]
    alphabet: int = Field(0, ge=0, le=20_000)  # type: ignore[misc]

    @derived
    def suggested_epochs(self) -> int:
        return int(np.clip(STEPS * 16 / self.training_examples, 1, 60))

    @derived
    def to_do(self) -> tuple[str, str]:
        said = f"This text is too short for these settings: {self.missing}." if self.id else ""
        return said or "No text yet: upload one first.", "Upload a longer text"

    @property
    def missing(self) -> str:
        if not self.id or self.size < LEAST:
            return "expected a text, received none yet: upload one"
        first, second = self.cuts
        needed = (self.length + 1) * {"characters": 1, "BPE": PAIRED}[self.tokens]
        held = min(second - first, self.size - second)
        if held < needed:
            return (
                f"expected validation and test parts of at least {needed:,} characters for a context of {self.length}, "
                f"received {held:,}: take a smaller context, larger parts or a longer text"
            )
        return ""

    def text(self, report: Progress | None = None) -> str:
        try:
            text = kept.read(_name(self.id)).decode()
        except FileNotFoundError:
            raise DatasetError("This text is not kept here, or no longer: upload it again.") from None
        if (len(text), len({*text})) != (self.size, self.alphabet):
            raise DatasetError("The uploaded text is another than the recipe says: upload it again.")
        return text

    def code_of_text(self) -> str:
        return 'text = open("text.txt", encoding="utf-8").read()  # put your text here'


def keep_text(file: File) -> tuple[OwnText, list[str]]:
    """Read a text file in whatever encoding, and keep it; notes say what was not taken as it is.

    The same text gives the same data set, so nothing is kept twice. Raises DatasetError where it is no text, or too
    short or too large.
    """
    most = settings().max_upload_mb
    if file.size > most * 2**20:
        raise DatasetError(
            f"{file.name} has {file.size / 2**20:,.0f} MB, and at most {most} MB are read: take a part."
        )
    try:
        text, _, note = decoded(file.read())
    except TableError as error:
        raise DatasetError(f"{file.name}: {error}") from error
    text = "\n".join(line.rstrip() for line in text.split("\n")).strip() + "\n"
    if len(text) < LEAST:
        raise DatasetError(
            f"{file.name} has {len(text) - 1:,} characters, and at least {LEAST:,} are needed to learn from: add more text."
        )
    notes = [note] if note else []
    if len(text) > MOST:
        notes.append(f"The first {MOST:,} of its {len(text):,} characters are taken.")
        text = text[:MOST]
    data = text.encode()
    upload = kept.identity(data)
    kept.write(_name(upload), data)
    return OwnText(id=upload, size=len(text), alphabet=len({*text})), notes


def _name(upload: str) -> str:
    return f"{upload}.txt"
