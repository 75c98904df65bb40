"""A recipe: data set, architecture, training settings and a seed. It says all there is to a run.

It is validated once, here: what a page, a link or the command line hands in either becomes a `Recipe`
or a `RecipeError` whose problems name the field, what was expected and what was received.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError, field_validator

from dlcore.architectures import ARCHITECTURES, AnyArchitecture
from dlcore.architectures.mlp import MLP
from dlcore.datasets import DATASETS, AnyDataset
from dlcore.datasets.points import Spiral
from dlcore.fields import Strict, choice, number
from dlcore.network import Network, NetworkError
from dlcore.problem import Problem
from dlcore.settings import Settings, settings
from dlcore.tasks import TASKS, Task

if TYPE_CHECKING:
    import keras

MAX_LINK = 40_000
"""Characters of a link, and bytes it may unpack to times ten: a short text can hold a huge one."""

MOST_NAMES = 20
"""Names of data sets or families listed where another was given."""
MOST_PROBLEMS = 10
"""Problems named in one message."""


class Augmentation(Strict):
    """Random changes to training images, so that the network sees each one anew every epoch."""

    flip: bool = choice(False, "Mirror", "Left and right may be swapped. Not for digits.")
    rotation: float = number(0, 0, 45, "Rotation", "Turned by up to this angle, in degrees.", step=1)
    shift: float = number(0, 0, 0.4, "Shift", "Moved by up to this share of the side.", step=0.02)
    zoom: float = number(0, 0, 0.4, "Zoom", "Grown or shrunk by up to this share.", step=0.02)
    noise: float = number(0, 0, 0.4, "Noise", "Standard deviation of added noise.", step=0.02)

    @property
    def active(self) -> bool:
        return self != Augmentation()


class Training(Strict):
    """How the network learns."""

    optimizer: Literal["sgd", "momentum", "rmsprop", "adam", "adamw"] = choice(
        "adam", "Optimiser", "The rule that turns gradients into steps."
    )
    learning_rate: float = number(
        0.001, 1e-5, 1, "Learning rate", "Length of a step. Too long: it jumps about.", log=True
    )
    schedule: Literal["constant", "cosine", "reduce on plateau"] = choice(
        "constant", "Schedule", "How the learning rate changes over the training."
    )
    batch_size: int = number(
        32, 1, 1024, "Batch size", "Examples looked at before each step.", step=1, log=True
    )
    epochs: int = number(60, 1, 500, "Epochs", "How often all the training data is seen.", step=1)
    early_stopping: bool = choice(
        False, "Early stopping", "Stop when the validation loss no longer falls; keep the best.", switch=True
    )
    patience: int = number(5, 1, 50, "Patience", "Epochs to wait for an improvement.", step=1)
    augmentation: Augmentation = choice(
        Augmentation(),
        "Augmentation",
        "Training images are turned, shifted and zoomed a little, anew every epoch.",
        switch=Augmentation(rotation=10, shift=0.1, zoom=0.1).model_dump(),
    )
    seed: int = number(1, 0, 2**31 - 1, "Seed", "The same seed gives the same run.", step=1)


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


class Recipe(Strict):
    """Use :meth:`parse` for anything that comes from outside."""

    dataset: AnyDataset = Spiral()
    architecture: AnyArchitecture = MLP()
    training: Training = Training()

    @field_validator("dataset", mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @cached_property
    def parts(self) -> dict[str, Network]:
        return self.architecture.parts(self.problem)

    @property
    def network(self) -> Network:
        """The one part of a classifier."""
        return self.parts["network"]

    def describe(self) -> dict[str, Any]:
        """What :meth:`Network.describe` says; of more parts than one their sum, and each in ``parts``."""
        described = {name: part.describe() for name, part in self.parts.items()}
        if len(described) == 1:
            return next(iter(described.values()))
        each = list(described.values())
        memory = {kind: sum(part["memory"][kind] for part in each) for kind in ("weights", "activations")}
        return {
            "parameters": sum(part["parameters"] for part in each),
            "flops": sum(part["flops"] for part in each),
            "memory": memory,
            "input_shape": list(self.dataset.input_shape),
            "layers": [
                row | {"name": f"{name}/{row['name']}"}
                for name, part in described.items()
                for row in part["layers"]
            ],
            "parts": described,
        }

    def build(self, precision: str = "float32") -> keras.Model:
        """The Keras model with the weights that the seed decides, not compiled."""
        return self.architecture.build(self.problem, self.training.seed, precision)

    @property
    def epochs(self) -> int:
        """Those of all its phases."""
        tuning = self.architecture.tuning
        return self.training.epochs + (tuning.epochs if tuning else 0)

    @property
    def task(self) -> Task:
        """What the network learns to do: what the architecture is for, else what the data set is for."""
        return TASKS[self.architecture.task or self.dataset.task]

    @property
    def problem(self) -> Problem:
        return self.task.problem(self.dataset)

    @property
    def generative(self) -> bool:
        """Whether it learns to make examples, rather than to answer a question about them."""
        return self.task.generative

    @property
    def classifies(self) -> bool:
        """Whether it names the class of an example."""
        return self.task.classifies

    @property
    def on_texts(self) -> str:
        """What its network does on the Text page; empty: nothing."""
        use = self.task.on_texts
        return use if use and self.problem.vocabulary else ""

    @property
    def conditional(self) -> bool:
        """Whether a generative model is class-conditional."""
        return bool(getattr(self.architecture, "conditional", False))

    @property
    def hash(self) -> str:
        """Twelve characters that name this recipe, whatever order its fields came in."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @classmethod
    def parse(cls, data: Any, limits: Settings | None = None) -> Recipe:
        """A valid recipe from JSON data. Raises RecipeError with every problem found."""
        if not isinstance(data, dict):
            raise RecipeError([Fault("recipe", f"expected a JSON object, received {_short(data)}")])
        recipe = cls._validated(_with_defaults(data))
        problems = list(recipe.problems(limits or settings()))
        if problems:
            raise RecipeError(problems)
        return recipe

    @classmethod
    def stored(cls, data: Any) -> Recipe:
        """A recipe that was written whole, whatever the limits are today.

        Raises RecipeError where it is damaged, or of a version that had other fields.
        """
        whole = cls.model_fields.keys()
        if not isinstance(data, dict) or not whole <= data.keys():
            raise RecipeError([Fault("recipe", f"expected {', '.join(whole)}, received {_short(data)}")])
        return cls._validated(data)

    @classmethod
    def _validated(cls, data: dict[str, Any]) -> Recipe:
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise RecipeError([_problem(entry) for entry in error.errors()]) from error

    def problems(self, limits: Settings) -> list[Fault]:
        """What a valid recipe may still not do: stack impossible layers or exceed the limits."""
        if self.dataset.missing:
            return [Fault("dataset", self.dataset.missing)]
        if unfit := self.dataset.unfit():
            return [Fault(f"dataset.{field}", why) for field, why in unfit]
        if wanted := self.architecture.lacks(self.problem):
            return [Fault("architecture", self._unsuited(wanted))]
        try:
            parameters = sum(row.parameters for part in self.parts.values() for row in part.rows())
        except NetworkError as error:
            return [Fault(f"architecture{self.architecture.place(error.index)}", str(error))]
        problems = []
        if refused := self.task.refuses(self.dataset):
            problems.append(Fault("dataset", refused))
        own = parameters - self.architecture.lent(self.problem)
        if own > limits.max_parameters:
            most = f"expected at most {limits.max_parameters:,} parameters, received {own:,}"
            problems.append(Fault("architecture", most))
        if self.training.epochs > limits.max_epochs:
            most = f"expected at most {limits.max_epochs}, received {self.training.epochs}"
            problems.append(Fault("training.epochs", most))
        problems += [
            Fault(f"architecture.{field}", why) for field, why in self.architecture.unfit(self.problem)
        ]
        problems += [Fault(f"training.{field}", why) for field, why in self.architecture.rules(self.training)]
        if self.training.augmentation.active and (why := self._no_augmentation()):
            received = self.training.augmentation.model_dump(exclude_defaults=True)
            problems.append(
                Fault("training.augmentation", f"expected none, because {why}; received {received}")
            )
        return problems

    def _no_augmentation(self) -> str:
        """Why examples may not be changed while they are learned; empty where they may."""
        if not self.task.augments:
            return "what it makes would be turned and shifted too"
        return "" if self.dataset.augmentable else f"{self.dataset.name} has no pictures"

    def _unsuited(self, wanted: str) -> str:
        """Why this family cannot take this data, and which one can."""
        others = (
            kind
            for kind, architecture in ARCHITECTURES.items()
            if architecture.task == self.architecture.task
        )
        suited = (kind for kind in others if not ARCHITECTURES[kind].usual().lacks(self.problem))
        other = next(suited, self.dataset.usual_architecture)
        received = f"{self.dataset.name} ({self.dataset.modality})"
        return f"{self.architecture.kind} expected {wanted}, received {received}; use {other}"

    def link(self) -> str:
        """The recipe as text that fits in an address: JSON, deflated, base64 without padding.

        Every value is written, the usual ones too, so a link outlives a change of defaults.
        """
        text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")

    @classmethod
    def from_link(cls, text: str, limits: Settings | None = None) -> Recipe:
        """The recipe in a link. Raises RecipeError if it is broken or not valid."""
        try:
            if len(text) > MAX_LINK:
                raise ValueError("too long")
            packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            unpacker = zlib.decompressobj()
            data = json.loads(unpacker.decompress(packed, 10 * MAX_LINK))
        except (ValueError, RecursionError, zlib.error):
            raise RecipeError(
                [Fault("link", f"expected a link made by this app, received {_short(text)}")]
            ) from None
        return cls.parse(data, limits)


def _with_defaults(data: dict[str, Any]) -> dict[str, Any]:
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


def _problem(error: Any) -> Fault:
    """One line from one of pydantic's errors, in our words: expected …, received …"""
    path = [_named(part) for part in error["loc"]]
    # pydantic puts the discriminator's value into the path of a union: not a field of the recipe.
    if len(path) > 1 and path[0] in ("dataset", "architecture"):
        del path[1]
        if len(path) > 3 and path[1] == "layers":
            del path[3]
    field, kind, context = ".".join(path), error["type"], error.get("ctx", {})
    received = _short(error["input"])
    if kind == "extra_forbidden":
        return Fault(field, f"expected no field of this name, received {received}")
    if kind == "union_tag_invalid":
        key = context["discriminator"].strip("'")
        known = _nearest(str(context["tag"]), context["expected_tags"].split(", "))
        return Fault(f"{field}.{key}", f"expected one of {known}, received {_short(context['tag'])}")
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
    return name if len(name) <= 40 and name.isprintable() else _short(name[:40])


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
