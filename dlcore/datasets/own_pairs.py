"""Pairs of one's own: two columns of a table, one text to be read and the other to be written for it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from dlcore.datasets.base import DatasetError, Own
from dlcore.datasets.own_columns import cells, opened, table_code
from dlcore.datasets.pairs import Pairs
from dlcore.fields import choice, derived, number
from dlcore.language import tokenizer
from dlcore.language.vocabulary import Vocabulary
from dlcore.parts import Split

MIN_PAIRS, MAX_PAIRS = 20, 100_000
STEPS = 4000
"""Of a training, about."""


Name = Annotated[str, Field(max_length=110)]


class OwnPairs(Own, Pairs):
    """The recipe says which columns they are; their cells are in the artifact store."""

    name: Literal["own_pairs"] = "own_pairs"
    title: ClassVar[str] = "Your pairs"
    order: ClassVar[int] = 63
    editor: ClassVar[str] = "pairs"
    to_do: ClassVar[tuple[str, str]] = ("No pairs yet: upload a table first.", "Choose two columns")
    description: ClassVar[str] = (
        "Two columns of a CSV or TSV file of your own, such as sentences and their translations."
    )
    own: ClassVar[str] = "some of your pairs (validation and test examples)"

    columns: tuple[Name, Name] = Field(("source", "target"))
    """Names of the columns: what is read, what is written."""
    examples: int = Field(0, ge=0, le=MAX_PAIRS)
    delimiter: str = Field("\t", max_length=1)
    encoding: str = Field("UTF-8", max_length=20)
    header: bool = Field(True)
    tokens: Literal["BPE", "words", "characters"] = choice(
        "BPE", "Tokens", "What a text is cut into. BPE cuts rare words into pieces."
    )
    vocabulary: int = number(
        2000, 300, 20_000, "Vocabulary size", "Tokens with a vector, of either column.", step=100
    )
    source_length: int = number(24, 4, 128, "Source length", "Tokens; longer pairs are left out.", step=2)
    target_length: int = number(24, 4, 128, "Target length", "Tokens; longer pairs are left out.", step=2)

    @derived
    def titles(self) -> tuple[str, str]:
        source, target = (name[:1].upper() + name[1:] for name in self.columns)
        return source, target

    @property
    def lengths(self) -> tuple[int, int]:
        return self.source_length, self.target_length

    @property
    def sizes(self) -> tuple[int, int]:
        return self.vocabulary, self.vocabulary

    @property
    def missing(self) -> str:
        ready = self.id and self.examples >= MIN_PAIRS
        return "" if ready else "expected pairs, received none yet: upload a CSV or TSV file"

    @property
    def training_examples(self) -> int:
        return max(1, round((1 - self.validation_share - self.test_share) * self.examples))

    @derived
    def suggested_epochs(self) -> int:
        return int(np.clip(STEPS * 64 / self.training_examples, 3, 60))

    def pairs(self, seed: int) -> list[tuple[str, str]]:
        if not self.id:
            raise DatasetError(
                "These pairs are not kept here: upload a table of pairs, and choose its columns."
            )
        file = opened(self.id)
        pairs = clean(*(cells(file, name) for name in self.columns))
        if len(pairs) != self.examples:
            raise DatasetError("The uploaded pairs are others than the recipe says: upload them again.")
        return pairs

    def vocabularies(self, sources: list[str], targets: list[str]) -> dict[str, Vocabulary]:
        return {
            name: Vocabulary.learn(texts, self.tokens, self.vocabulary)
            for name, texts in (("source", sources), ("target", targets))
        }

    def split(self, pairs: list[tuple[str, str]], seed: int) -> Split:
        split = super().split(pairs, seed)
        parts = (split.train, split.validation, split.test)
        if min(map(len, parts)) == 0 or len(split.train) < MIN_PAIRS // 2:
            raise DatasetError(
                f"Of {len(pairs):,} pairs {sum(map(len, parts)):,} have at most {self.source_length} and "
                f"{self.target_length} tokens, which is too few: choose larger lengths."
            )
        return split

    def views(self, split: Split) -> list[dict[str, Any]]:
        views = super().views(split)
        left_out = self.examples - sum(map(len, (split.train, split.validation, split.test)))
        if left_out:
            lengths = f"{self.source_length} and {self.target_length} tokens"
            views[0]["title"] += (
                f" ({left_out:,} of {self.examples:,} are longer than {lengths}, and left out)"
            )
        return views

    @derived
    def imports(self) -> tuple[str, ...]:
        return ("import numpy as np", "import pandas as pd", *tokenizer.imports(self.tokens))

    def code(self, seed: int) -> str:
        source, target = self.columns
        read = table_code("pairs.csv", self.delimiter, self.encoding, self.header)
        return (
            f"{read}"
            f'columns = [table[name].str.split().str.join(" ") for name in ({source!r}, {target!r})]\n'
            "pairs = [pair for pair in dict.fromkeys(zip(*columns)) if all(pair)]\n"
            "sources = sorted({source for source, _ in pairs})  # equal ones stay in the same part\n"
            f"np.random.default_rng({seed}).shuffle(sources)\n"
            f"test, validation = (round(share * len(sources)) for share in ({self.test_share}, {self.validation_share}))\n"
            "held = [{*sources[:test]}, {*sources[test : test + validation]}]\n"
            "parts = [[pair for pair in pairs if pair[0] in part] for part in held]\n"
            "train = [pair for pair in pairs if pair[0] not in held[0] | held[1]]\n\n\n"
            f"{tokenizer.code(self.tokens, self.vocabulary, lower=False)}\n\n\n"
            "def rows(tokenizer, texts, length, end=False):\n"
            "    tokens = [tokenizer.encode(text).ids[: length - end] + [3] * end for text in texts]\n"
            '    return np.array([row + [0] * (length - len(row)) for row in tokens], "int32")\n\n\n'
            "read, write = (learn([*texts]) for texts in zip(*train))\n"
            "x_test, x_validation, x_train = (\n"
            f"    rows(read, [source for source, _ in part], {self.source_length}) for part in (*parts, train)\n)\n"
            "y_test, y_validation, y_train = (\n"
            f"    rows(write, [target for _, target in part], {self.target_length}, end=True) for part in (*parts, train)\n)\n"
            "x_train, y_train = np.concatenate([x_train, x_validation]), np.concatenate([y_train, y_validation])\n"
            "validation_split = len(x_validation) / len(x_train)  # Keras takes them from the end"
        )


def clean(sources: list[str], targets: list[str]) -> list[tuple[str, str]]:
    """Different pairs in their order, without those that lack a text; all kinds of space are the usual one."""
    pairs = (
        (" ".join(one.split()), " ".join(other.split())) for one, other in zip(sources, targets, strict=True)
    )
    return [*dict.fromkeys(pair for pair in pairs if all(pair))]
