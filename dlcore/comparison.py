"""What differs between recipes, in the words of their fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from dlcore.recipe import Recipe

LONGEST = 40
"""Characters of a value."""


def differences(recipes: list[Recipe]) -> dict[str, list[str]]:
    """For each field that is not the same in all of them, its value in each; "–" where one has no such field."""
    every = [{title: _text(value) for title, value in _said(recipe)} for recipe in recipes]
    titles = dict.fromkeys(title for said in every for title in said)
    columns = {title: [said.get(title, "–") for said in every] for title in titles}
    return {title: values for title, values in columns.items() if len({*values}) > 1}


def _said(recipe: Recipe) -> Iterator[tuple[str, Any]]:
    yield "Data set", recipe.dataset.title
    yield from _fields(recipe.dataset, "Data: ")
    yield "Task", recipe.task.title
    yield "Network", recipe.architecture.title
    yield from _fields(recipe.architecture)
    yield from _fields(recipe.training)


def _fields(model: BaseModel, before: str = "") -> Iterator[tuple[str, Any]]:
    """Titles and values of its fields, and of those of the models in it."""
    for name, field in type(model).model_fields.items():
        value, title = getattr(model, name), field.title or name
        if isinstance(value, BaseModel):
            yield from _fields(value, f"{before}{title}: ")
        elif isinstance(value, list | tuple) and any(isinstance(row, BaseModel) for row in value):
            yield f"{before}{title}", len(value)
            for i, row in enumerate(value, 1):
                yield from _fields(row, f"{before}{title} {i}: ")
        elif name not in ("kind", "name"):
            yield f"{before}{title}", value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
