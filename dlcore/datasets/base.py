"""What every data set tells about itself, and the three parts it is split into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from dlcore.fields import Strict, number
from dlcore.layers import Shape
from dlcore.parts import Part, Split
from dlcore.problem import Problem
from dlcore.uploads import kept

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all while a data set is downloaded."""
Predict = Callable[[np.ndarray], np.ndarray]
"""From examples (n, *input_shape) to a network's answers (n, …)."""


class DatasetError(RuntimeError):
    """Data that cannot be had; the message says what failed and what works instead."""


class Dataset(Strict):
    """A data set with its options. What describes it is known without loading anything.

    Most of it holds for the whole class; ``input_shape`` and ``classes`` may also depend on the options,
    so ask an instance for those.
    """

    modality: ClassVar[str]
    """What an example is: points, image, tabular, series."""
    source: ClassVar[Literal["embedded", "download", "upload", "none"]] = "embedded"
    """Where it comes from; "none": only what it is about is known, so that no network is trained on it."""
    task: ClassVar[str] = "classification"
    """What a network learns from it, unless the architecture is for another task."""
    order: ClassVar[int] = 100
    """Its place among the others on the Build page: the smaller, the earlier."""
    usual_architecture: ClassVar[str] = "mlp"
    """The family to begin with."""
    ways_on: ClassVar[list[tuple[str, str, str]]] = []
    """Pages where a network that knows its classes can be used: what to do there, the page, an icon."""
    editor: ClassVar[str] = ""
    """Of data of one's own: what a visitor makes it with, see ``pages/parts/own_data``."""
    to_do: ClassVar[tuple[str, str]] = ("", "")
    """Of data of one's own: what to do where there is none, and where there is only one class."""
    photos: ClassVar[tuple[str, ...]] = ()
    """Photos that ship and that its networks may know."""
    augmentable: ClassVar[bool] = False
    """Whether examples may be mirrored, turned and shifted while a network trains."""
    title: ClassVar[str]
    description: ClassVar[str]
    licence: ClassVar[str]
    input_shape: ClassVar[Shape]
    classes: ClassVar[tuple[str, ...]]
    """Names of the classes; empty where numbers are to be predicted."""
    imports: ClassVar[tuple[str, ...]] = ("import numpy as np",)
    """Lines that exported code needs before :meth:`code`."""
    own: ClassVar[str] = ""
    """Of a visitor's own data: what others see of it when a run is shared. Until then its owner sees the
    run, and the teacher."""
    handwriting: ClassVar[bool] = False
    """White strokes on black: a photo of ink is turned into that before it is classified."""
    suggested_epochs: ClassVar[int]
    """Enough for the usual network, and short enough to wait for."""

    name: str = ""

    @property
    def called(self) -> str:
        """What the runs on it are called, beside what learned."""
        return self.name

    @property
    def problem(self) -> Problem:
        return Problem(self.input_shape, self.classes)

    @property
    def images(self) -> bool:
        """Whether an example is an image, of shape (height, width, channels)."""
        return len(self.input_shape) == 3

    @property
    def planar(self) -> bool:
        """Whether an example is a point in the plane."""
        return self.input_shape == (2,)

    @property
    def at_hand(self) -> bool:
        """Whether it needs no download."""
        return True

    @property
    def missing(self) -> str:
        """What the visitor still has to do before there is any data; empty where nothing is."""
        return ""

    def unfit(self) -> list[tuple[str, str]]:
        """What of its fields does not fit the data there is: (field, why), such as ("window", "expected …")."""
        return []

    @property
    def training_examples(self) -> int:
        """How many examples the training part has, known without loading."""
        raise NotImplementedError

    def load(self, seed: int, report: Progress | None = None) -> Split:
        """Load or make the data; the same seed gives the same split.

        Raises DatasetError when it cannot be had, say without a network.
        """
        raise NotImplementedError

    def pictures(self) -> tuple[np.ndarray, np.ndarray]:
        """All pictures of a visitor's own, as uint8, and the index of the class of each. Raises DatasetError."""
        raise DatasetError(f"{self.title}: there are no pictures of one's own in it.")

    # -- what there is to look at, as JSON: see ``dlcore.tasks.View`` --------------------------

    def views(self, split: Split) -> list[dict[str, Any]]:
        """The data itself, for the Build page."""
        raise NotImplementedError

    def examples_view(self, part: Part) -> dict[str, Any]:
        """The examples that every preview of a run is drawn over, written once."""
        raise NotImplementedError

    def predictions_view(self, predict: Predict, part: Part) -> dict[str, Any]:
        """What a network answers for examples of ``part``, or all over the space they lie in."""
        raise NotImplementedError

    def errors_view(self, split: Split, worst: np.ndarray, answers: dict[str, list[Any]]) -> dict[str, Any]:
        """The test examples at the places ``worst``, each with what is true and what was predicted.

        ``answers`` are columns: ``true``, ``predicted`` and maybe ``probability``.
        """
        return {"kind": "table", "columns": answers}

    # -- what is taken home -------------------------------------------------------------------

    def code(self, seed: int) -> str:
        """Lines that load the data as ``x_train y_train x_test y_test`` and set ``validation_split``."""
        raise NotImplementedError


class Own(Dataset):
    """Data of a visitor's own: the recipe says how they are read, the artifact store has them."""

    source = "upload"
    licence = "yours"

    id: str = Field("", pattern=kept.ID)

    @property
    def called(self) -> str:
        """By what it tells apart: the visitor may have more data of this kind."""
        return ", ".join(self.classes) or self.title.removeprefix("Your ")


def validation_field(usual: float = 0.15) -> Any:
    """The field of a validation share."""
    about = "Held back to watch the training."
    return number(usual, 0.05, 0.4, "Validation share", about, step=0.05)


def test_field(share: float = 0.15) -> Any:
    """The field of a test share."""
    return number(share, 0.05, 0.4, "Test share", "Held back for the final metrics.", step=0.05)


def divide(
    x: np.ndarray, y: np.ndarray, shares: tuple[float, float], rng: np.random.Generator
) -> tuple[Part, Part, Part]:
    """Shuffle, then cut into training, validation and test parts.

    ``shares`` are those of validation and test. Every class keeps its proportion in every part.
    """
    order = rng.permutation(len(x))
    # Sorted by each example's relative place within its own class, any stretch holds the classes in
    # the proportion of the whole.
    place = np.empty(len(x))
    for label in np.unique(y):
        members = order[y[order] == label]
        place[members] = (np.arange(len(members)) + 0.5) / len(members)
    order = order[np.argsort(place[order], kind="stable")]  # equal places stay in random order
    validation, test = (round(share * len(x)) for share in shares)
    cuts = np.split(order, [len(x) - validation - test, len(x) - test])
    parts = [Part(x[chosen], y[chosen]) for chosen in map(rng.permutation, cuts)]
    return parts[0], parts[1], parts[2]


def balance(split: Split, classes: tuple[str, ...]) -> dict[str, Any]:
    """How many examples of each class every part has, as a view."""
    parts = {"training": split.train, "validation": split.validation, "test": split.test}
    counts = {name: np.bincount(part.y, minlength=len(classes)).tolist() for name, part in parts.items()}
    return {"kind": "balance", "counts": counts, "classes": list(classes)}


def split_code(code: str, validation_share: float, test_share: float) -> str:
    """Exported code that shuffles and cuts ``x`` and ``y``, which ``code`` has made, with ``rng``."""
    share = round(validation_share / (1 - test_share), 4)
    return (
        f"{code}\n"
        "order = rng.permutation(len(x))\n"
        "x, y = x[order], y[order]\n"
        f"test = round({test_share} * len(x))\n"
        "x_train, y_train, x_test, y_test = x[:-test], y[:-test], x[-test:], y[-test:]\n"
        f"validation_split = {share}  # of what is left for training"
    )
