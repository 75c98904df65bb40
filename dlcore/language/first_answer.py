"""The answer a page shows before the engine is there: that of a shipped network on the first sentence.

It lies beside the network's weights and is made from them by ``python -m dlcore.language.first_answer``;
a test compares the two. Reading it needs no framework.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

TEXT = "A gorgeous, witty film, and the ending is not bad at all."
NAME = "first.json"


def first_answer(folder: Path | None, text: str) -> dict[str, Any] | None:
    """What :func:`dlcore.language.sentiment.explain` says of the first sentence; None for another text."""
    if folder is None or text != TEXT or not (folder / NAME).exists():
        return None
    return _read(folder / NAME)


@lru_cache(maxsize=2)
def _read(file: Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return answer


def write(folder: Path) -> Path:
    """Make the file from the network."""
    from dlcore.language.sentiment import explain

    answer = explain(folder, TEXT)
    weights = np.round(answer["attention"]["weights"].astype("float64"), 4)
    answer["attention"]["weights"] = weights.tolist()
    (folder / NAME).write_text(json.dumps(answer), encoding="utf-8")
    return folder / NAME


if __name__ == "__main__":
    from dlcore.language.catalog import shipped

    for model in shipped():
        if model.task == "sentiment" and model.folder:
            print(write(model.folder))
