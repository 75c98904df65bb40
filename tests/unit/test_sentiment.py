"""A text's sentiment is what Hugging Face's pipeline says of it, and every text gets an answer.

The numbers come from tests/make_sentiment_fixtures.py; PyTorch is not needed here.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from dlcore.language import catalog, classifier, first_answer, sentiment
from dlcore.language.files import CheckpointError
from dlcore.language.tokens import TokenizerError

TINY = Path(__file__).parents[1] / "fixtures" / "sentiment"
GPT2 = TINY.parent / "language" / "gpt2"
ANSWERS = json.loads((TINY / "answers.json").read_text())


@pytest.fixture(scope="module")
def reader() -> sentiment.Reader:
    return sentiment.Reader(TINY)


@pytest.mark.parametrize("together", [True, False])
def test_probabilities_are_those_of_the_hugging_face_pipeline(reader: sentiment.Reader, together: bool):
    texts = [row["text"] for row in ANSWERS]
    found = reader.classify(texts) if together else [reader.classify([text])[0] for text in texts]
    for row, answer in zip(ANSWERS, found, strict=True):
        assert answer["probabilities"] == pytest.approx(row["probabilities"], abs=1e-5)
        assert answer["label"] == max(row["probabilities"], key=row["probabilities"].__getitem__)
        assert answer["score"] == max(answer["probabilities"].values())


def test_a_long_text_is_cut_where_the_pipeline_cuts_it_and_that_is_said(reader: sentiment.Reader):
    (answer,) = reader.classify([ANSWERS[-1]["text"]])
    assert answer["truncated"]
    assert answer["tokens"] == 48
    assert "room for 48 tokens" in answer["note"]


def test_a_text_that_just_fits_is_not_cut(reader: sentiment.Reader):
    fits, longer = reader.classify(["film " * 46, "film " * 47])
    assert (fits["tokens"], fits["truncated"], fits["note"]) == (48, False, "")
    assert (longer["tokens"], longer["truncated"]) == (48, True)


@pytest.mark.parametrize("text", ["", "  \n\t ", "\u200b\u200b", "\u200d\ufeff", "\x00\x07"])
def test_a_text_without_anything_to_read_gets_an_answer(reader: sentiment.Reader, text: str):
    full, answer = reader.classify(["film", text])
    assert full["label"] != "empty"
    assert (answer["label"], answer["score"], answer["probabilities"]) == ("empty", 0.0, {})
    assert answer["note"] == "There is nothing in it to read."


@pytest.mark.parametrize("text", ["😀😀", "مرحبا", "\ud83d", "film\u200b\u200bfilm", "\u202efilm"])
def test_strange_characters_get_an_answer(reader: sentiment.Reader, text: str):
    (answer,) = reader.classify([text])
    assert sum(answer["probabilities"].values()) == pytest.approx(1)
    assert answer["text"].encode("utf-8")


def test_what_is_not_in_the_vocabulary_is_said(reader: sentiment.Reader):
    (answer,) = reader.classify(["😀😀"])
    assert "vocabulary" in answer["note"]


@pytest.mark.parametrize("text", ["film " * 200_000, "x" * 10**6, " " * 10**6 + "film", "é" * 10**6])
def test_a_megabyte_is_answered(reader: sentiment.Reader, text: str):
    (answer,) = reader.classify([text])
    assert answer["probabilities"]
    assert answer["tokens"] <= 48


def test_text_after_a_long_gap_is_read(reader: sentiment.Reader):
    gap, plain = reader.classify(["film" + " " * 100_000 + "dull", "film dull"])
    assert gap["probabilities"] == plain["probabilities"]


def test_the_order_of_many_texts_is_kept_and_one_trace_serves_every_length(reader: sentiment.Reader):
    texts = [f"the film {'is dull ' * (i % 23)}" for i in range(300)]
    answer = reader.classify(texts)
    assert [row["text"] for row in answer] == texts
    alone = [reader.classify([text])[0] for text in texts[:23]]
    for one, row in zip(alone, answer[:23], strict=True):
        assert row["probabilities"] == pytest.approx(one["probabilities"], abs=1e-5)
    reader.forward.wait()
    reader.classify(texts)
    assert reader.forward._compiled.experimental_get_tracing_count() == 1


def test_a_batch_never_holds_more_tokens_than_it_may(
    reader: sentiment.Reader, monkeypatch: pytest.MonkeyPatch
):
    sizes = []
    fill = reader.fill
    monkeypatch.setattr(reader, "fill", lambda rows: (sizes.append(fill(rows)[0].size), fill(rows))[1])
    reader.logits([[2, *[7] * (i % 40), 3] for i in range(500)])
    assert max(sizes) <= classifier.BATCH_TOKENS
    assert len(sizes) < 20


def test_no_texts_no_answers(reader: sentiment.Reader):
    assert reader.classify([]) == []


def test_each_token_looks_at_others_with_a_sum_of_one(reader: sentiment.Reader):
    weights = reader.attention(reader.encode("the film is dull").tokens)
    assert weights.shape == (2, 2, 6, 6)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)


def test_a_network_is_loaded_once():
    assert sentiment.reader(TINY) is sentiment.reader(TINY)


def test_a_network_that_writes_is_refused_by_name():
    with pytest.raises(CheckpointError, match="gpt2: expected a network that classifies"):
        sentiment.Reader(GPT2)


@pytest.mark.slow
def test_the_first_answer_that_ships_is_the_networks():
    for model in catalog.shipped():
        if model.task == "sentiment":
            stored = first_answer.first_answer(model.folder, first_answer.TEXT)
            explanation = sentiment.explain(model.folder, first_answer.TEXT)
            assert stored["probabilities"] == pytest.approx(explanation["probabilities"], abs=1e-3)
            told, now = ([word["gradients"] for word in row["words"]] for row in (stored, explanation))
            assert told == pytest.approx(now, abs=1e-2)
            np.testing.assert_allclose(
                stored["attention"]["weights"], explanation["attention"]["weights"], atol=1e-2
            )


def test_an_empty_folder_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match="tokenizer"):
        sentiment.reader(tmp_path)


# -- odd files --------------------------------------------------------------------------------------


@pytest.fixture
def changed(tmp_path: Path) -> Callable[..., Path]:
    """A copy of the tiny network with other values in its configuration, and as many outputs as said."""

    def make(outputs: int = 2, **values: object) -> Path:
        folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
        config = folder / "config.json"
        config.write_text(json.dumps(json.loads(config.read_text()) | values))
        tensors = load_file(folder / "model.safetensors")
        for name in ("classifier.weight", "classifier.bias"):
            tensors[name] = np.resize(tensors[name], (outputs, *tensors[name].shape[1:]))
        save_file(tensors, folder / "model.safetensors")
        return folder

    return make


def tokens(folder: Path, change: Callable[[dict], object]) -> None:
    """Rewrite a tokenizer."""
    file = folder / "tokenizer.json"
    data = json.loads(file.read_text())
    change(data)
    file.write_text(json.dumps(data))


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (["NEGATIVE", "Positive"], ["negative", "positive"]),
        (["Neutral", "neutral", "POSITIVE"], ["Neutral", "neutral", "positive"]),
        (["a", "a", "b"], ["a (0)", "a (1)", "b"]),
        (["a", "a", "a (0)"], ["a (0)", "a (1)", "a (0)′"]),
        (["LABEL_0", "label_0"], ["LABEL_0", "label_0"]),
        (["1", "1"], ["1 (0)", "1 (1)"]),
    ],
)
def test_every_class_has_a_name_of_its_own(names: list[str], labels: list[str]):
    assert sentiment.distinct(names) == labels


def test_two_classes_of_one_name_keep_their_probabilities(changed: Callable[..., Path]):
    folder = changed(3, id2label={"0": "Neutral", "1": "neutral", "2": "Positive"})
    (answer,) = sentiment.Reader(folder).classify(["a good film"])
    assert set(answer["probabilities"]) == {"Neutral", "neutral", "positive"}
    assert sum(answer["probabilities"].values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("given", "labels"), [({"0": 0, "1": 1}, {"0", "1"}), ({"0": None, "1": None}, {"LABEL_0", "LABEL_1"})]
)
def test_names_that_are_numbers_or_none(changed: Callable[..., Path], given: dict, labels: set[str]):
    (answer,) = sentiment.Reader(changed(id2label=given)).classify(["a good film"])
    assert set(answer["probabilities"]) == labels


def test_one_output_is_a_regression_head_with_a_value(changed: Callable[..., Path]):
    folder = changed(1, id2label={"0": "stars"})
    reader = sentiment.Reader(folder)
    good, bad, empty = reader.classify(["a good film", "bad", ""])
    assert good["value"] == pytest.approx(float(reader.logits([reader.encode("a good film").tokens])[0, 0]))
    assert good["value"] != bad["value"] and empty["value"] is None
    assert (good["label"], good["score"], good["probabilities"]) == ("stars", None, {})
    assert "regression head" in good["note"] and f"{good['value']:.4g}" in good["note"]
    assert sentiment.explain(folder, "a good film") == good


def test_a_token_beyond_the_embedding_is_named(changed: Callable[..., Path]):
    folder = changed()
    tokens(folder, lambda data: data["model"]["vocab"].update(zebra=10_000))
    reader = sentiment.Reader(folder)
    assert reader.classify(["good"])[0]["probabilities"]
    with pytest.raises(TokenizerError, match=r"has more tokens .* which cannot read 'zebra'"):
        reader.classify(["a zebra"])


def test_without_cls_and_sep_the_text_stands_alone(changed: Callable[..., Path]):
    folder = changed()
    plain = sentiment.Reader(folder).encode("good film")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    reader = sentiment.Reader(folder)
    assert (reader.before, reader.after) == ([], [])
    assert reader.encode("good film").tokens == plain.tokens[1:-1]
    good, empty = reader.classify(["good film", " "])
    assert sum(good["probabilities"].values()) == pytest.approx(1)
    assert empty["label"] == "empty"
    assert len(sentiment.explain(folder, "good film")["words"]) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "is a Git LFS pointer"),
        ("<html>", "cannot be read"),
        ("{}", "cannot be read"),
        ("[]", "cannot be read"),
        ('{"model": 3}', "cannot be read"),
    ],
)
def test_a_tokenizer_that_is_none_is_refused_in_one_line(changed: Callable[..., Path], text: str, said: str):
    folder = changed()
    (folder / "tokenizer.json").write_text(text)
    with pytest.raises(CheckpointError, match=said) as caught:
        sentiment.Reader(folder)
    assert "\n" not in str(caught.value) and str(caught.value).startswith("tiny: ")


def test_a_tokenizer_that_fails_at_its_work_is_refused_in_one_line(changed: Callable[..., Path]):
    folder = changed()
    tokens(folder, lambda data: data["model"]["vocab"].pop("[UNK]"))
    with pytest.raises(TokenizerError, match="cannot"):
        sentiment.Reader(folder).classify(["😀"])
