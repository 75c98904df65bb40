"""Writing on, with a key/value cache."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tiny_text

from dlcore.language.beams import Beams, search
from dlcore.language.files import CheckpointError
from dlcore.language.generation import Writer
from dlcore.language.sampling import Sampling
from dlcore.language.tokens import TokenizerError

GREEDY = Sampling(temperature=0)
FREE = Sampling(temperature=1, top_p=1)


@pytest.fixture(scope="module")
def writer(tmp_path_factory: pytest.TempPathFactory) -> Writer:
    return Writer.load(tiny_text.decoder(tmp_path_factory.mktemp("tiny")))


def whole(writer: Writer, row: list[int]) -> np.ndarray:
    """The logits after a row, computed in one pass without any cache."""
    return np.asarray(writer.model(np.array([writer.window(row)], "int32")))[0, -1]


def test_the_cache_changes_nothing(writer: Writer) -> None:
    prompt = writer.encode("Once upon a time")
    row = prompt + writer.write([prompt], FREE, tokens=15)["tokens"][0]
    for end in range(len(prompt), len(row) + 1):
        assert writer.logits([row[:end]])[0] == pytest.approx(whole(writer, row[:end]), abs=1e-4)


def test_rows_do_not_see_each_other(writer: Writer) -> None:
    one, two = writer.encode("The fox"), writer.encode("It rain")
    two = two[: len(one)]
    together = writer.logits([one, two])
    assert together[0] == pytest.approx(whole(writer, one), abs=1e-4)
    assert together[1] == pytest.approx(whole(writer, two), abs=1e-4)


def test_slices_write_what_one_piece_of_work_writes(writer: Writer) -> None:
    prompt = writer.encode("The king")
    for seed in range(50):  # until neither text comes to an end of its own within 12 tokens
        at_once = writer.write([prompt, prompt], FREE, seed=seed, tokens=12)["tokens"]
        if all(len(row) == 12 for row in at_once):
            break
    rows = [list(prompt), list(prompt)]
    for _ in range(4):
        new = writer.write(rows, FREE, seed=seed, tokens=3, begin=len(prompt))["tokens"]
        rows = [row + added for row, added in zip(rows, new, strict=True)]
    assert [row[len(prompt) :] for row in rows] == at_once
    assert at_once[0] != at_once[1]


def test_a_sample_is_the_same_alone_and_among_others(writer: Writer) -> None:
    prompt = writer.encode("The king")
    many = writer.write([prompt] * 3, FREE, seed=5, tokens=8)["tokens"]
    alone = writer.write([prompt], FREE, seed=5, samples=[2], tokens=8)["tokens"]
    assert alone[0] == many[2]


def test_another_seed_writes_another_text(writer: Writer) -> None:
    prompt = writer.encode("The king")
    texts = {tuple(writer.write([prompt], FREE, seed=s, tokens=8)["tokens"][0]) for s in range(4)}
    assert len(texts) == 4


def test_it_writes_beyond_its_context(writer: Writer) -> None:
    prompt = writer.encode(" ".join(tiny_text.SENTENCES))
    assert len(prompt) > writer.context
    row = prompt + writer.write([prompt], FREE, tokens=20)["tokens"][0]
    assert len(row) == len(prompt) + 20
    for end in range(len(prompt), len(row)):
        seen = writer.window(row[:end])
        assert writer.context // 2 < len(seen) <= writer.context
        assert row[:end][-len(seen) :] == seen


def test_it_ends_at_a_stop_string(writer: Writer) -> None:
    prompt = writer.encode("The king")
    free = writer.write([prompt], FREE, seed=1, tokens=20)["tokens"][0]
    stop = writer.decode(free[5:6])
    written = writer.write([prompt], FREE, seed=1, tokens=20, stop=(stop,))
    assert written["ended"] == [True]
    assert stop in writer.decode(written["tokens"][0])
    assert stop not in writer.decode(written["tokens"][0][:-1])


def test_a_time_limit_leaves_something_to_go_on_from(writer: Writer) -> None:
    prompt = writer.encode("The king")
    written = writer.write([prompt], FREE, tokens=10_000, seconds=0.05)
    assert 0 < len(written["tokens"][0]) < 10_000
    assert written["ended"] == [False]


def test_the_drawn_token_stands_among_the_candidates(writer: Writer) -> None:
    written = writer.write([writer.encode("The king")], FREE, tokens=20)
    for token, candidates in zip(written["tokens"][0], written["candidates"][0], strict=True):
        chances = dict(candidates)
        assert chances[token] > 0
        assert list(chances.values())[:10] == sorted(chances.values(), reverse=True)[:10]


@pytest.mark.parametrize(
    "text", ["", "The king", "naïve café 🙂", "שלום", "a\u200bb", "<b>x</b>\n\n", "bad \udcff byte"]
)
def test_pieces_make_up_the_text(writer: Writer, text: str) -> None:
    tokens = writer.encode(text)
    assert tokens  # of nothing, too: the token a text begins with
    pieces = writer.pieces(tokens)
    assert len(pieces) == len(tokens)
    if text:
        assert "".join(pieces) == text.replace("\udcff", "?")
    for cut in range(len(tokens)):
        assert writer.pieces(tokens, cut) == pieces[cut:]


def test_a_continuation_keeps_its_space_where_a_tokenizer_drops_a_first_one() -> None:
    """As SentencePiece does, which Llama's tokenizers come from."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(models.WordLevel({"▁Once": 0, "▁upon": 1, "▁a": 2, "▁time": 3}))
    words.pre_tokenizer, words.decoder = pre_tokenizers.Metaspace(), decoders.Metaspace()
    writer = Writer.__new__(Writer)
    writer.tokenizer = PreTrainedTokenizerFast(tokenizer_object=words)
    assert writer.decode([2, 3]) == "a time"
    assert writer.continuation([0, 1], [2, 3]) == " a time"
    assert writer.continuation([], [0, 1]) == "Once upon"


def test_attention_is_a_share_of_what_came_before(writer: Writer) -> None:
    tokens = writer.encode("The king said")
    weights = writer.attention(tokens)
    assert weights.shape == (2, 2, len(tokens))
    assert weights.sum(axis=-1) == pytest.approx(np.ones((2, 2)), abs=1e-5)


def test_one_beam_is_greedy(writer: Writer) -> None:
    prompt = writer.encode("The king")
    greedy = writer.write([prompt], GREEDY, tokens=6)["tokens"][0]
    assert search(writer, Beams.start(prompt, 1), tokens=6).texts[0] == prompt + greedy


def test_beams_that_keep_everything_find_the_most_probable_text(writer: Writer) -> None:
    prompt = writer.encode("The king")
    size = writer.model.config.vocab_size
    beams = search(writer, Beams.start(prompt, size), tokens=2)
    first = _log_softmax(whole(writer, prompt))
    rows = np.array([[*prompt, token] for token in range(size)], "int32")
    after = _log_softmax(np.asarray(writer.model(rows))[:, -1])
    sums = {}
    for token in range(size):
        if token == writer.tokenizer.eos_token_id:
            sums[(token,)] = first[token]
        else:
            sums |= {(token, i): (first[token] + after[token, i]) / 2 for i in range(size)}
    best = max(sums, key=lambda tokens: sums[tokens])
    assert beams.texts[0] == [*prompt, *best]
    assert beams.done[0][0] == pytest.approx(sums[best], abs=1e-4)


def test_beams_in_slices_are_the_same_search(writer: Writer) -> None:
    prompt = writer.encode("Once upon")
    at_once = search(writer, Beams.start(prompt, 3), tokens=8)
    sliced = Beams.start(prompt, 3)
    while not sliced.over:
        sliced = Beams(**search(writer, sliced, tokens=8, seconds=1e-4)._asdict())
    assert sliced.texts == at_once.texts


def test_beams_end_at_a_stop_string(writer: Writer) -> None:
    prompt = writer.encode("The king")
    free = search(writer, Beams.start(prompt, 1), tokens=6).texts[0]
    stop = writer.continuation(free[:-3], free[-3:-2])
    beams = search(writer, Beams.start(prompt, 1), tokens=6, stop=(stop,)).texts[0]
    assert beams == free[: len(beams)] and len(beams) <= len(free) - 2
    assert stop in writer.continuation(prompt, beams[len(prompt) :])


def test_it_goes_on_after_a_stop_string_up_to_the_next(writer: Writer) -> None:
    prompt = writer.encode("Once upon")
    free = writer.write([prompt], GREEDY, tokens=4)["tokens"][0]
    row, stop = [*prompt, *free], (writer.decode(free),)
    assert writer.write([row], GREEDY, tokens=3, stop=stop, begin=len(prompt))["ended"] == [True]
    again = writer.write([row], GREEDY, tokens=3, stop=stop, begin=len(row))
    assert again["tokens"][0]


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    logits = logits.astype("float64") - logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def test_the_checkpoint_comes_back_as_it_went(tmp_path: Path) -> None:
    from dlcore.language.checkpoint import load, save

    model = load(tiny_text.decoder(tmp_path / "a"))
    (tmp_path / "b").mkdir()
    save(model, tmp_path / "b")
    assert tiny_text.same(model, load(tmp_path / "b"))


# -- odd files --------------------------------------------------------------------------------------


def test_a_token_beyond_the_embedding_is_named(tmp_path: Path) -> None:
    folder = tiny_text.decoder(tmp_path / "tiny")
    file = folder / "tokenizer.json"
    data = json.loads(file.read_text())
    special = data["added_tokens"][0] | {"id": len(data["model"]["vocab"]), "content": "<|story|>"}
    data["added_tokens"].append(special)
    file.write_text(json.dumps(data))
    writer = Writer.load(folder)
    assert writer.encode("The king")
    with pytest.raises(TokenizerError, match=r"has more tokens .* which cannot read '<\|story\|>'"):
        writer.encode("The <|story|> king")


def test_a_tokenizer_without_a_token_to_begin_with_wants_a_word(tmp_path: Path) -> None:
    folder = tiny_text.decoder(tmp_path / "tiny")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    for name in ("special_tokens_map.json", "generation_config.json"):
        (folder / name).unlink(missing_ok=True)
    writer = Writer.load(folder)
    prompt = writer.encode("The king")
    assert len(writer.write([prompt], FREE, tokens=20)["tokens"][0]) == 20
    with pytest.raises(TokenizerError, match="no token that a text begins with; write a first word"):
        writer.encode("")


def test_a_network_that_reads_does_not_write() -> None:
    with pytest.raises(CheckpointError, match="sentiment: expected a network that writes"):
        Writer.load(Path(__file__).parents[1] / "fixtures" / "sentiment")
