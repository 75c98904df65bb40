"""The sixteen samples a page shows before the engine is there: those of a shipped model with the usual options.

They lie beside the model's weights as ``first.png``, pixel for pixel, and are made from them by
``python -m dlcore.generative.first_samples NAME``. Reading them needs no framework.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dlcore import models
from dlcore.charts.contact_sheet import tile
from dlcore.generative.draws import classes_in_turn
from dlcore.models import ModelInfo

FILE = "first.png"
COUNT, COLUMNS = 16, 4
POINTS = 300


def first_options(info: ModelInfo) -> dict[str, Any]:
    """What :func:`dlcore.generative.samples.sample` is given at first: what the model's card advises,
    and what is usual."""
    count = COUNT if info.recipe.dataset.images else POINTS
    options: dict[str, Any] = {"count": count, "seed": 0, "label": None, "truncation": 1.0}
    return options | info.recipe.architecture.sampling() | info.card.get("sampling", {})


def first_samples(info: ModelInfo, options: dict[str, Any]) -> dict[str, Any] | None:
    """``samples`` and ``labels`` as the job gives them; None for other options, or where there is no file."""
    file = models.ZOO / info.name / FILE
    if info.source != "shipped" or options != first_options(info) or not file.exists():
        return None
    height, width, channels = info.recipe.dataset.input_shape
    with Image.open(file) as image:
        sheet = np.asarray(image).reshape(image.height, image.width, channels)
    cells = [
        sheet[top : top + height, left : left + width]
        for top in range(0, sheet.shape[0], height + 1)
        for left in range(0, sheet.shape[1], width + 1)
    ]
    labels = classes_in_turn(info.recipe, COUNT, options["label"])
    return {"samples": np.stack(cells[:COUNT]), "labels": None if labels is None else labels.tolist()}


def write(name: str) -> Path:
    """Make the file from the model."""
    from dlcore.generative.samples import sample
    from dlcore.runs.store import open_store

    samples = sample(name, **first_options(models.find(open_store(), name)))["samples"]
    sheet = tile(samples, COLUMNS)
    image = Image.fromarray(sheet[..., 0] if sheet.shape[-1] == 1 else sheet)
    file = models.ZOO / name / FILE
    image.save(file, optimize=True)
    return file


if __name__ == "__main__":
    for chosen in sys.argv[1:]:
        print(write(chosen))
