"""A vocabulary used as a tokenizer says what transformers' own would."""

from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders

from dlcore.language.trained_writer import TrainedTokenizer
from dlcore.language.vocabulary import KINDS, SPECIAL, Vocabulary

TEXT = "The quick (brown) fox jumps; naïve café 🙂!\n\nAnd [PAD] over it."


@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_cut_as_in_training_and_put_together_as_by_transformers(kind: str) -> None:
    from transformers import PreTrainedTokenizerFast

    vocabulary = Vocabulary.learn([TEXT], kind, 300)
    ours = TrainedTokenizer(vocabulary)
    made = Tokenizer.from_str(vocabulary.to_json()["tokenizer"])
    made.decoder = made.decoder or decoders.Fuse()
    theirs = PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=SPECIAL[0], unk_token=SPECIAL[1], clean_up_tokenization_spaces=False
    )
    assert len(ours) == len(theirs) == len(vocabulary)
    for text in (TEXT, "", " a  b\n", "unseen Ж [UNK]"):
        assert ours(text)["input_ids"] == vocabulary.encode(text)
    rows = np.random.default_rng(0).integers(len(vocabulary), size=(50, 8)).tolist()
    for tokens in [vocabulary.encode(TEXT), *rows]:
        for skip in (True, False):
            assert ours.decode(tokens, skip) == theirs.decode(tokens, skip_special_tokens=skip)
