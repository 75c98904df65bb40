"""A recipe: data set, architecture, training settings and a seed. It says all there is to a run.

It is validated once, here: what a page, a link or the command line hands in either becomes a `Recipe`
or a `RecipeError` whose problems name the field, what was expected and what was received.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError, field_validator

from dlcore.architectures import ARCHITECTURES, AnyArchitecture
from dlcore.architectures.mlp import MLP
from dlcore.datasets import AnyDataset
from dlcore.datasets.points import Spiral
from dlcore.defaults import with_defaults
from dlcore.faults import Fault, RecipeError, fault_of, short
from dlcore.fields import Strict
from dlcore.learning import Augmentation, Training
from dlcore.network import Network, NetworkError
from dlcore.problem import Problem
from dlcore.settings import Settings, settings
from dlcore.tasks import TASKS, Task

if TYPE_CHECKING:
    import keras

__all__ = ["MAX_LINK", "Augmentation", "Fault", "Recipe", "RecipeError", "Training"]

MAX_LINK = 40_000
"""Characters of a link, and bytes it may unpack to times ten: a short text can hold a huge one."""


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
            raise RecipeError([Fault("recipe", f"expected a JSON object, received {short(data)}")])
        recipe = cls._validated(with_defaults(data))
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
            raise RecipeError([Fault("recipe", f"expected {', '.join(whole)}, received {short(data)}")])
        return cls._validated(data)

    @classmethod
    def _validated(cls, data: dict[str, Any]) -> Recipe:
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise RecipeError([fault_of(entry) for entry in error.errors()]) from error

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
                [Fault("link", f"expected a link made by this app, received {short(text)}")]
            ) from None
        return cls.parse(data, limits)
