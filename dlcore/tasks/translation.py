"""Translation: write the text that belongs to another, token by token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dlcore.problem import Problem
from dlcore.tasks.base import Task, View
from dlcore.tasks.metric import Metric

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Part, Split
    from dlcore.recipe import Recipe

WRITTEN = 1000
"""Test sources that are translated."""
SHOWN = 30
"""Of those, how many are shown."""
PREVIEW = 8
"""Validation sources of a preview."""


class Translation(Task):
    """Trained with the true target at hand (teacher forcing); evaluated on what it writes by itself."""

    name: ClassVar[str] = "translation"
    title: ClassVar[str] = "Translation"
    help: ClassVar[str] = "Write the text that belongs to another."
    order: ClassVar[int] = 35
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric(
            "exact_match",
            "Exact match",
            "Share of test sources whose target is written without any difference; the likeliest token each step.",
            "{:.1%}",
        ),
        Metric(
            "chrf",
            "chrF",
            "Overlap of pieces of up to six characters with the truth, 0 to 100: near misses count too.",
            "{:.1f}",
        ),
        Metric(
            "bleu",
            "BLEU",
            "Overlap of up to four words in a row with the truth, 0 to 100; where targets are several words.",
            "{:.1f}",
        ),
        Metric(
            "token_accuracy",
            "Token accuracy",
            "Share of target tokens that are the likeliest, each after the true ones before it.",
            "{:.1%}",
        ),
        Metric(
            "loss",
            "Loss",
            "Cross-entropy a token on the test data, after the true ones before it. Lower is better.",
            "{:.3f}",
            higher=False,
        ),
    )
    curves: ClassVar[tuple[tuple[str, ...], ...]] = (("loss",), ("accuracy",))
    preview_title: ClassVar[str] = "What it writes · validation data"
    on_texts: ClassVar[str] = "translation"
    augments: ClassVar[bool] = False
    thorough: ClassVar[dict[str, Any]] = {"written": 10**6}

    def compiled(self, problem: Problem) -> dict[str, Any]:
        return {"loss": "sparse_categorical_crossentropy", "weighted_metrics": ["accuracy"]}

    def predict(self, model: keras.Model, x: np.ndarray) -> np.ndarray:
        """Tokens (n, T) that it writes."""
        from dlcore.language.translator import Translator

        return Translator(model).tokens(x)

    def evaluate(self, model: keras.Model, recipe: Recipe, split: Split, **options: Any) -> dict[str, Any]:
        from dlcore.language.overlap import bleu, chrf
        from dlcore.language.pair_model import scores

        limit = options.get("written", WRITTEN)
        # Of a source that has several targets each is right.
        targets = dict[str, list[str]]()
        for source, target in zip(split.test.texts["source"], split.test.texts["target"], strict=True):
            targets.setdefault(source, []).append(target)
        _, places = np.unique(split.test.texts["source"], return_index=True)
        some = split.test[np.sort(places)[:limit]]
        sources = some.texts["source"].tolist()
        written, true = self._texts(model, split, some), [targets[source] for source in sources]
        right = [one in others for one, others in zip(written, true, strict=True)]
        first = sorted(range(len(right)), key=lambda i: right[i])[:SHOWN]
        metrics = {"exact_match": sum(right) / len(right), "chrf": chrf(written, true)}
        if any(" " in one for one in split.test.texts["target"][:WRITTEN]):
            metrics["bleu"] = bleu(written, true)
        title, other = recipe.dataset.titles
        shown = {
            "": ["✓" if right[i] else "✗" for i in first],
            title: [sources[i] for i in first],
            "Written": [written[i] for i in first],
            other: [" / ".join(true[i]) for i in first],
        }
        wrong = len(right) - sum(right)
        about = f"Test data, wrong ones first: {wrong:,} of {len(right):,} differ"
        surprise = scores(model, split.test.kept, split.test.y)
        metrics |= {"token_accuracy": surprise["accuracy"], "loss": surprise["loss"]}
        return {"metrics": metrics, "views": [{"kind": "table", "title": about, "columns": shown}]}

    def _texts(self, model: keras.Model, split: Split, part: Part) -> list[str]:
        vocabulary = split.vocabularies["target"]
        return [vocabulary.decode(row) for row in self.predict(model, part.kept).tolist()]

    def examples(self, recipe: Recipe, split: Split) -> dict[str, Any]:
        texts = split.validation[:PREVIEW].texts
        return {name: texts[name].tolist() for name in texts} | {"titles": list(recipe.dataset.titles)}

    def preview(self, model: keras.Model, recipe: Recipe, split: Split) -> View:
        return {"kind": "translations", "written": self._texts(model, split, split.validation[:PREVIEW])}

    def ways_on(self, recipe: Recipe) -> list[tuple[str, str, str]]:
        return [("Translate with it", "text", ":material/translate:")]

    def code(self, recipe: Recipe) -> str:
        return (
            "loss, accuracy = model.evaluate(x_test, y_test, verbose=0)\n\n\n"
            "def write(source):\n"
            '    """The likeliest token at every step."""\n'
            "    memory, states = model.encode(source)\n"
            "    tokens, written = np.full(len(source), START), []\n"
            "    for place in range(y_test.shape[1]):\n"
            "        shares, states, _ = model.step(tokens, place, memory, states)\n"
            "        tokens = np.argmax(shares, axis=1)\n"
            "        written.append(tokens)\n"
            "    return np.stack(written, axis=1)\n\n\n"
            f"x, true = x_test[:{WRITTEN}], y_test[:{WRITTEN}]\n"
            "exact = np.mean(np.all((write(x) == true) | (true == PADDING), axis=1))\n"
            'print(f"test exact match {exact:.1%}, token accuracy {accuracy:.1%}, loss {loss:.4f}")\n'
            'model.save_weights("model.weights.h5")'
        )
