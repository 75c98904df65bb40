"""A text's sentiment is what Hugging Face's pipeline says of it, and every text gets an answer.

The numbers come from tests/make_sentiment_fixtures.py; PyTorch is not needed here.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from dlcore.language import catalog, first_answer, sentiment
from dlcore.language.checkpoint import CheckpointError

TINY = Path(__file__).parents[1] / "fixtures" / "sentiment"
GPT2 = TINY.parent / "language" / "gpt2"
ANSWERS = json.loads((TINY / "answers.json").read_text())


@pytest.fixture(scope="module")
def reader() -> sentiment.Reader:
    return sentiment.Reader(TINY)


@pytest.mark.parametrize("together", [True, False])
def test_probabilities_are_those_of_the_hugging_face_pipeline(reader: sentiment.Reader, together: bool):
    texts = [row["text"] for row in ANSWERS]
    found = reader.judge(texts) if together else [reader.judge([text])[0] for text in texts]
    for row, answer in zip(ANSWERS, found, strict=True):
        assert answer["probabilities"] == pytest.approx(row["probabilities"], abs=1e-5)
        assert answer["label"] == max(row["probabilities"], key=row["probabilities"].__getitem__)
        assert answer["score"] == max(answer["probabilities"].values())


def test_a_long_text_is_cut_where_the_pipeline_cuts_it_and_that_is_said(reader: sentiment.Reader):
    (found,) = reader.judge([ANSWERS[-1]["text"]])
    assert found["truncated"]
    assert found["tokens"] == 48
    assert "room for 48 tokens" in found["note"]


def test_a_text_that_just_fits_is_not_cut(reader: sentiment.Reader):
    fits, longer = reader.judge(["film " * 46, "film " * 47])
    assert (fits["tokens"], fits["truncated"], fits["note"]) == (48, False, "")
    assert (longer["tokens"], longer["truncated"]) == (48, True)


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u200b", "\u200d\ufeff", "\x00\x07"])
def test_a_text_without_anything_to_read_gets_an_answer(reader: sentiment.Reader, text: str):
    full, found = reader.judge(["film", text])
    assert full["label"] != "empty"
    assert (found["label"], found["score"], found["probabilities"]) == ("empty", 0.0, {})
    assert found["note"] == "There is nothing in it to read."


@pytest.mark.parametrize("text", ["😀😀", "مرحبا", "\ud83d", "film\u200b\u200bfilm", "\u202efilm"])
def test_strange_characters_get_an_answer(reader: sentiment.Reader, text: str):
    (found,) = reader.judge([text])
    assert sum(found["probabilities"].values()) == pytest.approx(1)
    assert found["text"].encode("utf-8")


def test_what_is_not_in_the_vocabulary_is_said(reader: sentiment.Reader):
    (found,) = reader.judge(["😀😀"])
    assert "vocabulary" in found["note"]


@pytest.mark.parametrize("text", ["film " * 200_000, "x" * 10**6, " " * 10**6 + "film", "é" * 10**6])
def test_a_megabyte_is_answered(reader: sentiment.Reader, text: str):
    (found,) = reader.judge([text])
    assert found["probabilities"]
    assert found["tokens"] <= 48


def test_text_after_a_long_gap_is_read(reader: sentiment.Reader):
    gap, plain = reader.judge(["film" + " " * 100_000 + "dull", "film dull"])
    assert gap["probabilities"] == plain["probabilities"]


def test_the_order_of_many_texts_is_kept_and_one_trace_serves_every_length(reader: sentiment.Reader):
    texts = [f"the film {'is dull ' * (i % 23)}" for i in range(300)]
    found = reader.judge(texts)
    assert [row["text"] for row in found] == texts
    alone = [reader.judge([text])[0] for text in texts[:23]]
    for one, row in zip(alone, found[:23], strict=True):
        assert row["probabilities"] == pytest.approx(one["probabilities"], abs=1e-5)
    assert reader._logits.experimental_get_tracing_count() == 1


def test_a_batch_never_holds_more_tokens_than_it_may(
    reader: sentiment.Reader, monkeypatch: pytest.MonkeyPatch
):
    sizes = []
    fill = reader.fill
    monkeypatch.setattr(reader, "fill", lambda rows: (sizes.append(fill(rows)[0].size), fill(rows))[1])
    reader.logits([[2, *[7] * (i % 40), 3] for i in range(500)])
    assert max(sizes) <= sentiment.BATCH_TOKENS
    assert len(sizes) < 20


def test_no_texts_no_answers(reader: sentiment.Reader):
    assert reader.judge([]) == []


def test_each_token_looks_at_others_with_a_sum_of_one(reader: sentiment.Reader):
    found = reader.attention(reader.encode("the film is dull").tokens)
    assert found.shape == (2, 2, 6, 6)
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-5)


def test_a_network_is_loaded_once():
    assert sentiment.reader(TINY) is sentiment.reader(TINY)


def test_a_network_that_writes_is_refused_by_name():
    with pytest.raises(CheckpointError, match="gpt2: expected a network that classifies"):
        sentiment.Reader(GPT2)


def test_the_first_answer_that_ships_is_the_networks():
    for model in catalog.shipped():
        if model.task == "sentiment":
            stored = first_answer.first_answer(model.folder, first_answer.TEXT)
            found = sentiment.explain(model.folder, first_answer.TEXT)
            assert stored["probabilities"] == pytest.approx(found["probabilities"], abs=1e-3)
            told, now = ([word["gradients"] for word in row["words"]] for row in (stored, found))
            assert told == pytest.approx(now, abs=1e-2)
            np.testing.assert_allclose(
                stored["attention"]["weights"], found["attention"]["weights"], atol=1e-2
            )


def test_an_empty_folder_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="tokenizer"):
        sentiment.reader(tmp_path)
