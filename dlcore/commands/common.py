"""What all commands share: reading a recipe, a user's mistake, printing."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcore.recipe import Recipe, RecipeError

Options = argparse.Namespace
Argument = tuple[tuple[str, ...], dict[str, Any]]
"""What ``ArgumentParser.add_argument`` takes."""


def argument(*names: str, **options: Any) -> Argument:
    return names, options


MODEL = "a shipped model, a run's id or name"
RECIPE = argument("recipe", help="a recipe's JSON file, - for standard input")
JSON = argument("--json", action="store_true", help="print JSON")


@dataclass(frozen=True)
class Command:
    """What a function does on the command line, under its name; it returns the exit status or nothing."""

    action: Callable[[Options], int | None]
    help: str
    arguments: tuple[Argument, ...]


def command(
    help: str, *arguments: Argument, json: bool = True
) -> Callable[[Callable[[Options], int | None]], Command]:
    """Make a function a command that is given these arguments, and ``--json`` too."""
    return lambda action: Command(action, help, (JSON, *arguments) if json else arguments)


class Mistake(Exception):
    """Something the user can put right; one line, exit status 2."""


def read_recipe(path: str) -> Recipe:
    """The parsed recipe of a file or of standard input. Raises Mistake."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return Recipe.parse(
            json.loads(data)
        )  # as bytes: it knows UTF-8, -16 and -32, with and without a mark
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from error
    except RecursionError as error:
        raise Mistake(f"{path}: expected a recipe, received JSON nested too deeply") from error
    except ValueError as error:
        if isinstance(error, RecipeError):
            raise Mistake(f"{path}: {error}") from error
        raise Mistake(f"{path}: expected JSON, {error}") from error


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Nothing is written to standard error: libraries in C say there what is of no use to a user."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)


def quiet_jobs() -> Any:
    """:mod:`dlcore.jobs`, without what TensorFlow's libraries write while they are loaded."""
    with quiet_libraries():
        from dlcore import jobs
    return jobs


def show(options: Options, value: Any, text: str) -> None:
    """One result: as JSON on one line, or as text."""
    print(json.dumps(value) if options.json else text, flush=True)


def metric(metrics: dict[str, float]) -> str:
    """The most important metric in a few characters: accuracy, or the first there is."""
    if "accuracy" in metrics:
        return f"{metrics['accuracy']:.2%}"
    return next((f"{name} {value:.4g}" for name, value in metrics.items()), "")
