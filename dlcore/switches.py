"""What can be switched on or off in a recipe to see what it changes: the data, the seed and the rest stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dlcore.recipe import Recipe, RecipeError


@dataclass(frozen=True)
class Switch:
    """A field whose ``switch`` says a value to try; off, it has the value that stands for nothing: 0, False, none.

    Attributes:
        part: ``architecture`` or ``training``.
        field: Its name there.
        title: What people call it.
        help: What it does.
        on: Whether the recipe has it.
        value: What it has, or would have.
    """

    part: str
    field: str
    title: str
    help: str
    on: bool
    value: Any

    @property
    def key(self) -> str:
        return f"{self.part}.{self.field}"

    @property
    def label(self) -> str:
        """Its title, with the value where that is a number."""
        number = isinstance(self.value, float)
        return f"{self.title} {self.value:g}" if number else self.title


def switches(recipe: Recipe) -> list[Switch]:
    """Those that this recipe can be trained with, and without."""
    found = []
    for part in ("architecture", "training"):
        model = getattr(recipe, part)
        for name, field in type(model).model_fields.items():
            extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            value = extra.get("switch")
            if value is None:
                continue
            kept = model.model_dump(mode="json")[name]
            on = kept != _off(recipe, part, name, value)
            switch = Switch(
                part, name, field.title or name, field.description or "", on, kept if on else value
            )
            try:
                switched(recipe, [switch], {switch.key: not on})
            except RecipeError:
                continue
            found.append(switch)
    return found


def switched(recipe: Recipe, known: list[Switch], chosen: dict[str, bool]) -> Recipe:
    """The recipe with switches set; those that ``chosen`` does not name stay. Raises RecipeError."""
    data = recipe.model_dump(mode="json")
    for switch in known:
        on = chosen.get(switch.key, switch.on)
        if on != switch.on:
            off = _off(recipe, switch.part, switch.field, switch.value)
            data[switch.part][switch.field] = switch.value if on else off
    return Recipe.parse(data)


def _off(recipe: Recipe, part: str, field: str, value: Any) -> Any:
    """What stands for nothing: of a model its fields as they are at first."""
    if not isinstance(value, dict):
        return type(value)()
    return type(getattr(getattr(recipe, part), field))().model_dump(mode="json")


def changed(known: list[Switch], chosen: dict[str, bool]) -> str:
    """In words what is switched, such as "+ Dropout 0.3 − L2 0.001"; empty if nothing is."""
    flipped = [switch for switch in known if chosen.get(switch.key, switch.on) != switch.on]
    return " ".join(f"{'−' if switch.on else '+'} {switch.label}" for switch in flipped)
