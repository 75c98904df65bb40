"""What is wrong with a recipe: the field, what was expected and what was received, a line each."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

MOST_NAMES = 20
"""Names of data sets or families listed where another was given."""
MOST_PROBLEMS = 10
"""Problems named in one message."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a recipe: ``field`` is a path such as ``architecture.hidden.0.units``."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message


class RecipeError(ValueError):
    """A recipe that cannot be run."""

    def __init__(self, problems: list[Fault]):
        self.problems = problems
        lines = [str(problem) for problem in problems[:MOST_PROBLEMS]]
        if len(problems) > MOST_PROBLEMS:
            lines.append(f"and {len(problems) - MOST_PROBLEMS:,} more problems")
        super().__init__("; ".join(lines))


def fault_of(error: Any) -> Fault:
    """One line from one of pydantic's errors, in our words: expected …, received …"""
    path = [_named(part) for part in error["loc"]]
    # pydantic puts the discriminator's value into the path of a union: not a field of the recipe.
    if len(path) > 1 and path[0] in ("dataset", "architecture"):
        del path[1]
        if len(path) > 3 and path[1] == "layers":
            del path[3]
    field, kind, context = ".".join(path), error["type"], error.get("ctx", {})
    received = short(error["input"])
    if kind == "extra_forbidden":
        return Fault(field, f"expected no field of this name, received {received}")
    if kind == "union_tag_invalid":
        key = context["discriminator"].strip("'")
        known = _nearest(str(context["tag"]), context["expected_tags"].split(", "))
        return Fault(f"{field}.{key}", f"expected one of {known}, received {short(context['tag'])}")
    if kind == "union_tag_not_found":
        key = context["discriminator"].strip("'")
        return Fault(f"{field}.{key}", f"expected this field, received {received}")
    words = error["msg"].replace("Input should be", "").replace("Value error,", "").strip()
    words = words[0].lower() + words[1:] if words else "another value"
    return Fault(field, f"expected {words}, received {received}")


def _nearest(name: str, known: list[str]) -> str:
    """Names that are known, those first that are like the one received; of many not all."""
    like = get_close_matches(repr(name[:40]), known, 3, 0.5)
    names = [*like, *(other for other in known if other not in like)]
    rest = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + rest


def _named(part: Any) -> str:
    """A field's name as it was given, or shortened where it is none."""
    name = str(part)
    return name if len(name) <= 40 and name.isprintable() else short(name[:40])


def short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
