"""Language modelling: a text in windows, a GPT that learns what comes next, and what it writes afterwards."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from dlcore import jobs, models
from dlcore.__main__ import main
from dlcore.datasets.writings import windows
from dlcore.language import catalog
from dlcore.language import jobs as text_jobs
from dlcore.language.python_docs import prose
from dlcore.language.sampling import Sampling
from dlcore.models import UnknownModel
from dlcore.parts import Part
from dlcore.recipe import Recipe, RecipeError
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from dlcore.tasks.next_token import baselines, surprise

TINY = {
    "dataset": {"name": "python_docs", "length": 16},
    "architecture": {"kind": "gpt", "blocks": 1, "width": 16, "heads": 2},
    "training": {"epochs": 1, "batch_size": 512},
}


def recipe(**dataset: object) -> Recipe:
    return Recipe.parse(TINY | {"dataset": TINY["dataset"] | dataset})


# -- the text ------------------------------------------------------------------------------------------


def test_prose_is_sentences_without_grammar_headings_and_code() -> None:
    topics = {
        "if": "The if statement\n****************\n\nThe statement is used for conditional\nexecution, "
        'as the word "if" says.\n\n   if_stmt ::= "if" expression\n\n   if x:\n      pass\n\n   >>> a\n\nShort.',
        "again": "The statement is used for conditional execution, as the word "
        '"if" says.\n\n   An indented paragraph is also made of words that say something.',
    }
    assert prose(topics) == (
        'The statement is used for conditional execution, as the word "if" says.\n'
        "An indented paragraph is also made of words that say something.\n"
    )


def test_parts_are_stretches_of_the_text_and_targets_are_one_token_further() -> None:
    chosen = recipe().dataset
    split, text = chosen.load(1), chosen.text()
    vocabulary = split.vocabularies["text"]
    for part, at in ((split.train, 0), (split.validation, chosen.cuts[0]), (split.test, chosen.cuts[1])):
        assert (part.kept[:, 1:] == part.y[:, :-1]).all()
        assert vocabulary.decode([*part.kept[0], part.y[0, -1]]) == text[at : at + 17]
    assert len(split.train) == chosen.training_examples == chosen.cuts[0] // 16
    assert vocabulary.decode(split.test.y[:3].ravel()) == text[chosen.cuts[1] + 1 :][:48]


def test_byte_pairs_are_fewer_tokens_than_characters_and_lose_nothing() -> None:
    chosen = recipe(tokens="BPE", vocabulary=500).dataset
    split, text = chosen.load(1), chosen.text()
    vocabulary = split.vocabularies["text"]
    assert len(vocabulary) == chosen.problem.vocabulary == 500
    assert len(split.train) == chosen.training_examples
    test = vocabulary.decode([*split.test.kept[0, :1], *split.test.y.ravel()])
    assert text[chosen.cuts[1] :].startswith(test) and split.test.y.size < len(test) / 2


@pytest.mark.parametrize(("tokens", "length"), [(100, 10), (37, 5)])
def test_windows_lie_side_by_side_or_evenly(tokens: int, length: int) -> None:
    row = np.arange(tokens, dtype="int32")
    beside = windows(row, length)
    assert (beside.kept.ravel() == row[: beside.kept.size]).all() and tokens - beside.kept.size <= length
    evenly = windows(row, length, 7)
    assert evenly.kept.shape == (7, length) and evenly.y[-1, -1] == tokens - 1 and evenly.kept[0, 0] == 0


# -- what it is measured by ----------------------------------------------------------------------------


def test_an_untrained_network_knows_nothing_and_a_perfect_one_everything() -> None:
    part = Part(np.array([[1, 2, 3, 0]], "int32"), np.array([[2, 3, 0, 1]], "int32"))

    def uniform(x: np.ndarray, training: bool) -> np.ndarray:
        return np.zeros((*x.shape, 8), "float32")

    def perfect(x: np.ndarray, training: bool) -> np.ndarray:
        return 1000 * np.eye(8, dtype="float32")[(x + 1) % 4]

    nats, _ = surprise(uniform, part)  # type: ignore[arg-type]
    assert nats == pytest.approx(math.log(8))
    assert surprise(perfect, part) == (pytest.approx(0), 1.0)  # type: ignore[arg-type]


def test_counting_tokens_and_pairs_is_what_a_plain_loop_says() -> None:
    rng = np.random.default_rng(0)
    train, test = (windows(rng.choice(4, size, p=[0.5, 0.3, 0.1, 0.1]), 5) for size in (300, 60))
    counts, pairs = np.ones(4), np.zeros((4, 4))
    for before, after in zip(train.kept.ravel(), train.y.ravel(), strict=True):
        counts[after] += 1
        pairs[before, after] += 1
    alone = counts / counts.sum()
    both = (pairs + alone) / (pairs.sum(axis=1, keepdims=True) + 1)
    assert both.sum(axis=1) == pytest.approx(np.ones(4))
    counted = baselines(train, test)
    x, y = test.kept.ravel(), test.y.ravel()
    assert counted["frequency of a token"] == pytest.approx(-np.log(alone[y]).mean())
    assert counted["frequency after the token before"] == pytest.approx(-np.log(both[x, y]).mean())


# -- the network ---------------------------------------------------------------------------------------


def test_it_has_as_many_weights_as_it_says_and_its_loss_is_that_of_keras() -> None:
    import keras

    chosen = recipe()
    model = chosen.build()
    assert model.count_params() == chosen.describe()["parameters"]
    part = chosen.dataset.load(1).test[:4]
    logits = model(part.x)
    assert logits.shape == (4, 16, chosen.problem.vocabulary)
    reference = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(part.y, logits)
    assert float(model.compute_loss(y=part.y, y_pred=logits)) == pytest.approx(float(reference), rel=1e-6)
    assert float(reference) == pytest.approx(math.log(chosen.problem.vocabulary), abs=0.1)


def test_what_comes_later_changes_nothing_before() -> None:
    model, rng = recipe().build(), np.random.default_rng(0)
    row = rng.integers(4, 60, (1, 16))
    other = row.copy()
    other[0, 9:] = rng.integers(4, 60, 7)
    first, second = (np.asarray(model(tokens)) for tokens in (row, other))
    assert first[0, :9] == pytest.approx(second[0, :9], abs=1e-6)
    assert np.abs(first[0, 9:] - second[0, 9:]).max() > 1e-4


def test_dropout_depends_on_the_seed_alone() -> None:
    given = TINY | {"architecture": TINY["architecture"] | {"dropout": 0.5}}
    tokens = np.full((2, 16), 5)
    first, second = (np.asarray(Recipe.parse(given).build()(tokens, training=True)) for _ in range(2))
    assert (first == second).all()
    assert np.abs(first - np.asarray(Recipe.parse(given).build()(tokens))).max() > 1e-4


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"dataset": "spiral"}, "gpt expected"),
        ({"architecture": {"kind": "lstm"}}, "lstm expected a data set with something to answer.*use gpt"),
        ({"architecture": {"kind": "gpt", "width": 16, "heads": 16}}, "heads"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(given: dict, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        Recipe.parse(TINY | given)


# -- a run that writes ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The home where a run has been trained once, and the run."""
    home = str(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCORE_HOME", home)
        store = open_store()
        run = store.create(recipe(), "ada", name="first words")
        assert jobs.train(run) == State.FINISHED, store.run(run).reason
    return home, run


@pytest.fixture
def run(trained: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DLCORE_HOME", trained[0])
    return trained[1]


@pytest.mark.slow
def test_its_results_are_in_bits_beside_models_that_count(run: str) -> None:
    store = open_store()
    result = store.run(run).result
    metrics = result["metrics"]
    assert metrics["perplexity"] == pytest.approx(
        2 ** metrics["bits_per_character"]
    )  # a token is a character
    assert {view["kind"] for view in result["views"]} == {"lines", "baselines"}
    preview = store.artifacts.read_json(f"{run}/previews/0001.json")
    assert len(preview["lines"]) == 3 and preview["lines"] == result["views"][0]["lines"]


@pytest.mark.slow
def test_a_finished_run_writes_on_the_text_page_under_a_name_of_its_own(run: str) -> None:
    store = open_store()
    (model,) = catalog.trained(models.available(store), "generation")
    assert (model.name, model.title, model.at_hand) == (f"run:{run}", "first words · trained here", True)
    assert not catalog.trained(models.available(store), "sentiment")
    prompt = text_jobs.tokenize(model.name, "The ")
    assert "".join(prompt["pieces"]) == "The " and prompt["context"] == 16
    how = Sampling().model_dump()
    written = text_jobs.write(model.name, [prompt["tokens"]], how, 1, [0], 40, 60.0, [], 4)
    pieces = "".join(step["piece"] for step in written["rows"][0])
    assert len(written["rows"][0]) == 40 and 30 < len(pieces) <= 40  # special tokens say nothing
    after = text_jobs.next_token(model.name, prompt["tokens"])
    assert len(after["logits"]) == len(models.vocabularies(store, models.find(store, run))["text"])
    assert text_jobs.attention(model.name, prompt["tokens"]).shape == (1, 2, 4)
    beams = text_jobs.beam_search(model.name, {"prompt": prompt["tokens"], "count": 2}, 3, 60.0, [])
    assert len(beams["rows"]) == 2
    assert text_jobs.tokenize(model.name, "")["pieces"] == ["\n"]  # it begins a line


@pytest.mark.slow
def test_what_it_writes_is_what_its_model_says(run: str) -> None:
    """Token by token with the cache, against the whole window read anew."""
    store = open_store()
    model = models.load(store, models.find(store, run))
    tokens = text_jobs.tokenize(f"run:{run}", "The exp")["tokens"]
    seen = text_jobs.next_token(f"run:{run}", tokens)["logits"]
    whole = np.asarray(model(np.array([tokens])))[0, -1, : len(seen)]
    assert seen == pytest.approx(whole, abs=1e-4)


@pytest.mark.slow
def test_it_is_private_as_its_run(run: str) -> None:
    store = open_store()
    typed = catalog.find(run, "generation", store=store)  # as a name of the Hub, which it could be
    assert typed.source == "hub" and typed.trained is None and not typed.at_hand
    assert catalog.find("first words", "generation", store=store, allow_folders=True).trained
    with pytest.raises(UnknownModel, match="is for generation; for sentiment"):
        catalog.find(f"run:{run}", "sentiment", store=store)
    with pytest.raises(UnknownModel, match="expected a shipped model or a run"):
        catalog.find("run:none", "generation", store=store)


@pytest.mark.slow
def test_a_run_that_reads_no_texts_is_refused_in_one_line(run: str) -> None:
    store = open_store()
    other = store.create(Recipe.parse({"dataset": "moons", "training": {"epochs": 1}}), "ada", name="moons")
    assert jobs.train(other) == State.FINISHED
    with pytest.raises(UnknownModel, match=f"run {other} is for Moons, not for texts; for generation"):
        catalog.find(f"run:{other}", "generation", store=store)


@pytest.mark.slow
def test_the_command_line_writes_with_a_run(run: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in (run, "first words"):
        assert main(["generate", "The ", "--model", name, "--tokens", "12", "--json"]) == 0
        answer = json.loads(capsys.readouterr().out)
        assert answer["tokens"] == 12 and answer["text"].startswith("The ")
    assert main(["sentiment", "good", "--model", run]) == 2
    assert f"run {run} is for generation; for sentiment there are" in capsys.readouterr().err
