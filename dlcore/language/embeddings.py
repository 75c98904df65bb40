"""What a network has learned about words, read from its weights: which are near, and what lies between them.

Mikolov et al. 2013: words that are used alike get like vectors, and directions mean something, so that the nearest
to king − man + woman may be queen. Needs no framework, so pages may use it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load
from tokenizers import Tokenizer

from dlcore.language.files import called
from dlcore.language.tokenizer import SPECIAL
from dlcore.models import ModelInfo, UnknownModel, vocabularies
from dlcore.runs.store import Store

TENSORS = ("word_embeddings.weight", "wte.weight", "embed_tokens.weight")
"""How the vectors of tokens are called in checkpoints."""
PIECE = "##"
"""How a piece begins that is not the beginning of a word."""
BEGINS = "Ġ"
"""How a token of byte pairs begins that begins a word."""


@dataclass(frozen=True)
class Embeddings:
    """Words and their vectors, of shape (words, width)."""

    words: tuple[str, ...]
    vectors: np.ndarray

    @cached_property
    def places(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words)}

    @cached_property
    def units(self) -> np.ndarray:
        """The vectors with length 1: their products are cosines."""
        lengths = np.linalg.norm(self.vectors, axis=1, keepdims=True)
        units: np.ndarray = self.vectors / np.maximum(lengths, 1e-9)
        return units

    def find(self, word: str) -> str:
        """The word as it is known here, in small letters where only those are; empty where it is not."""
        word = word.strip()
        return next((form for form in (word, word.lower()) if form in self.places), "")

    def nearest(self, plus: list[str], minus: list[str] = [], count: int = 10) -> list[tuple[str, float]]:  # noqa: B006
        """The words whose vectors point most like the sum, with their cosines; not those that are asked about."""
        total = sum(self.units[self.places[word]] for word in plus)
        total = total - sum(self.units[self.places[word]] for word in minus)
        cosines = self.units @ (total / max(float(np.linalg.norm(total)), 1e-9))
        asked = {self.places[word] for word in (*plus, *minus)}
        order = [i for i in np.argsort(-cosines, kind="stable")[: count + len(asked)] if i not in asked]
        return [(self.words[i], float(cosines[i])) for i in order[:count]]

    def plane(self, words: list[str]) -> tuple[np.ndarray, float]:
        """Words (n, 2) on their first two principal components, and the share of the variance that these show."""
        vectors = self.units[[self.places[word] for word in words]].astype("float64")
        centred = vectors - vectors.mean(axis=0)
        _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
        places = np.zeros((len(words), 2))
        places[:, : min(2, len(directions))] = centred @ directions[:2].T
        return places, float((sizes[:2] ** 2).sum() / max(float((sizes**2).sum()), 1e-12))

    @cached_property
    def strongest(self) -> list[str]:
        """Words by the length of their vectors: where these begin short, those that matter to the network."""
        order = np.argsort(-np.linalg.norm(self.vectors, axis=1), kind="stable")
        return [self.words[i] for i in order]


def of_run(store: Store, info: ModelInfo) -> Embeddings:
    """Those that a run has learned. Raises UnknownModel where it has none, or they are gone or damaged."""
    names = next(iter(vocabularies(store, info).values())).tokens
    try:
        arrays = load(store.artifacts.read(f"{info.name}/model/weights.safetensors"))
    except (OSError, SafetensorError) as error:
        raise UnknownModel(
            f"model: the weights of {info.name} are gone or damaged; train it again"
        ) from error
    tables = [array for name, array in sorted(arrays.items()) if name.endswith("/embeddings")]
    if not tables:
        raise UnknownModel(f"model: {info.name} has no embeddings")
    return _whole_words(names, tables[0].astype("float32"))


@lru_cache(maxsize=4)
def of_checkpoint(folder: Path) -> Embeddings:
    """Those of a checkpoint at hand. Raises UnknownModel where there are none that can be read."""
    try:
        with safe_open(folder / "model.safetensors", "numpy") as file:
            name = next(name for name in file.keys() if name.endswith(TENSORS))  # noqa: SIM118
            vectors = file.get_tensor(name).astype("float32")
        vocabulary = Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab()
    except Exception as error:  # StopIteration, what the two libraries raise, and dtypes that NumPy lacks
        raise UnknownModel(f"model: the embeddings of {called(folder)} cannot be read") from error
    names = [""] * len(vectors)
    for word, place in vocabulary.items():
        if place < len(names):
            names[place] = word
    return _whole_words(names, vectors)


def _whole_words(names: list[str], vectors: np.ndarray) -> Embeddings:
    """Of all tokens those that are whole words, or signs."""
    begins = any(name.startswith(BEGINS) for name in names)
    words: dict[str, int] = {}
    for place, name in enumerate(names):
        special = name in SPECIAL or (name.startswith(("[", "<")) and name.endswith(("]", ">")))
        if not name or special or name.startswith(PIECE) or (begins and not name.startswith(BEGINS)):
            continue
        word = name.removeprefix(BEGINS)
        if word and word.isprintable():
            words.setdefault(word, place)
    return Embeddings(tuple(words), vectors[list(words.values())])
