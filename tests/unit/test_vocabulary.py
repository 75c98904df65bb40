"""Vocabularies: text to tokens and back, the same for the same texts, in any process."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from dlcore.language import tokenizer
from dlcore.language.review_grammar import reviews
from dlcore.language.tokenizer import Kind
from dlcore.language.vocabulary import END, KINDS, PAD, START, UNKNOWN, Vocabulary

TEXTS = [
    "The film isn't good, not at all!",
    "A very good film. Naïve — wow 😀",
    "[PAD] hello\nworld",
    *reviews(200, 0)[0],
]


@pytest.fixture(params=KINDS)
def vocabulary(request: pytest.FixtureRequest) -> Vocabulary:
    return Vocabulary.learn(TEXTS, request.param, 400)


def test_the_first_tokens_are_special_and_no_text_has_them(vocabulary: Vocabulary):
    assert (PAD, UNKNOWN, START, END) == (0, 1, 2, 3)
    assert vocabulary.tokens[:4] == ["[PAD]", "[UNK]", "[START]", "[END]"]
    assert {PAD, START, END}.isdisjoint(vocabulary.encode("[PAD] and [START] are words, and so is [END]"))
    assert len(vocabulary) <= 400 and len({*vocabulary.tokens}) == len(vocabulary)


def test_what_was_learned_is_said_again(vocabulary: Vocabulary):
    for text in ("the acting was not good , but the plot was charming .", "A very good film."):
        again = vocabulary.decode(vocabulary.encode(text))
        assert again.replace(" ", "") == text.replace(" ", "")
    assert vocabulary.decode([START, *vocabulary.encode("good film"), END, PAD, PAD]) == "good film"


def test_it_outlives_its_process(vocabulary: Vocabulary):
    again = Vocabulary.from_json(json.loads(json.dumps(vocabulary.to_json())))
    assert again == vocabulary and again.encode(TEXTS[0]) == vocabulary.encode(TEXTS[0])
    with pytest.raises(ValueError, match="expected a kind and a tokenizer"):
        Vocabulary.from_json({"kind": "words", "tokenizer": "{}"})


def test_spans_are_places_in_the_text(vocabulary: Vocabulary):
    text = "The plot was NOT good 😀, half a \ud83d character"
    tokens, spans = vocabulary.spans(text)
    assert tokens == vocabulary.encode(text) and len(spans) == len(tokens)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert [start for start, _ in spans] == sorted(start for start, _ in spans)


def test_rows_are_cut_and_filled(vocabulary: Vocabulary):
    rows = vocabulary.rows(["good film", "good " * 500, ""], 6, start=True, end=True)
    assert rows.dtype == np.int32 and rows.shape == (3, 6)
    assert rows[0, 0] == START and END in rows[0]
    assert rows[1, 0] == START and rows[1, -1] == END and (rows[1] != PAD).all()
    assert rows[2].tolist() == [START, END, PAD, PAD, PAD, PAD]


def test_a_text_without_a_token_is_one_unknown_token(vocabulary: Vocabulary):
    assert vocabulary.rows([""], 3).tolist() == [[1, 0, 0]]
    assert vocabulary.rows([""], 3, end=True).tolist() == [[3, 0, 0]]


def test_words_are_the_most_frequent_and_the_rest_is_unknown():
    vocabulary = Vocabulary.learn(["b b b a a c", "d"], "words", 6)
    assert vocabulary.tokens[4:] == ["b", "a"]
    assert vocabulary.encode("a c b") == [5, UNKNOWN, 4]
    assert vocabulary.decode([4, UNKNOWN]) == "b �"


def test_capitals_are_made_small_on_request():
    vocabulary = Vocabulary.learn(["Good GOOD good"], "words", 10, lower=True)
    assert vocabulary.tokens[4:] == ["good"] and vocabulary.encode("gOOd") == [4]


def test_byte_pairs_know_every_character():
    vocabulary = Vocabulary.learn(TEXTS, "BPE", 300)
    text = "Ωmega, 漢字 and 😀\n\ttabs  twice"
    assert vocabulary.decode(vocabulary.encode(text)) == text
    assert UNKNOWN not in vocabulary.encode(text)


def test_signs_stand_where_they_should():
    vocabulary = Vocabulary.learn(["( not ) good , no ! well : a ?"], "words", 50)
    assert vocabulary.decode(vocabulary.encode("Not (good), no!".lower())) == "not (good), no!"


def test_an_unknown_kind_is_refused():
    with pytest.raises(
        ValueError, match="expected one of characters, words, WordPiece, BPE, received 'syllables'"
    ):
        Vocabulary.learn(["a"], "syllables", 10)  # type: ignore[arg-type]


LEARN = """
import json, sys
from dlcore.language.review_grammar import reviews
from dlcore.language.vocabulary import KINDS, Vocabulary
print(json.dumps([Vocabulary.learn(reviews(500, 0)[0], kind, 350).to_json() for kind in KINDS]))
assert not {"tensorflow", "transformers", "keras", "torch"} & {*sys.modules}
"""


def test_the_same_texts_give_the_same_vocabulary_in_every_process_without_a_framework():
    first, second = (
        subprocess.run([sys.executable, "-c", LEARN], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    )
    assert first == second


HARD = [
    "",
    " \t\n ",
    "3.14 1,000,000 2026-11-27 00:59 ½ ² Ⅷ",
    "«Don’t!» he said—twice… (no: thrice?) e.g. co-op, C++, a_b, #1, 50%",
    "Äpfel, naïve café, İstanbul, Straße, e\u0301 and ﬁ",
    "日本語のテキスト 한국어 漢字",
    "👍🏽 👩‍👩‍👧 😀🇩🇪",
    "[PAD] [UNK] [START] [END] ##s",
    "x" * 150 + " " + "good" * 40,
    "null \x00 and \u200bzero \ufeffwidth",
    "The acting wasn't GOOD, but the plot was charming .",
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lower", [True, False])
def test_exported_code_gives_every_text_the_same_tokens(kind: Kind, lower: bool):
    names: dict[str, Any] = {}
    exec("\n".join(tokenizer.imports(kind)) + "\n" + tokenizer.code(kind, 420, lower=lower), names)
    texts = [*TEXTS, *HARD[:-1]]
    ours, theirs = Vocabulary.learn(texts, kind, 420, lower=lower), names["learn"](texts)
    for text in HARD:
        assert theirs.encode(text).ids == ours.encode(text), text
