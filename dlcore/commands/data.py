"""The data sets, and making one of one's own images, table or series."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dlcore.commands.common import Mistake, Options, argument, command, show

if TYPE_CHECKING:
    from dlcore.datasets import Dataset
    from dlcore.uploads.apart import File
    from dlcore.uploads.own_file import OwnFile


@command(
    "list the data sets, or make one of your own",
    argument(
        "--pictures",
        metavar="PATH",
        nargs="+",
        help="make a data set of picture files, zips or a folder with a folder for each class",
    ),
    argument("--side", type=int, default=28, help="cut the pictures to 16, 28 or 32 pixels"),
    argument("--colour", action="store_true", help="keep their colours"),
    argument("--table", metavar="FILE", help="make a data set of a CSV file: predict one column from others"),
    argument("--target", metavar="COLUMN", default="", help="of a table: the column to predict"),
    argument("--series", metavar="FILE", help="make a data set of a CSV file: predict what comes next"),
    argument(
        "--texts",
        metavar="FILE",
        help="make a data set of a CSV file, or of a zip of folders: texts in classes",
    ),
    argument("--text", metavar="COLUMN", default="", help="of texts: their column"),
    argument("--label", metavar="COLUMN", default="", help="of texts: the column of labels"),
    argument("--predict", metavar="COLUMN", default="", help="of a series: the column to predict"),
    argument("--window", type=int, default=0, help="of a series: rows that are seen"),
    argument("--horizon", type=int, default=1, help="of a series: rows that are predicted"),
    argument(
        "--pairs", metavar="FILE", help="make a data set of two columns of a CSV or TSV file, to translate"
    ),
    argument("--columns", metavar="NAME", nargs=2, help="of --pairs: what is read, what is written"),
)
def datasets(options: Options) -> None:
    from dlcore.datasets import DATASETS

    for given, make in (
        (options.pictures, _own_images),
        (options.table, _own_table),
        (options.series, _own_series),
        (options.pairs, _own_pairs),
        (options.texts, _own_texts),
    ):
        if given:
            make(options)
            return
    for name, kind in DATASETS.items():
        about = {
            "name": name,
            "title": kind.title,
            "modality": kind.modality,
            "task": kind().task,
            "source": kind.source,
            "classes": list(kind().classes),
            "input_shape": list(kind().input_shape),
            "licence": kind.licence,
        }
        show(options, about, f"{name:14} {kind.modality:7} {kind.source:9} {kind.description}")


def _own_images(options: Options) -> None:
    from dlcore.datasets.base import DatasetError
    from dlcore.datasets.uploaded import SIDES, keep

    if options.side not in SIDES:
        raise Mistake(f"--side: expected one of {SIDES}, received {options.side}")
    try:
        kept = keep(_files([Path(path) for path in options.pictures]), options.side, options.colour)
    except OSError as error:
        raise Mistake(f"{error.filename}: {error.strerror}") from error
    except DatasetError as error:
        raise Mistake(str(error)) from error
    for line in kept.unusable + kept.notes:
        print(line, file=sys.stderr)
    recipe = {"dataset": kept.dataset.model_dump(mode="json")}
    show(options, recipe, json.dumps(recipe))


def _own_table(options: Options) -> None:
    from dlcore.datasets.own_table_plan import plan

    _show(options, options.table, lambda upload, file: plan(upload, file, options.target))


def _own_series(options: Options) -> None:
    from dlcore.datasets.own_series_plan import plan

    _show(
        options,
        options.series,
        lambda upload, file: plan(
            upload, file, options.predict, window=options.window, horizon=options.horizon
        ),
    )


def _own_pairs(options: Options) -> None:
    from dlcore.datasets.own_pairs_plan import plan

    _show(options, options.pairs, lambda upload, file: plan(upload, file, options.columns or ()))


def _own_texts(options: Options) -> None:
    from dlcore.datasets.own_texts import plan, usual_columns
    from dlcore.uploads.text_zip import keep_texts

    def make(upload: str, file: OwnFile) -> tuple[Dataset, list[str]]:
        text, label = usual_columns(file)
        return plan(upload, file, options.text or text, options.label or label)

    _show(options, options.texts, make, keep_texts)


def _show(
    options: Options,
    path: str,
    make: Callable[[str, OwnFile], tuple[Dataset, list[str]]],
    keep: Callable[[File], tuple[str, OwnFile]] | None = None,
) -> None:
    """Keep a file, a table unless ``keep`` says otherwise, say what was assumed, and print the data set's part of a recipe."""
    from pydantic import ValidationError

    from dlcore.datasets.base import DatasetError
    from dlcore.uploads.apart import File
    from dlcore.uploads.limits import UploadError
    from dlcore.uploads.own_file import keep_file

    try:
        size = Path(path).stat().st_size
        upload, file = (keep or keep_file)(File(Path(path).name, size, Path(path).read_bytes))
        dataset, notes = make(upload, file)
    except OSError as error:
        raise Mistake(f"{error.filename}: {error.strerror}") from error
    except (DatasetError, UploadError) as error:
        raise Mistake(str(error)) from error
    except ValidationError as error:
        raise Mistake(f"--{error.errors()[0]['loc'][-1]}: {error.errors()[0]['msg']}") from error
    for line in [file.assumed, *file.notes, *notes]:
        print(line, file=sys.stderr)
    recipe = {"dataset": dataset.model_dump(mode="json")}
    show(options, recipe, json.dumps(recipe))


def _files(paths: list[Path]) -> list[File]:
    """Files, and what is in folders; of several folders each keeps its own name, because it may be a class."""
    from dlcore.uploads.apart import File

    files = []
    for path in paths:
        top = path if path.is_dir() and len(paths) == 1 else path.resolve().parent
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if not file.is_dir():
                name = str((file if top is path else file.resolve()).relative_to(top))
                files.append(File(name, file.stat().st_size, file.read_bytes))
    return files
