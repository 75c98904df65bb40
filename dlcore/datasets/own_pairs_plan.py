"""From an uploaded table to pairs: which columns, what was left out, and why it cannot be used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore.datasets.base import DatasetError
from dlcore.datasets.own_columns import cells
from dlcore.datasets.own_pairs import MIN_PAIRS, OwnPairs, clean
from dlcore.uploads.own_file import OwnFile


def plan(upload: str, file: OwnFile, columns: Sequence[str] = ()) -> tuple[OwnPairs, list[str]]:
    """The data set of two columns (the first two where none are named), and what was left out in a line each.

    Raises DatasetError, in one line, where no network can learn from it.
    """
    if len(file.columns) < 2:
        raise DatasetError(
            f"Pairs need two columns, and the file has one, “{next(iter(file.columns))}”: separate them by a tab or a comma."
        )
    source, target = columns or list(file.columns)[:2]
    if source == target:
        raise DatasetError(f"Both columns are “{source}”: choose another for what is to be written.")
    pairs = clean(cells(file, source), cells(file, target))
    if len(pairs) < MIN_PAIRS:
        raise DatasetError(f"There are {len(pairs)} different pairs, and {MIN_PAIRS} are needed at least.")
    notes = []
    if left_out := file.rows - len(pairs):
        notes.append(f"Left out: {left_out:,} rows that are there twice or lack a text.")
    several = len(pairs) - len({one for one, _ in pairs})
    if several:
        notes.append(
            f"{several:,} pairs have a source that occurs before: all of a source are in the same part."
        )
    lengths = [suited(texts) for texts in zip(*pairs, strict=True)]
    return (
        OwnPairs(
            id=upload,
            columns=(source, target),
            examples=len(pairs),
            source_length=lengths[0],
            target_length=lengths[1],
            delimiter=file.delimiter,
            encoding=file.encoding,
            header=file.header,
        ),
        notes,
    )


def suited(texts: Sequence[str]) -> int:
    """A length in byte pairs that most texts fit in."""
    words = np.quantile([len(text) / 3 for text in texts], 0.97)
    return int(np.clip(2 * round(words / 2) + 2, 8, 64))
