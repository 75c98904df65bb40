"""A run that has learned to classify texts answers on the Text page as it does on its test part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlcore import jobs, models
from dlcore.language import catalog
from dlcore.language.trained_classifier import trained
from dlcore.models import UnknownModel
from dlcore.recipe import Recipe
from dlcore.runs.store import open_store

pytestmark = pytest.mark.slow

TEXT = "the film was not good , but the plot was charming ."
NETWORKS: dict[str, dict[str, Any]] = {
    "lstm": {"kind": "lstm", "units": 8},
    "attention pooling": {"kind": "gru", "units": 8, "attention": True, "bidirectional": True},
    "transformer": {"kind": "transformer", "width": 16, "blocks": 2, "heads": 2},
    "bag of words": {"kind": "mlp"},
}


@pytest.fixture(scope="module", autouse=True)
def studio_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One for all tests here: training takes the most time."""
    home = tmp_path_factory.mktemp("studio")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCORE_HOME", str(home))
        yield home


@pytest.fixture(scope="module", params=NETWORKS)
def run(request: pytest.FixtureRequest) -> str:
    """Of one epoch: what it answers need not be right."""
    data = {"name": "toy_reviews", "examples": 500}
    training = {"epochs": 1, "learning_rate": 0.05}
    recipe = Recipe.parse({"dataset": data, "architecture": NETWORKS[request.param], "training": training})
    store = open_store()
    run = store.create(recipe, "me")
    assert jobs.train(run) == "finished", store.run(run).reason
    return run


def test_it_answers_as_the_task_does(run: str):
    store = open_store()
    info = models.find(store, run)
    part = info.recipe.dataset.load(info.recipe.training.seed).test[:20]
    expected = info.recipe.task.predict(models.load(store, info), part.kept)
    answers = jobs.sentiment(catalog.RUN + run, [*part.texts, ""])
    received = np.array([list(answer["probabilities"].values()) for answer in answers[:-1]])
    assert received == pytest.approx(expected, abs=1e-5)
    assert answers[-1]["label"] == "empty" and answers[-1]["note"]


def test_its_words_add_up_to_the_answer(run: str):
    answer = jobs.explain_sentiment(catalog.RUN + run, TEXT)
    assert answer["target"] == "positive" and answer["completeness_error"] < 0.1  # relu bends
    total = sum(word["gradients"] for word in answer["words"])
    assert total == pytest.approx(answer["output"] - answer["baseline"], abs=0.01 + 0.1 * abs(total))
    assert [TEXT[word["start"] : word["end"]] for word in answer["words"]][:4] == [
        "the",
        "film",
        "was",
        "not",
    ]
    without = jobs.sentiment(catalog.RUN + run, ["the film was good , but the plot was charming ."])[0][
        "probabilities"
    ]
    assert answer["words"][3]["without"] == pytest.approx(without["positive"], abs=1e-5)


def test_attention_is_there_where_the_network_has_some(run: str):
    answer, architecture = (
        jobs.explain_sentiment(catalog.RUN + run, TEXT),
        open_store().run(run).parsed().architecture,
    )
    if architecture.kind != "transformer":
        assert answer["attention"] is None
        return
    weights = np.asarray(answer["attention"]["weights"], "float32")
    tokens = answer["attention"]["tokens"]
    assert weights.shape == (2, 2, len(tokens), len(tokens)) and tokens[3] == "not"
    assert weights.sum(axis=-1) == pytest.approx(1, abs=0.01)  # padding gets nothing


def test_long_and_unknown_texts_say_so(run: str):
    long, unknown = jobs.sentiment(catalog.RUN + run, ["good " * 100, "zyx qwv"])
    assert long["truncated"] and long["tokens"] == 32 and "room for 32 tokens" in long["note"]
    assert "vocabulary" in unknown["note"]


def test_it_is_offered_beside_the_shipped_networks(run: str):
    offered = catalog.trained(models.available(open_store(), seen_by="me"), "sentiment")
    assert catalog.RUN + run in {model.name for model in offered} and all(model.at_hand for model in offered)
    assert not catalog.trained(models.available(open_store(), seen_by="me"), "generation")


def test_without_its_vocabulary_it_says_what_to_do(run: str):
    store = open_store()
    info = models.find(store, run)
    kept = store.artifacts.read_json(f"{run}/model/vocabulary.json")
    store.artifacts.write_json(f"{run}/model/vocabulary.json", {"text": {"kind": "words"}})
    with pytest.raises(UnknownModel, match="is gone or damaged; train it again"):
        models.vocabularies(store, info)
    store.artifacts.write_json(f"{run}/model/vocabulary.json", kept)
    assert trained(store, info).labels == ["negative", "positive"]


def test_a_run_of_points_is_no_network_for_texts():
    store = open_store()
    run = store.create(Recipe.parse({"dataset": "moons", "training": {"epochs": 1}}), "me")
    assert jobs.train(run) == "finished"
    with pytest.raises(UnknownModel, match="is for Moons, not for texts"):
        jobs.sentiment(catalog.RUN + run, ["good"])
