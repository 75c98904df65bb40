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


def writer(name: str, model: Any, vocabulary: Vocabulary) -> Writer:
    """A trained decoder, ready to write. An empty prompt is the end of a line, so that it begins one."""
    line = vocabulary.encode("\n")
    start = line[0] if line and line[0] != UNKNOWN else len(SPECIAL)
    return Writer(name, model, tokenizer(vocabulary), start=start, tokens=len(vocabulary))


def writer_while_training(model: Any, vocabulary: Vocabulary) -> Writer:
    """The same, compiled once for a network whose weights change between two calls."""
    kept: Writer | None = getattr(model, "writer", None)
    if kept is None:
        kept = model.writer = writer("network", model, vocabulary)
    kept.forget()
    return kept


def tokenizer(vocabulary: Vocabulary) -> Any:
    """As transformers has it."""
    from tokenizers import Tokenizer, decoders
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer.from_str(vocabulary.to_json()["tokenizer"])
    if made.decoder is None:
        made.decoder = decoders.Fuse()  # characters follow each other without a space
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=SPECIAL[0], unk_token=SPECIAL[1], clean_up_tokenization_spaces=False
    )
