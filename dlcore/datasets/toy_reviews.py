"""Film reviews that a grammar makes: any number of them, and always the same."""

from __future__ import annotations

import inspect
from typing import ClassVar, Literal

import numpy as np

from dlcore.datasets.texts import SharedTexts
from dlcore.fields import derived, number
from dlcore.language import review_grammar


class ToyReviews(SharedTexts):
    name: Literal["toy_reviews"] = "toy_reviews"
    title: ClassVar[str] = "Toy reviews"
    description: ClassVar[str] = (
        "Short film reviews made by a grammar with negation and contrast: the order of words matters."
    )
    licence: ClassVar[str] = "made by a grammar; no licence needed"
    classes: ClassVar[tuple[str, ...]] = ("negative", "positive")

    examples: int = number(4000, 500, 20_000, "Reviews", "How many there are.", step=500)
    vocabulary: int = number(
        300, 300, 20_000, "Vocabulary size", "Tokens with a vector; what is rarer is unknown.", step=100
    )
    length: int = number(32, 8, 512, "Length", "Tokens of a text that are read; the rest is cut off.", step=4)

    @property
    def training_examples(self) -> int:
        held_back = (self.validation_share, self.test_share)
        return self.examples - sum(round(share * self.examples) for share in held_back)

    def all_texts(self) -> tuple[list[str], np.ndarray]:
        texts, labels = review_grammar.reviews(self.examples, seed=0)
        return texts, np.array(labels)

    def code_of_all_texts(self) -> str:
        source = inspect.getsource(review_grammar)
        body = source[source.index("WORDS = ") :].rstrip()
        return f"{body}\n\n\ntexts, labels = reviews({self.examples}, seed=0)"

    @derived
    def imports(self) -> tuple[str, ...]:
        return (*super().imports, "import random")
