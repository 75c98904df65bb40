"""How a pydantic field says what its slider looks like: range, step, scale, title and help.

Pages render any model from these; the command line and shared links are checked against the same ranges.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")


class Strict(BaseModel):
    """A model that refuses fields it does not know, and NaN."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)


def number(
    default: float,
    low: float,
    high: float,
    title: str,
    help: str,
    *,
    step: float = 1,
    log: bool = False,
    switch: float | None = None,
) -> Any:
    """A number in [low, high]. ``log=True`` draws a slider with equal steps per power of ten.

    ``switch``: 0 is off, and this a good value to try; see :mod:`dlcore.switches`.
    """
    extra: dict[str, Any] = {"step": step, "log": log, "switch": switch}
    return Field(default, ge=low, le=high, title=title, description=help, json_schema_extra=extra)


def choice(default: Any, title: str, help: str, *, switch: Any = None) -> Any:
    """One of the values of the field's ``Literal`` annotation, or a model; ``switch`` as of :func:`number`."""
    return Field(default, title=title, description=help, json_schema_extra={"switch": switch})


def rows(default: list[Any], low: int, high: int, title: str, help: str) -> Any:
    """A list of models, one row of widgets each; its length is a slider from low to high."""
    return Field(
        default_factory=lambda: list(default), min_length=low, max_length=high, title=title, description=help
    )


def derived(function: Callable[[Any], T]) -> T:
    """A property that takes the place of a class variable: other classes have one value, this one reads it off its fields."""
    return cast(T, property(function))
