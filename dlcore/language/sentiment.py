"""Is a text positive or negative? An encoder with a classifier reads it and says how sure it is.

The answers are those of Hugging Face's ``sentiment-analysis`` pipeline on the same checkpoint: the text is
cut after as many tokens as the network has positions, and the logits go through a softmax.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from dlcore.cache import Cache
from dlcore.compute import lean
from dlcore.forward import Forward
from dlcore.language import checkpoint
from dlcore.language.classifier import Classifier, Encoded
from dlcore.language.files import called
from dlcore.language.tokens import cut, refuse_beyond, tokenizer

FIRST_CUT = 16_384
"""Characters the tokenizer gets at first; a megabyte would be cut into tokens of which 512 are used."""


class Reader(Classifier):
    """An encoder with its tokenizer; compiled from the second answer on, once for every length.

    Args:
        folder: A checkpoint of a ``Bert`` or ``DistilBert`` with a classifier.

    Raises:
        CheckpointError: as :func:`dlcore.language.checkpoint.load` does, or for a network that writes.
    """

    def __init__(self, folder: Path):
        self.tokenizer = tokenizer(folder)
        self.model = checkpoint.load(folder)
        names = getattr(self.model.config, "id2label", None)
        if names is None:
            raise checkpoint.CheckpointError(
                f"{called(folder)}: expected a network that classifies texts (bert, distilbert), "
                f"received a {type(self.model).__name__}"
            )
        self.labels = distinct([names[key] for key in sorted(names, key=int)])
        self.context: int = self.model.config.context
        self.vocabulary: int = self.model.config.vocab_size
        ends = self.tokenizer.cls_token_id, self.tokenizer.sep_token_id
        self.before, self.after = ([] if token is None else [token] for token in ends)
        refuse_beyond(self.tokenizer, self.before + self.after, self.vocabulary)
        padding = self.tokenizer.pad_token_id
        self.padding = padding if padding is not None and padding < self.vocabulary else 0
        any_texts = tf.TensorSpec((None, None), "int32")
        self.forward = Forward(
            lambda tokens, mask: self.model.run(self.model.words(tokens), mask)[0], any_texts, any_texts
        )
        self._attention = tf.function(
            lambda tokens: tf.concat(
                self.model.run(self.model.words(tokens), tf.ones_like(tokens))[1], axis=0
            ),
            input_signature=[tf.TensorSpec((1, None), "int32")],
            autograph=False,
        )
        lean.give_back()

    @property
    def bytes(self) -> int:  # type: ignore[override]
        return sum(4 * int(np.prod(weight.shape)) for weight in self.model.weights)

    def encode(self, text: str) -> Encoded:
        text = text.encode("utf-8", "replace").decode()  # half of a surrogate pair is no character
        room, length = self.context - len(self.before + self.after), FIRST_CUT
        options = {"add_special_tokens": False, "return_offsets_mapping": True}
        while True:
            # Cut to length here and not by the tokenizer: it would keep that setting for all threads.
            encoded = cut(self.tokenizer, text[:length], self.vocabulary, **options)
            tokens, offsets = encoded["input_ids"], [tuple(pair) for pair in encoded["offset_mapping"]]
            if len(tokens) > room or length >= len(text):
                break
            length *= 4
        read = tokens[:room]
        return Encoded(
            text,
            [*self.before, *read, *self.after],
            [*[(0, 0)] * len(self.before), *offsets[:room], *[(0, 0)] * len(self.after)],
            truncated=len(tokens) > room,
            unknown=bool(read) and set(read) == {self.tokenizer.unk_token_id},
        )

    def names(self, tokens: list[int]) -> list[str]:
        names: list[str] = self.tokenizer.convert_ids_to_tokens(tokens)
        return names

    def _logits(self, tokens: np.ndarray, mask: np.ndarray) -> Any:
        return self.forward(tokens, mask)

    def attention(self, tokens: list[int]) -> np.ndarray:
        weights: np.ndarray = self._attention(np.array([tokens], "int32")).numpy()
        return weights


def distinct(names: list[str]) -> list[str]:
    """The classes' names in lower case, as far as they stay different; no two are the same.

    Checkpoints write POSITIVE or Positive and mean the same. ``LABEL_0`` is no word and stays as it is.
    """
    lower = [name if re.fullmatch(r"LABEL_\d+", name) else name.lower() for name in names]
    times = Counter(lower)
    chosen = [names[i] if times[name] > 1 else name for i, name in enumerate(lower)]
    times = Counter(chosen)
    unique: dict[str, None] = {}
    for i, name in enumerate(chosen):
        name = f"{name} ({i})" if times[name] > 1 else name
        while name in unique:
            name += "′"
        unique[name] = None
    return list(unique)


_readers = Cache()


def reader(folder: Path) -> Reader:
    """The reader of a checkpoint, from memory where it has been used lately."""
    file = Path(folder) / "model.safetensors"
    key = file, file.stat().st_mtime_ns if file.exists() else 0  # another download, another network
    return _readers.of(key, lambda: Reader(Path(folder)), lambda new: new.bytes)


def sentiment(folder: Path, texts: list[str]) -> list[dict[str, Any]]:
    """For each text ``{"text", "label", "score", "value", "probabilities", "tokens", "truncated", "note"}``."""
    return reader(folder).classify(texts)


def explain(folder: Path, text: str) -> dict[str, Any]:
    """The answer for one text and what it rests on: see :func:`dlcore.language.attribution.explain`."""
    from dlcore.language import attribution  # it builds on this module

    return attribution.explain(reader(folder), text)
