"""Networks trained here, used as those of a checkpoint are: with their vocabulary as the tokenizer."""

from __future__ import annotations

from typing import Any

from dlcore import models
from dlcore.language.generation import Writer
from dlcore.language.vocabulary import SPECIAL, UNKNOWN, Vocabulary
from dlcore.models import ModelInfo
from dlcore.runs.store import Store


def writer_of_run(store: Store, info: ModelInfo) -> Writer:
    """The decoder of a run. Raises UnknownModel where its files are damaged or gone."""
    return writer(info.title, models.load(store, info), models.vocabularies(store, info)["text"])


def writer(name: str, model: Any, vocabulary: Vocabulary, *, lean: bool = True) -> Writer:
    """A trained decoder, ready to write. An empty prompt is the end of a line, so that it begins one."""
    line = vocabulary.encode("\n")
    start = line[0] if line and line[0] != UNKNOWN else len(SPECIAL)
    words = TrainedTokenizer(vocabulary)
    return Writer(name, model, words, start=start, tokens=len(vocabulary), lean=lean)


def writer_while_training(model: Any, vocabulary: Vocabulary) -> Writer:
    """The same, compiled once for a network whose weights change between two calls."""
    kept: Writer | None = getattr(model, "writer", None)
    if kept is None:
        kept = model.writer = writer("network", model, vocabulary, lean=False)
    kept.forget()
    return kept


class TrainedTokenizer:
    """A vocabulary with as much of transformers' tokenizers as writing needs: to import those takes half a second,
    which a training would wait for."""

    bos_token_id = eos_token_id = chat_template = None
    name_or_path = "network"

    def __init__(self, vocabulary: Vocabulary):
        from tokenizers import Tokenizer, decoders

        self._vocabulary = vocabulary
        self._made = Tokenizer.from_str(vocabulary.to_json()["tokenizer"])
        self._made.add_special_tokens(SPECIAL[:2])
        if self._made.decoder is None:
            self._made.decoder = decoders.Fuse()  # characters follow each other without a space

    def __len__(self) -> int:
        return len(self._vocabulary)

    def __call__(self, text: str, **_: Any) -> dict[str, list[int]]:
        return {"input_ids": self._vocabulary.encode(text)}

    def decode(self, tokens: list[int], skip_special_tokens: bool = False) -> str:
        return str(self._made.decode(tokens, skip_special_tokens=skip_special_tokens))

    def convert_ids_to_tokens(self, token: int) -> str:
        return self._vocabulary.tokens[token]
