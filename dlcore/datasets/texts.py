"""Texts in classes: cut into tokens by a vocabulary that is learned from the training part alone."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

import numpy as np

from dlcore.datasets.base import (
    Dataset,
    Part,
    Predict,
    Progress,
    Split,
    balance,
    divide,
    test_field,
    validation_field,
)
from dlcore.fields import choice, derived, number
from dlcore.language import tokenizer
from dlcore.language.tokenizer import SPECIAL, Kind
from dlcore.language.vocabulary import PAD, UNKNOWN, Vocabulary
from dlcore.layers import Shape
from dlcore.problem import Problem

SHOWN = 6
"""Texts shown as tokens."""
PREDICTED = 20
"""Validation texts of a preview."""
MOST_SHOWN = 60
"""Tokens of a text that are shown."""
HEAD = 40
"""Tokens of the vocabulary that are shown."""
MOST_CHARACTERS = 400
"""Characters of a text in a preview."""


class Texts(Dataset):
    """An example is a text as ``length`` tokens; a shorter one is filled up with 0, which a network masks."""

    modality: ClassVar[str] = "text"
    order: ClassVar[int] = 50
    usual_architecture: ClassVar[str] = "lstm"
    suggested_epochs: ClassVar[int] = 10
    ways_on: ClassVar[list[tuple[str, str, str]]] = [("Classify a text with it", "text", ":material/notes:")]
    tokens: Kind = choice(
        "words", "Tokens", "What a text is cut into. WordPiece and BPE cut rare words into pieces."
    )
    vocabulary: int = number(
        1000, 300, 20_000, "Vocabulary size", "Tokens with a vector; what is rarer is unknown.", step=100
    )
    length: int = number(40, 8, 512, "Length", "Tokens of a text that are read; the rest is cut off.", step=4)

    @derived
    def input_shape(self) -> Shape:
        return (self.length,)

    @property
    def problem(self) -> Problem:
        return Problem(self.input_shape, self.classes, vocabulary=self.vocabulary)

    def load(self, seed: int, report: Progress | None = None) -> Split:
        parts = self.parts(seed, report)
        vocabulary = Vocabulary.learn(parts[0][0], self.tokens, self.vocabulary, lower=True)
        train, validation, test = (
            Part(vocabulary.rows(texts, self.length), labels.astype("int32"), np.array(texts, object))
            for texts, labels in parts
        )
        return Split(train, validation, test, vocabularies={"text": vocabulary})

    def parts(self, seed: int, report: Progress | None) -> list[tuple[list[str], np.ndarray]]:
        """Texts and labels of the training, the validation and the test part."""
        raise NotImplementedError

    # -- what there is to look at --------------------------------------------------------------

    def views(self, split: Split) -> list[dict[str, Any]]:
        vocabulary = split.vocabularies["text"]
        sizes = [len(tokens) for tokens in vocabulary.encode_all(split.train.texts)]
        kept = split.train.kept
        unknown = float((kept == UNKNOWN).sum() / max(1, (kept != PAD).sum()))
        cut = sum(size > self.length for size in sizes) / len(sizes)
        return [
            {
                "kind": "tokens",
                "title": f"{self.title} · training data",
                "rows": [
                    {"pieces": vocabulary.pieces(row[row != PAD][:MOST_SHOWN]), "label": self.classes[label]}
                    for row, label in zip(kept[:SHOWN], split.train.y[:SHOWN], strict=True)
                ],
                "unknown": SPECIAL[UNKNOWN],
            },
            vocabulary_view(vocabulary, kept, unknown),
            {
                "kind": "histogram",
                "title": f"Tokens a text ({cut:.1%} longer than {self.length})",
                "values": sizes,
            },
            balance(split, self.classes),
        ]

    def examples_view(self, part: Part) -> dict[str, Any]:
        texts = [text[:MOST_CHARACTERS] for text in part.texts[:PREDICTED]]
        return {"texts": texts, "y": part.y[:PREDICTED].tolist()}

    def predictions_view(self, predict: Predict, part: Part) -> dict[str, Any]:
        answers = predict(part[:PREDICTED].kept)
        return {
            "kind": "labelled texts",
            "predicted": answers.argmax(axis=1).tolist(),
            "probability": answers.max(axis=1).round(3).tolist(),
        }

    def errors_view(self, split: Split, worst: np.ndarray, answers: dict[str, list[Any]]) -> dict[str, Any]:
        texts = [text[:MOST_CHARACTERS] for text in split.test.texts[worst]]
        return {"kind": "table", "columns": answers | {"text": texts}}

    # -- what is taken home --------------------------------------------------------------------

    @derived
    def imports(self) -> tuple[str, ...]:
        return ("import numpy as np", *tokenizer.imports(self.tokens))

    def code(self, seed: int) -> str:
        return f"{self.code_of_texts(seed)}\n\n{self._code_of_tokens()}"

    def code_of_texts(self, seed: int) -> str:
        """Lines that make lists ``texts_train`` and ``texts_test``, ``y_train`` and ``y_test``, and set
        ``validation_split``."""
        raise NotImplementedError

    def _code_of_tokens(self) -> str:
        return (
            f"{tokenizer.code(self.tokens, self.vocabulary, lower=True)}\n\n\n"
            "learned = texts_train[: round((1 - validation_split) * len(texts_train))]\n"
            "tokenizer = learn(learned)\n\n\n"
            "def tokens(texts):\n"
            f'    rows = np.zeros((len(texts), {self.length}), dtype="int32")\n'
            "    for row, text in zip(rows, texts):\n"
            f"        ids = tokenizer.encode(text).ids[:{self.length}] or [1]  # none: unknown\n"
            "        row[: len(ids)] = ids  # the rest stays 0: padding\n"
            "    return rows\n\n\n"
            "x_train, x_test = tokens(texts_train), tokens(texts_test)"
        )


def vocabulary_view(vocabulary: Vocabulary, rows: np.ndarray, unknown: float) -> dict[str, Any]:
    """The most frequent tokens of a part, and how much of it is unknown."""
    counts = Counter(rows[rows > UNKNOWN].tolist()).most_common(HEAD)
    title = f"Vocabulary: {len(vocabulary):,} tokens, {unknown:.1%} of the text unknown"
    columns = {"token": vocabulary.pieces([token for token, _ in counts]), "times": [n for _, n in counts]}
    return {"kind": "table", "title": title, "columns": columns}


class SharedTexts(Texts):
    """Texts that are split here, so that every class keeps its proportion in every part."""

    validation_share: float = validation_field()
    test_share: float = test_field()

    def all_texts(self) -> tuple[list[str], np.ndarray]:
        """Every text and its label."""
        raise NotImplementedError

    def parts(self, seed: int, report: Progress | None) -> list[tuple[list[str], np.ndarray]]:
        texts, labels = self.all_texts()
        shares = (self.validation_share, self.test_share)
        cut = divide(np.arange(len(texts)), labels, shares, np.random.default_rng(seed))
        return [([texts[i] for i in part.kept], part.y) for part in cut]

    def code_of_texts(self, seed: int) -> str:
        share = round(self.validation_share / (1 - self.test_share), 4)
        return (
            f"{self.code_of_all_texts()}\n"
            f"order = np.random.default_rng({seed}).permutation(len(texts))\n"
            "texts, y = [texts[i] for i in order], np.array(labels)[order]\n"
            f"test = round({self.test_share} * len(texts))\n"
            "texts_train, y_train, texts_test, y_test = texts[:-test], y[:-test], texts[-test:], y[-test:]\n"
            f"validation_split = {share}  # of what is left for training"
        )

    def code_of_all_texts(self) -> str:
        """Lines that make the lists ``texts`` and ``labels``."""
        raise NotImplementedError
