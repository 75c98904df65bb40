"""What the words did: integrated gradients as PyTorch computes them, completeness, leaving words out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dlcore.charts.words import without
from dlcore.language import attribution, sentiment

TINY = Path(__file__).parents[1] / "fixtures" / "sentiment"
NUMBERS = json.loads((TINY / "gradients.json").read_text())
TEXT = "It's not bad, it is the best film of the year!"


@pytest.fixture(scope="module")
def reader() -> sentiment.Reader:
    return sentiment.reader(TINY)


def odds(share: float) -> float:
    return float(np.log(share / (1 - share)))


def test_gradients_are_those_of_pytorch(reader: sentiment.Reader):
    row = reader.encode(NUMBERS["text"])
    assert row.tokens == NUMBERS["tokens"]
    found = attribution.gradients(reader, row, target=1)
    assert found["output"] == pytest.approx(NUMBERS["output"], abs=1e-4)
    assert found["baseline"] == pytest.approx(NUMBERS["baseline"], abs=1e-4)
    np.testing.assert_allclose(found["tokens"], NUMBERS["contributions"], atol=2e-3)


@pytest.mark.parametrize(
    "text", [TEXT, "dull", "the best film and a terrible ending " * 3, "film " * 100, "😀 great"]
)
def test_the_words_add_up_to_the_change_of_the_output(reader: sentiment.Reader, text: str):
    explanation = attribution.explain(reader, text)
    total = sum(word["gradients"] for word in explanation["words"])
    change = explanation["output"] - explanation["baseline"]
    assert total == pytest.approx(change, rel=0.01, abs=1e-4)
    assert explanation["completeness_error"] == pytest.approx(abs(total - change) / abs(change), abs=1e-6)
    assert explanation["output"] == pytest.approx(odds(explanation["probabilities"]["positive"]), abs=1e-3)


def test_words_stand_where_they_stand_in_the_text(reader: sentiment.Reader):
    text = "  Über-naïve\ncafé — it's  <b>😀</b>!"
    explanation = attribution.explain(reader, text)
    assert [text[w["start"] : w["end"]] for w in explanation["words"]] == [
        "Über-naïve",
        "café",
        "—",
        "it's",
        "<",
        "b",
        ">😀</",
        "b",
        ">!",
    ]


def test_a_word_left_out_is_the_text_without_it(reader: sentiment.Reader):
    explanation = attribution.explain(reader, TEXT)
    for word in explanation["words"]:
        (other,) = reader.classify([without(TEXT, word["start"], word["end"])])
        assert word["without"] == pytest.approx(other["probabilities"]["positive"], abs=1e-5)
        assert word["left_out"] == pytest.approx(explanation["output"] - odds(word["without"]), abs=1e-3)


def test_of_a_cut_text_only_what_was_read_counts(reader: sentiment.Reader):
    text = "film " * 46 + "dull"  # would come in if a word before it were left out
    explanation = attribution.explain(reader, text)
    assert len(explanation["words"]) == 46
    assert explanation["words"][-1]["end"] < text.index("dull")
    (other,) = reader.classify(["film " * 45])
    assert explanation["words"][0]["without"] == pytest.approx(other["probabilities"]["positive"], abs=1e-5)


def test_work_on_long_texts_is_bounded_and_the_strongest_words_come_first(
    reader: sentiment.Reader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(attribution, "MOST_WORDS", 3)
    words = attribution.explain(reader, TEXT)["words"]
    tried = [abs(word["gradients"]) for word in words if word["left_out"] is not None]
    others = [abs(word["gradients"]) for word in words if word["left_out"] is None]
    assert len(tried) == 3
    assert min(tried) >= max(others)


def test_attention_of_a_long_text_is_cut_and_keeps_its_end(
    reader: sentiment.Reader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(attribution, "MOST_ATTENTION", 8)
    found = attribution.attention(reader, reader.encode(TEXT))
    assert found["weights"].shape == (2, 2, 8, 8)
    assert found["tokens"][0] == "[CLS]"
    assert found["tokens"][-1] == "[SEP]"
    assert found["of"] > 8


def test_an_empty_text_has_nothing_to_explain(reader: sentiment.Reader):
    explanation = attribution.explain(reader, " \u200b ")
    assert explanation["label"] == "empty"
    assert "words" not in explanation


@pytest.mark.parametrize(
    ("labels", "logits", "expected"),
    [
        (["negative", "positive"], [2.0, 0.0], "positive"),
        (["positive", "negative"], [2.0, 0.0], "positive"),
        (["label_0", "label_1"], [2.0, 0.0], "label_0"),
        (["negative", "neutral", "positive"], [0.0, 3.0, 1.0], "neutral"),
    ],
)
def test_which_class_is_explained(labels: list[str], logits: list[float], expected: str):
    assert labels[attribution.explained_class(labels, np.array(logits))] == expected


def test_log_odds_of_one_class_among_three():
    logits = np.log([[0.2, 0.5, 0.3]]).astype("float32")
    found = attribution.log_odds(logits, 1)
    assert float(found[0]) == pytest.approx(0.0, abs=1e-6)


def test_answers_are_plain_data(reader: sentiment.Reader):
    explanation = sentiment.explain(TINY, TEXT)
    attention = explanation.pop("attention")
    assert attention["weights"].dtype == np.float16
    assert json.loads(json.dumps(explanation)) == explanation
