"""The translation a page shows before the engine is there: that of a shipped network's first example.

It lies beside the network's weights and is made from them by ``python -m dlcore.language.first_translation``; a test
compares the two. Reading it needs no framework.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from dlcore.models import ZOO, ModelInfo, shipped

NAME = "first.json"


def first_translation(info: ModelInfo, text: str, beams: int) -> dict[str, Any] | None:
    """What :func:`dlcore.language.translation.translated` gives for the first example; None for another text."""
    file = ZOO / info.name / NAME
    if info.source != "shipped" or beams != 1 or text != first_text(info) or not file.exists():
        return None
    return _read(file)


def first_text(info: ModelInfo) -> str:
    """The text that the page begins with."""
    examples = info.card.get("examples") or info.recipe.dataset.try_it
    return str(examples[0])


@lru_cache(maxsize=4)
def _read(file: Path) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return answer


if __name__ == "__main__":
    from dlcore.language.translation import translated
    from dlcore.runs.store import open_store

    for model in shipped():
        if model.recipe.on_texts == "translation":
            answer = translated(open_store(), model, first_text(model))
            (ZOO / model.name / NAME).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
            print(model.name, answer["texts"][0]["text"])
