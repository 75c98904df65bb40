"""Every architecture on every data set that suits it, as small as its fields allow: found, not listed."""

from __future__ import annotations

from itertools import product
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from dlcore.architectures import ARCHITECTURES
from dlcore.datasets import DATASETS
from dlcore.recipe import Recipe
from dlcore.tasks import TASKS

SMALL = 4
STEPS = 2
"""Of an epoch, about."""
LARGEST = 32
"""Of a batch."""


def small(model: type[BaseModel]) -> dict[str, Any]:
    """Values for a model's fields: whole numbers at most 4 where that is allowed, lists as short as may be.

    Without dropout, which an exported script draws from another generator.
    """
    values = {name: _small(field) for name, field in model.model_fields.items()}
    values = {name: value for name, value in values.items() if value is not None}
    return values | ({"dropout": 0} if "dropout" in model.model_fields else {})


def _small(field: FieldInfo) -> Any:
    bounds = {
        key: getattr(bound, key)
        for bound in field.metadata
        for key in ("ge", "min_length")
        if hasattr(bound, key)
    }
    if field.annotation is int and "ge" in bounds:
        return max(bounds["ge"], min(field.default, SMALL))
    if get_origin(field.annotation) is list:
        (row,) = get_args(field.annotation)
        if isinstance(row, type) and issubclass(row, BaseModel):
            return [small(row)] * bounds.get("min_length", 0)
    return None


def recipe(dataset: str, kind: str) -> Recipe:
    """One epoch of a few batches."""
    data = {"name": dataset} | small(DATASETS[dataset])
    examples = DATASETS[dataset].model_validate(data).training_examples
    training = {"epochs": 1, "batch_size": max(1, min(LARGEST, examples // STEPS)), "learning_rate": 0.01}
    architecture = {"kind": kind} | small(ARCHITECTURES[kind])
    return Recipe.parse({"dataset": data, "architecture": architecture, "training": training})


def suits(dataset: str, kind: str) -> bool:
    data, architecture = DATASETS[dataset](), ARCHITECTURES[kind]()
    task = TASKS[architecture.task or data.task]
    return not (data.missing or architecture.lacks(task.problem(data)) or task.refuses(data))


PAIRS = [pair for pair in product(DATASETS, ARCHITECTURES) if suits(*pair)]
ALL = {f"{dataset}-{kind}": recipe(dataset, kind) for dataset, kind in PAIRS}
"""Every pair that suits; those of data that is downloaded among them."""


EMBEDDED = {name: case for name, case in ALL.items() if case.dataset.source == "embedded"}


def _families() -> dict[str, Recipe]:
    """Every architecture on one data set of each shape and task."""
    chosen: dict[Any, str] = {}
    for name, case in EMBEDDED.items():
        shape = len(case.problem.input_shape)
        chosen.setdefault((case.architecture.kind, case.task.name, shape), name)
    return {name: ALL[name] for name in chosen.values()}


FAMILIES = _families()
DATA = {
    name: case
    for name, case in EMBEDDED.items()
    if case.architecture.kind == case.dataset.usual_architecture and name not in FAMILIES
}
"""Every other data set with its usual architecture."""
TRAINED = FAMILIES | DATA
