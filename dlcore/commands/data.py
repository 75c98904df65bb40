"""The data sets, and making one of one's own pictures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dlcore.commands.common import Mistake, Options, show


def datasets(options: Options) -> None:
    from dlcore.datasets import DATASETS

    if options.pictures:
        _own_pictures(options)
        return
    for name, kind in DATASETS.items():
        about = {
            "name": name,
            "title": kind.title,
            "modality": kind.modality,
            "task": kind.task,
            "source": kind.source,
            "classes": list(kind().classes),
            "input_shape": list(kind().input_shape),
            "licence": kind.licence,
        }
        show(options, about, f"{name:14} {kind.modality:7} {kind.source:9} {kind.description}")


def _own_pictures(options: Options) -> None:
    from dlcore.datasets.base import DatasetError
    from dlcore.datasets.uploaded import SIDES, keep, unpacked

    if options.side not in SIDES:
        raise Mistake(f"--side: expected one of {SIDES}, received {options.side}")
    paths: list[tuple[str, Path]] = []
    for path in map(Path, options.pictures):
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        top = path if path.is_dir() else path.parent
        paths += [(str(found.relative_to(top)), found) for found in inside if not found.is_dir()]
    try:
        files = unpacked([(name, path.read_bytes()) for name, path in paths])
        dataset, skipped = keep(files, options.side, options.colour)
    except OSError as error:
        raise Mistake(f"{error.filename}: {error.strerror}") from error
    except DatasetError as error:
        raise Mistake(str(error)) from error
    for line in skipped:
        print(line, file=sys.stderr)
    recipe = {"dataset": dataset.model_dump(mode="json")}
    show(options, recipe, json.dumps(recipe))
