"""Checkpoints for the benchmark of text: full-size networks with random weights, made on the spot.

``python -m bench.text_models FOLDER`` makes ``FOLDER/gpt2`` (124 million weights) and
``FOLDER/distilbert`` (67 million). The speed of a network does not depend on what its weights are.
"""

from __future__ import annotations

import sys
from pathlib import Path


def make(folder: Path) -> None:
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    from dlcore.language.bert import DistilBert, DistilBertConfig
    from dlcore.language.checkpoint import save
    from dlcore.language.gpt2 import GPT2, GPT2Config

    end, unknown = "<|endoftext|>", "[UNK]"
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({end: 0, unknown: 1}, unk_token=unknown)),
        bos_token=end,
        eos_token=end,
        unk_token=unknown,
        pad_token=end,
    )
    for name, network in (("gpt2", GPT2(GPT2Config())), ("distilbert", DistilBert(DistilBertConfig()))):
        place = folder / name
        place.mkdir(parents=True)
        network.build()
        save(network, place)
        tokenizer.save_pretrained(place)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
