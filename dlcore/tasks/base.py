"""What every task shares: what it is called, how a network is trained for it, and how its results are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dlcore.previews import outputs
from dlcore.problem import Problem
from dlcore.tasks.metric import Metric

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Dataset, Part, Split
    from dlcore.recipe import Recipe

View = dict[str, Any]
"""Something to look at, as JSON; ``kind`` says how it is drawn: see ``pages/parts/views``."""

MOST_ERRORS = 24
"""Examples shown of those that a network is most wrong about."""


class Task:
    """A kind of question a network is trained to answer. One file here is one task.

    It is asked by the training, the pages, the command line and the exported code; none of them knows its name.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    """What a network learns to do, on the Build page."""
    help: ClassVar[str]
    order: ClassVar[int] = 100
    metrics: ClassVar[tuple[Metric, ...]]
    """Of the test results; the first is the one to compare runs by."""
    curves: ClassVar[tuple[tuple[str, ...], ...]] = (("loss",),)
    """The charts of a training, each of metrics drawn together; an architecture may have its own."""
    results_title: ClassVar[str] = "Test results"
    keeps_finite_weights: ClassVar[bool] = False
    """Whether the last weights without NaN are worth keeping where a training diverges."""
    snapshots: ClassVar[bool] = False
    """Whether a paused training is looked at batch by batch."""
    preview_title: ClassVar[str] = "Predictions · validation data"
    code_title: ClassVar[str] = "Test"
    generative: ClassVar[bool] = False
    """Whether a network learns to make examples, rather than to answer a question about them."""
    classifies: ClassVar[bool] = False
    """Whether a network names the class of an example."""
    augments: ClassVar[bool] = True
    """Whether the answer stays right when an image is mirrored or shifted."""

    windows: ClassVar[bool] = False
    """Whether an example is a window of a series."""

    itself: ClassVar[bool] = False
    """Whether the target of an example is the example."""
    image_job: ClassVar[str] = ""
    """The worker's job that shows what a network answers to a visitor's image; empty where it answers to none."""

    on_texts: ClassVar[str] = ""
    """What a network that reads texts does on the Text page: sentiment, generation; empty: nothing there."""

    thorough: ClassVar[dict[str, Any]] = {}
    """Options of :meth:`evaluate` where nobody waits for a training to end."""

    # -- what is trained ----------------------------------------------------------------------

    def problem(self, dataset: Dataset) -> Problem:
        """What a network for this task has to solve on this data."""
        return dataset.problem

    def refuses(self, dataset: Dataset) -> str:
        """Why it cannot be done with this data, as "expected …, received …"; empty where it can."""
        return ""

    def taught(self, recipe: Recipe, part: Part) -> Part:
        """The examples of a part that are trained on, or watched while training."""
        return part

    def compile(self, model: keras.Model, problem: Problem, optimizer: Any) -> None:
        """Give a model its loss, its metrics and its optimiser."""
        model.compile(optimizer=optimizer, **self.compiled(problem))

    def compiled(self, problem: Problem) -> dict[str, Any]:
        """Arguments of Keras' ``compile``: names of a loss and of metrics, which exported code has too."""
        raise NotImplementedError

    # -- what comes of it ---------------------------------------------------------------------

    def predict(self, model: keras.Model, x: np.ndarray) -> np.ndarray:
        """The model's answers for examples, in batches."""
        return outputs(model, x)

    def evaluate(self, model: keras.Model, recipe: Recipe, split: Split, **options: Any) -> dict[str, Any]:
        """``metrics`` of the test part by key, and whatever :meth:`views` needs to draw it.

        ``errors``, where there are: views of the examples that it is most wrong about. They hold data, so they are
        kept apart from the rest, with the run alone.
        """
        raise NotImplementedError

    def examples(self, recipe: Recipe, split: Split) -> dict[str, Any]:
        """The data that all previews of a run are drawn over, written once."""
        raise NotImplementedError

    def preview(self, model: keras.Model, recipe: Recipe, split: Split) -> View:
        """What there is to look at after an epoch."""
        raise NotImplementedError

    def views(self, recipe: Recipe, result: dict[str, Any]) -> list[View]:
        """What there is to look at of a result beside its metrics."""
        return list(result.get("views", []))

    def summary(self, metrics: dict[str, Any], unit: str = "") -> str:
        """Metrics in one line, such as "RMSE 54.3, MAE 44"."""
        shown = (m for m in self.metrics if m.key in metrics)
        return ", ".join(f"{metric.title} {metric.text(metrics[metric.key], unit)}" for metric in shown)

    def ways_on(self, recipe: Recipe) -> list[tuple[str, str, str]]:
        """Pages where the trained network can be used: what to do there, the page, an icon."""
        return []

    # -- what is taken home -------------------------------------------------------------------

    def code_before(self, recipe: Recipe) -> str:
        """Lines before the training, of what :meth:`taught` does."""
        return ""

    def code(self, recipe: Recipe) -> str:
        """The last part of the exported script: how good it is on the test part."""
        raise NotImplementedError
