"""Next-token prediction: at every token of a text, which one comes next? Drawing one after another writes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from dlcore.problem import Problem
from dlcore.tasks.base import Task, View
from dlcore.tasks.metric import Metric

if TYPE_CHECKING:
    import keras

    from dlcore.datasets.base import Part, Split
    from dlcore.recipe import Recipe

BATCH = 64
"""Windows evaluated at once."""
LINES, WRITTEN = 3, 120
"""Texts written after an epoch, and tokens of each."""
BEFORE = 400
"""Characters of the validation part that are shown beside them."""


class NextToken(Task):
    """The loss is the mean surprise at the true next token, in nats."""

    name: ClassVar[str] = "next_token"
    title: ClassVar[str] = "Next token"
    help: ClassVar[str] = "Predict the next token of a text; drawn one after another, they are a text."
    order: ClassVar[int] = 36
    metrics: ClassVar[tuple[Metric, ...]] = (
        Metric(
            "bits_per_character",
            "Bits a character",
            "Mean surprise at a character of the test part: 1 bit is a coin toss. Lower is better.",
            "{:.2f}",
            higher=False,
        ),
        Metric(
            "perplexity",
            "Perplexity",
            "As unsure at every token as if it chose among this number of equally likely ones.",
            "{:.3g}",
            higher=False,
        ),
        Metric("accuracy", "Accuracy", "Share of test tokens that it held for the likeliest.", "{:.1%}"),
    )
    preview_title: ClassVar[str] = "What it writes"
    augments: ClassVar[bool] = False
    code_title: ClassVar[str] = "Write"
    on_texts: ClassVar[str] = "generation"

    def compiled(self, problem: Problem) -> dict[str, Any]:
        return {}  # its loss comes with the model: see :mod:`dlcore.language.gpt`

    def evaluate(self, model: keras.Model, recipe: Recipe, split: Split, **options: Any) -> dict[str, Any]:
        test, vocabulary = split.test, split.vocabularies["text"]
        nats, right = surprise(model, test)
        characters = len(vocabulary.decode(test.y.ravel())) / test.y.size  # of a token
        bits = nats / math.log(2) / characters
        rows = {"network": bits} | {
            title: value / math.log(2) / characters for title, value in baselines(split.train, test).items()
        }
        best = min(value for title, value in rows.items() if title != "network")
        return {
            "metrics": {"bits_per_character": bits, "perplexity": math.exp(nats), "accuracy": right},
            "characters_per_token": characters,
            "views": [
                {"kind": "lines", "title": "What it writes", "lines": self._lines(model, split)},
                {
                    "kind": "baselines",
                    "text": verdict(bits, best),
                    "columns": {
                        "model": [*rows],
                        "bits a character": [round(bit, 3) for bit in rows.values()],
                    },
                },
            ],
        }

    def examples(self, recipe: Recipe, split: Split) -> dict[str, Any]:
        text = split.vocabularies["text"].decode(split.validation.kept[:8].ravel())
        return {"text": text[:BEFORE]}

    def preview(self, model: keras.Model, recipe: Recipe, split: Split) -> View:
        return {"kind": "lines", "lines": self._lines(model, split)}

    def _lines(self, model: keras.Model, split: Split) -> list[str]:
        """Texts of its own, each from the beginning of a line, drawn with the same seed every time."""
        from dlcore.language.sampling import Sampling
        from dlcore.language.trained_writer import writer_while_training

        writer = writer_while_training(model, split.vocabularies["text"])
        written = writer.write([writer.encode("")] * LINES, Sampling(), seed=0, tokens=WRITTEN)
        return [writer.decode(tokens).strip() for tokens in written["tokens"]]

    def ways_on(self, recipe: Recipe) -> list[tuple[str, str, str]]:
        return [("Write with it", "text", ":material/edit:")]

    def code(self, recipe: Recipe) -> str:
        length = recipe.problem.input_shape[0]
        return (
            "loss = model.evaluate(x_test, y_test, verbose=0)\n"
            "nats = loss[0] if isinstance(loss, list) else loss\n"
            'print(f"{nats / np.log(2):.3f} bits a token on the test part")\n'
            f"written = list(x_test[0, :{length // 2}])\n"
            "rng = np.random.default_rng(0)\n"
            "for _ in range(100):\n"
            f"    seen = np.array([written[-{length}:]])\n"
            "    logits = np.asarray(model(seen), 'float64')[0, -1] / 0.8  # the temperature\n"
            "    chances = np.exp(logits - logits.max())\n"
            "    written.append(int(rng.choice(len(chances), p=chances / chances.sum())))\n"
            "print(decode(written))\n"
            'model.save_weights("model.weights.h5")'
        )


def surprise(model: keras.Model, part: Part) -> tuple[float, float]:
    """Mean nats at the true next token of each place, and the share of places where it was the likeliest."""
    from keras import ops

    nats, right = 0.0, 0
    for begin in range(0, len(part), BATCH):
        batch = part[begin : begin + BATCH]
        logits = ops.cast(model(batch.x, training=False), "float32")
        nats += float(ops.sum(ops.sparse_categorical_crossentropy(batch.y, logits, from_logits=True)))
        right += int((np.asarray(ops.argmax(logits, axis=-1)) == batch.y).sum())
    return nats / part.y.size, right / part.y.size


def baselines(train: Part, test: Part) -> dict[str, float]:
    """Nats a token of models that only count: how often a token is, and how often after the one before it.

    A pair that was never seen is as likely as its second token, with the weight of one sighting (Witten and Bell
    1991, simplified).
    """
    size = int(max(part.max() for rows in (train, test) for part in (rows.kept, rows.y))) + 1
    counts = np.bincount(train.y.ravel(), minlength=size) + 1.0
    alone = counts / counts.sum()
    pairs, times = np.unique(train.kept.ravel().astype("int64") * size + train.y.ravel(), return_counts=True)
    before = np.bincount(train.kept.ravel(), minlength=size)
    first, second = test.kept.ravel().astype("int64"), test.y.ravel()
    place = np.searchsorted(pairs, first * size + second).clip(max=len(pairs) - 1)
    seen = np.where(pairs[place] == first * size + second, times[place], 0)
    after = (seen + alone[second]) / (before[first] + 1)
    return {
        "frequency of a token": float(-np.log(alone[second]).mean()),
        "frequency after the token before": float(-np.log(after).mean()),
    }


def verdict(bits: float, best: float) -> str:
    """One honest sentence about a network and the better of the models that only count."""
    if bits < best:
        return f"The network needs {bits:.2f} bits a character, the better of the models that only count {best:.2f}."
    return (
        f"The network does not beat counting: {bits:.2f} bits a character against {best:.2f}. "
        "Train it for longer, or on more text."
    )
