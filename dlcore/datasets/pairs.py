"""Pairs of a text and what is to be written for it.

Split by source: no source is in two parts.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from dlcore.datasets.base import Dataset, Part, Progress, Split, test_field, validation_field
from dlcore.fields import derived
from dlcore.language.vocabulary import Vocabulary
from dlcore.layers import Shape
from dlcore.problem import Problem

SHOWN = 12
"""Pairs of the preview."""


class Pairs(Dataset):
    """Sources and targets, both texts."""

    modality: ClassVar[str] = "pairs"
    task: ClassVar[str] = "translation"
    order: ClassVar[int] = 60
    usual_architecture: ClassVar[str] = "seq2seq"
    classes: ClassVar[tuple[str, ...]] = ()
    licence: ClassVar[str] = "generated; no licence needed"
    titles: ClassVar[tuple[str, str]] = ("Source", "Target")
    """What the two texts of a pair are called."""
    try_it: ClassVar[tuple[str, ...]] = ()
    """Sources to begin with on the Text page."""

    validation_share: float = validation_field(0.1)
    test_share: float = test_field()

    @property
    def lengths(self) -> tuple[int, int]:
        """The most tokens of a source, and of a target with the one that ends it."""
        raise NotImplementedError

    @property
    def sizes(self) -> tuple[int, int]:
        """Tokens of the two vocabularies, known before they are learned."""
        raise NotImplementedError

    @derived
    def input_shape(self) -> Shape:
        return (self.lengths[0],)

    @property
    def problem(self) -> Problem:
        source, target = self.sizes
        return Problem(
            self.input_shape, target_shape=(self.lengths[1],), vocabulary=source, target_vocabulary=target
        )

    def pairs(self, seed: int) -> list[tuple[str, str]]:
        """All pairs; the same for the same seed."""
        raise NotImplementedError

    def vocabularies(self, sources: list[str], targets: list[str]) -> dict[str, Vocabulary]:
        """``source`` and ``target``, learned from those of the training part."""
        raise NotImplementedError

    def load(self, seed: int, report: Progress | None = None) -> Split:
        return self.split(self.pairs(seed), seed)

    def split(self, pairs: list[tuple[str, str]], seed: int) -> Split:
        """The three parts; a pair of more tokens than the lengths is in none."""
        sources, targets = (np.array(texts, object) for texts in zip(*pairs, strict=True))
        shares = (self.validation_share, self.test_share)
        cuts = by_source(sources, shares, np.random.default_rng(seed))
        known = self.vocabularies(sources[cuts[0]].tolist(), targets[cuts[0]].tolist())
        read, write = known["source"].encode_all(sources), known["target"].encode_all(targets)
        longest, length = self.lengths
        fits = np.array([len(x) <= longest and len(y) < length for x, y in zip(read, write, strict=True)])
        whole = Part(
            known["source"].rows(sources, longest),
            known["target"].rows(targets, length, end=True),
            {"source": sources, "target": targets},
        )
        train, validation, test = (whole[cut[fits[cut]]] for cut in cuts)
        return Split(train, validation, test, vocabularies=known)

    def views(self, split: Split) -> list[dict[str, Any]]:
        source, target = self.titles
        some = split.train[:SHOWN].texts
        lengths = (split.train.kept != 0).sum(axis=1)
        return [
            {
                "kind": "table",
                "title": "Some pairs of the training part",
                "columns": {source: some["source"].tolist(), target: some["target"].tolist()},
            },
            {"kind": "histogram", "title": f"Tokens: {source}", "values": lengths[:2000].tolist()},
        ]


def by_source(
    sources: np.ndarray, shares: tuple[float, float], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places of training, validation and test part, shuffled; equal sources are in the same part."""
    unique, group = np.unique(sources, return_inverse=True)
    validation, test = (round(share * len(unique)) for share in shares)
    part = np.zeros(len(unique), int)
    order = rng.permutation(len(unique))
    part[order[: validation + test]] = 1
    part[order[:test]] = 2
    chosen = [rng.permutation(np.flatnonzero(part[group] == which)) for which in range(3)]
    return chosen[0], chosen[1], chosen[2]
