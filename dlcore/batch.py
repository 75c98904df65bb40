"""A batch test: many images, the classes they are said to be, and how good a network's answers are. NumPy only."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dlcore.evaluation import confusion_matrix, of_counts
from dlcore.uploads.classes import images as of_images
from dlcore.uploads.classes import listed, named
from dlcore.uploads.listing import Listed

ANOTHER = "another class"
"""In the confusion matrix: a class that none of the images is labelled with."""
MOST_ERRORS = 24


@dataclass(frozen=True)
class Labels:
    """For each image the label it was given, and the network's class of that name ("" where there is none)."""

    given: list[str]
    classes: list[str]
    notes: list[str] = field(default_factory=list)


def labels_of(images: Sequence[Listed], classes: tuple[str, ...]) -> Labels:
    """The labels of images: the innermost folder that is called like a class, else as uploads are sorted.

    Labels that the network does not know are named in ``notes``.
    """
    known = {_plain(name): name for name in reversed(classes)}
    notes: list[str] = []
    sorted_in = named([image.place for image in images], []) if images else []
    given, meant = [], []
    for image, label in zip(images, sorted_in, strict=True):
        folders = [name for name in reversed(image.place.folders) if _plain(name) in known]
        given.append(folders[0] if folders else label)
        meant.append(known.get(_plain(given[-1]), ""))
    strange = sorted({label for label, name in zip(given, meant, strict=True) if label and not name})
    if strange:
        count = sum(bool(label) and not name for label, name in zip(given, meant, strict=True))
        notes.append(
            f"The network has no class called {listed(strange)}: {of_images(count)} left out of the accuracy."
        )
    return Labels(given, meant, notes)


def _plain(name: str) -> str:
    """A name as it is compared: ``Great_White-Shark`` is ``great white shark``."""
    return " ".join(re.split(r"[\s_-]+", name.casefold().strip()))


def report(answers: Sequence[dict[str, Any]], labels: Sequence[str]) -> dict[str, Any]:
    """How good answers are: ``{}`` where no image has a label that the network knows.

    ``answers`` have ``labels``, the most probable first. Returns ``count``, ``top1``, ``top5``, and of
    :func:`dlcore.evaluation.of_counts` over the classes that the images are labelled with the rest.
    """
    pairs = [
        (a["labels"], label) for a, label in zip(answers, labels, strict=True) if label and "labels" in a
    ]
    if not pairs:
        return {}
    names = (*sorted({label for _, label in pairs}), ANOTHER)
    index = {name: i for i, name in enumerate(names)}
    true = np.array([index[label] for _, label in pairs])
    predicted = np.array([index.get(rows[0]["label"], len(names) - 1) for rows, _ in pairs])
    if predicted.max() < len(names) - 1:
        names = names[:-1]
    result = of_counts(confusion_matrix(true, predicted, len(names)), names)
    top = [[row["label"] for row in rows[:5]] for rows, _ in pairs]
    hits = [label in rows for rows, (_, label) in zip(top, pairs, strict=True)]
    rows = [row for row in result["classes"] if row["class"] != ANOTHER]
    about = {"count": len(pairs), "top1": result["metrics"]["accuracy"], "top5": float(np.mean(hits))}
    return about | {"names": list(names), "confusion": result["confusion"], "classes": rows}


def worst(answers: Sequence[dict[str, Any]], labels: Sequence[str]) -> list[int]:
    """Places of the images that are classified wrongly, the most confident first."""
    wrong = [
        i
        for i, (answer, label) in enumerate(zip(answers, labels, strict=True))
        if label and "labels" in answer and answer["labels"][0]["label"] != label
    ]
    return sorted(wrong, key=lambda i: -answers[i]["labels"][0]["probability"])


def table(paths: Sequence[str], answers: Sequence[dict[str, Any]], labels: Labels) -> bytes:
    """All answers as CSV (UTF-8 with a mark, which Excel wants)."""
    most = max((len(answer.get("labels", ())) for answer in answers), default=0)
    out = io.StringIO()
    writer = csv.writer(out)
    numbered = [f"{word} {i + 1}" for i in range(most) for word in ("class", "probability")]
    writer.writerow(["file", "label", "correct", *numbered, "problem"])
    for path, answer, label, known in zip(paths, answers, labels.given, labels.classes, strict=True):
        rows = answer.get("labels", [])
        cells = [cell for row in rows for cell in (row["label"], row["probability"])]
        right = rows[0]["label"] == known if rows and known else ""
        empty = [""] * (2 * most - len(cells))
        line = [path, label, right, *cells, *empty, answer.get("error", "")]
        writer.writerow([_no_formula(cell) for cell in line])
    return out.getvalue().encode("utf-8-sig")


def _no_formula(cell: Any) -> Any:
    """Text that a spreadsheet would calculate, marked as text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell
