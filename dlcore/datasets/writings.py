"""A long text to be continued, token by token: cut into windows, and by position into its three parts."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar, Literal

import numpy as np

from dlcore.datasets.base import Dataset, Part, Progress, Split, test_field, validation_field
from dlcore.datasets.fetched import Fetched, Remote
from dlcore.datasets.texts import vocabulary_view
from dlcore.fields import choice, derived, number
from dlcore.language import tokenizer
from dlcore.language.python_docs import characters, prose, python_docs
from dlcore.language.tokenizer import SPECIAL
from dlcore.language.vocabulary import UNKNOWN, Vocabulary
from dlcore.layers import Shape
from dlcore.problem import Problem

BYTES = 256
"""Tokens that byte pairs begin with."""
SHOWN = 4
"""Windows of the preview."""
MOST_SHOWN = 60
"""Tokens of a window that are shown."""


class Writing(Dataset):
    """An example is a window of ``length`` tokens; at each of them the next one is to be predicted.

    Training windows lie evenly over the training part, as many as would lie side by side if every token were one
    character; those of validation and test lie side by side.
    """

    modality: ClassVar[str] = "text to continue"
    task: ClassVar[str] = "next_token"
    order: ClassVar[int] = 55
    usual_architecture: ClassVar[str] = "gpt"
    classes: ClassVar[tuple[str, ...]] = ()
    size: ClassVar[int]
    """Characters of the text, known without loading it."""
    alphabet: ClassVar[int]
    """Different characters of it."""

    tokens: Literal["characters", "BPE"] = choice(
        "characters", "Tokens", "What the text is cut into. BPE: byte pairs, frequent pieces of words."
    )
    vocabulary: int = number(
        1000,
        300,
        8000,
        "Vocabulary size of BPE",
        "Of characters there are as many as the text has.",
        step=100,
    )
    length: int = number(64, 16, 512, "Context", "Tokens the network looks back at.", step=16)
    validation_share: float = validation_field(0.1)
    test_share: float = test_field(0.1)

    def text(self, report: Progress | None = None) -> str:
        """The whole text. Raises DatasetError where it cannot be had."""
        raise NotImplementedError

    @derived
    def input_shape(self) -> Shape:
        return (self.length,)

    @property
    def problem(self) -> Problem:
        learned = {"characters": len(SPECIAL) + self.alphabet, "BPE": self.vocabulary}
        return Problem(self.input_shape, vocabulary=learned[self.tokens], continues=True)

    @property
    def cuts(self) -> tuple[int, int]:
        """The characters where validation and test part begin."""
        test = round(self.test_share * self.size)
        return self.size - test - round(self.validation_share * self.size), self.size - test

    @property
    def training_examples(self) -> int:
        return max(1, self.cuts[0] // self.length)

    def load(self, seed: int, report: Progress | None = None) -> Split:
        """The split does not depend on the seed: a text is cut where it is, so that no part is in another."""
        text, (first, second) = self.text(report), self.cuts
        parts = text[:first], text[first:second], text[second:]
        vocabulary = Vocabulary.learn([parts[0]], self.tokens, self.problem.vocabulary)
        learn, *others = (np.array(vocabulary.encode(part), "int32") for part in parts)
        train = windows(learn, self.length, self.training_examples)
        validation, test = (windows(tokens, self.length) for tokens in others)
        return Split(train, validation, test, vocabularies={"text": vocabulary})

    # -- what there is to look at --------------------------------------------------------------

    def views(self, split: Split) -> list[dict[str, Any]]:
        vocabulary, rows = split.vocabularies["text"], split.train.kept
        held = split.validation.kept
        some = rows[:: max(1, len(rows) // SHOWN)][:SHOWN]
        parts = {"training": split.train, "validation": split.validation, "test": split.test}
        return [
            {
                "kind": "tokens",
                "title": f"{self.title}: what it learns from",
                "rows": [{"pieces": vocabulary.pieces(row[:MOST_SHOWN]), "label": ""} for row in some],
                "unknown": SPECIAL[UNKNOWN],
            },
            vocabulary_view(vocabulary, rows, float((held == UNKNOWN).mean())),
            {
                "kind": "table",
                "title": "Cut by position: each part is a stretch of the text",
                "columns": {
                    "part": [*parts],
                    "windows": [len(part) for part in parts.values()],
                    "characters": [self.cuts[0], self.cuts[1] - self.cuts[0], self.size - self.cuts[1]],
                },
            },
        ]

    # -- what is taken home --------------------------------------------------------------------

    @derived
    def imports(self) -> tuple[str, ...]:
        return ("import numpy as np", *tokenizer.imports(self.tokens))

    def code(self, seed: int) -> str:
        first, second = self.cuts
        decoded = {"characters": '"".join(map(tokenizer.id_to_token, tokens))'}
        return (
            f"{self.code_of_text()}\n"
            f"parts = text[:{first}], text[{first}:{second}], text[{second}:]  # training, validation, test\n\n\n"
            f"{tokenizer.code(self.tokens, self.problem.vocabulary, lower=False)}\n\n\n"
            "tokenizer = learn([parts[0]])\n\n\n"
            "def decode(tokens):\n"
            f"    return {decoded.get(self.tokens, 'tokenizer.decode(tokens)')}\n\n\n"
            "def windows(text, count=None):\n"
            '    tokens = np.array(tokenizer.encode(text).ids, "int32")\n'
            f"    last = len(tokens) - {self.length} - 1\n"
            f"    starts = np.linspace(0, last, count).astype(int) if count else np.arange(0, last + 1, {self.length})\n"
            f"    rows = tokens[starts[:, None] + np.arange({self.length} + 1)]\n"
            "    return rows[:, :-1], rows[:, 1:]  # and the same one token further: what comes next\n\n\n"
            f"x_train, y_train = windows(parts[0], {self.training_examples})\n"
            "x_validation, y_validation = windows(parts[1])\n"
            "x_test, y_test = windows(parts[2])\n"
            "x_train, y_train = np.concatenate([x_train, x_validation]), np.concatenate([y_train, y_validation])\n"
            "validation_split = len(x_validation) / len(x_train)  # Keras takes them from the end"
        )

    def code_of_text(self) -> str:
        """Lines that make ``text``."""
        raise NotImplementedError


def windows(tokens: np.ndarray, length: int, count: int | None = None) -> Part:
    """``count`` windows evenly over the tokens, or as many as lie side by side; the targets are one further."""
    last = len(tokens) - length - 1
    starts = np.arange(0, last + 1, length) if count is None else np.linspace(0, last, count).astype(int)
    rows = tokens[starts[:, None] + np.arange(length + 1)]
    return Part(rows[:, :-1], rows[:, 1:])


class PythonDocs(Writing):
    name: Literal["python_docs"] = "python_docs"
    title: ClassVar[str] = "Python's documentation"
    description: ClassVar[str] = (
        "The English prose of Python's own language reference, from the module pydoc_data."
    )
    licence: ClassVar[str] = "Python Software Foundation License"
    suggested_epochs: ClassVar[int] = 8

    @derived
    def size(self) -> int:
        return len(python_docs())

    @derived
    def alphabet(self) -> int:
        return characters()

    def text(self, report: Progress | None = None) -> str:
        return python_docs()

    def code_of_text(self) -> str:
        source = inspect.getsource(prose).replace("Mapping[str, str]", "dict")
        return f"import re\n\nfrom pydoc_data.topics import topics\n\n\n{source}\n\ntext = prose(topics)"


class Shakespeare(Fetched, Writing):
    name: Literal["shakespeare"] = "shakespeare"
    title: ClassVar[str] = "Shakespeare"
    order: ClassVar[int] = 56
    description: ClassVar[str] = (
        "40,000 lines of Shakespeare's plays: what a character-level network is shown on (1 MB)."
    )
    licence: ClassVar[str] = "public domain"
    suggested_epochs: ClassVar[int] = 2
    instead: ClassVar[tuple[str, str]] = ("python_docs", "Python's documentation")
    size: ClassVar[int] = 1_115_394
    alphabet: ClassVar[int] = 65
    files: ClassVar[tuple[Remote, ...]] = (
        Remote(
            "https://storage.googleapis.com/download.tensorflow.org/data/shakespeare.txt",
            "shakespeare.txt",
            size,
            "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
        ),
    )

    def text(self, report: Progress | None = None) -> str:
        self.fetch(report)
        return self.downloads[0].target.read_text(encoding="utf-8")

    def code_of_text(self) -> str:
        (file,) = self.files
        return (
            f'path = keras.utils.get_file("{file.name}", "{file.address}")\n'
            'text = open(path, encoding="utf-8").read()'
        )
