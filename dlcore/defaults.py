"""What a recipe means where it says nothing."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from dlcore.architectures import ARCHITECTURES
from dlcore.architectures.mlp import MLP
from dlcore.datasets import DATASETS
from dlcore.datasets.points import Spiral


def with_defaults(data: dict[str, Any]) -> dict[str, Any]:
    """What suits data set and network, where the recipe says nothing."""
    dataset = data.get("dataset", Spiral().name)
    name = dataset.get("name") if isinstance(dataset, dict) else dataset
    known = DATASETS.get(name) if isinstance(name, str) else None
    if known is None:
        return data
    complete = dict(data)
    complete.setdefault("architecture", {"kind": known.usual_architecture})
    training, architecture = complete.get("training", {}), complete.get("architecture")
    kind = architecture.get("kind") if isinstance(architecture, dict) else None
    chosen = ARCHITECTURES.get(kind, MLP) if isinstance(kind, str) else MLP
    given = dataset if isinstance(dataset, dict) else {"name": dataset}
    complete["dataset"] = chosen.suggested_data(known) | given
    if isinstance(training, dict):
        try:
            source = known.model_validate(complete["dataset"])
        except ValidationError:  # what is wrong with it is said when the recipe is validated
            source = known()
        complete["training"] = chosen.suggested(source) | training
    return complete
