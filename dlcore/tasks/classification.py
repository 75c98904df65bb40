"""Classification: which of several classes an example belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dlcore.evaluation import evaluate
from dlcore.previews import probabilities
from dlcore.problem import Problem
from dlcore.tasks.base import MOST_ERRORS, Task, View
from dlcore.tasks.metric import Metric

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Dataset, Split
    from dlcore.recipe import Recipe


class Classification(Task):
    name: ClassVar[str] = "classification"
    title: ClassVar[str] = "Classification"
    help: ClassVar[str] = "Name the class of an example."
    order: ClassVar[int] = 10
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric("accuracy", "Accuracy", "Share of test examples classified correctly.", "{:.1%}"),
        Metric(
            "loss",
            "Loss",
            "Cross-entropy on the test data: how surprised the network is. Lower is better.",
            "{:.3f}",
            higher=False,
        ),
        Metric(
            "precision",
            "Precision",
            "Of the examples called a class, the share that are it; mean over classes.",
            "{:.1%}",
        ),
        Metric(
            "recall",
            "Recall",
            "Of the examples of a class, the share that are found; mean over classes.",
            "{:.1%}",
        ),
        Metric("f1", "F1", "Harmonic mean of precision and recall; mean over classes.", "{:.1%}"),
        Metric(
            "auc",
            "AUC",
            "Of two classes: the chance that an example of the second gets the higher probability of it.",
            "{:.3f}",
        ),
    )
    classifies: ClassVar[bool] = True
    image_job: ClassVar[str] = "classify"
    on_texts: ClassVar[str] = "sentiment"
    curves: ClassVar[tuple[tuple[str, ...], ...]] = (("loss",), ("accuracy",))

    def refuses(self, dataset: Dataset) -> str:
        if len(dataset.classes) >= 2:
            return ""
        return "expected at least two classes to tell apart, received one; a generating network can learn it"

    def compiled(self, problem: Problem) -> dict[str, Any]:
        loss = "binary_crossentropy" if problem.binary else "sparse_categorical_crossentropy"
        return {"loss": loss, "metrics": ["accuracy"]}

    def predict(self, model: keras.Model, x: np.ndarray) -> np.ndarray:
        """Class probabilities of shape (n, classes), also for a model with one sigmoid output."""
        return probabilities(model, x)

    def evaluate(self, model: keras.Model, recipe: Recipe, split: Split, **options: Any) -> dict[str, Any]:
        predicted, classes = self.predict(model, split.test.kept), recipe.dataset.classes
        result = evaluate(predicted, split.test.y, classes)
        return result | {"errors": self._errors(recipe, split, predicted)}

    def _errors(self, recipe: Recipe, split: Split, probabilities: np.ndarray) -> list[View]:
        """The examples that it gives to a wrong class with the highest probability."""
        said, share = probabilities.argmax(axis=1), probabilities.max(axis=1)
        wrong = np.flatnonzero(said != split.test.y)
        worst = wrong[np.argsort(-share[wrong], kind="stable")][:MOST_ERRORS]
        if not len(worst):
            return []
        names = recipe.dataset.classes
        answers = {
            "true": [names[i] for i in split.test.y[worst]],
            "predicted": [names[i] for i in said[worst]],
            "probability": share[worst].astype(float).round(2).tolist(),
        }
        title = f"Most confident errors · {len(worst)} of {len(wrong)}"
        return [recipe.dataset.errors_view(split, worst, answers) | {"title": title}]

    def examples(self, recipe: Recipe, split: Split) -> dict[str, Any]:
        return recipe.dataset.examples_view(split.validation)

    def preview(self, model: keras.Model, recipe: Recipe, split: Split) -> View:
        return recipe.dataset.predictions_view(lambda x: self.predict(model, x), split.validation)

    def views(self, recipe: Recipe, result: dict[str, Any]) -> list[View]:
        classes = list(recipe.dataset.classes)
        return [
            {"kind": "confusion", "matrix": result["confusion"], "classes": classes},
            {"kind": "per class", "rows": result["classes"]},
            *([{"kind": "roc", "classes": classes, **result["roc"]}] if "roc" in result else []),
            *result.get("views", []),
        ]

    def ways_on(self, recipe: Recipe) -> list[tuple[str, str, str]]:
        return recipe.dataset.ways_on

    def code(self, recipe: Recipe) -> str:
        return (
            "loss, accuracy = model.evaluate(x_test, y_test, verbose=0)\n"
            'print(f"test accuracy {accuracy:.1%}, loss {loss:.4f}")\n'
            'model.save("model.keras")'
        )
