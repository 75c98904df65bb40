"""Models by name: their weights come back exactly, and a wrong file is refused by the names in it."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import sqlalchemy as sa
from safetensors.numpy import load as unpack
from safetensors.numpy import save as pack

from dlcore import inference, models
from dlcore.__main__ import main
from dlcore.models import UnknownModel
from dlcore.previews import probabilities
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import Store, open_store

RECIPE = Recipe.parse(
    {
        "dataset": "digits",
        "architecture": {
            "kind": "cnn",
            "blocks": [{"filters": 4}],
            "dense": [{"units": 8}],
            "batch_normalization": True,
        },
    }
)
IMAGES = RECIPE.dataset.load(1).test.x[:50]


def built(seed: int):
    """A network whose statistics are no longer those it began with."""
    model = RECIPE.network.build(seed)
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        weight.assign(rng.uniform(0.1, 1, weight.shape))
    return model


@pytest.fixture
def store(studio_home) -> Store:
    return open_store()


def left_by(store: Store, model=None, name: str = "", state: State = State.FINISHED) -> str:
    """A run that has ended and left a model."""
    run = store.create(RECIPE, "ada", name)
    store.start(run, "worker")
    store.artifacts.write(f"{run}/model/weights.safetensors", models.save(model or built(1)))
    store.end(run, state, result={"metrics": {"accuracy": 0.5}})
    return run


def test_weights_survive_the_file_exactly():
    one, other = built(1), built(2)
    assert not np.allclose(probabilities(one, IMAGES), probabilities(other, IMAGES))
    models.set_weights(other, unpack(models.save(one)))
    assert (probabilities(one, IMAGES) == probabilities(other, IMAGES)).all()


def test_half_precision_halves_the_file_and_hardly_changes_the_answer():
    one, other = built(1), built(2)
    whole, half = models.save(one), models.save(one, half=True)
    sizes = [sum(array.nbytes for array in unpack(packed).values()) for packed in (whole, half)]
    assert sizes == [4 * one.count_params(), 2 * one.count_params()]
    assert len(half) < len(whole)
    models.set_weights(other, unpack(half))
    assert all(weight.dtype == "float32" for weight in other.weights)
    assert np.allclose(probabilities(one, IMAGES), probabilities(other, IMAGES), atol=0.02)


def test_names_of_weights_are_those_of_the_layers_whatever_was_built_before():
    """Another process, which has built other models or none, must find them by the same names."""
    first, second = models.weights_of(built(1)), models.weights_of(built(1))
    assert set(first) == set(second)
    assert {"conv2d_1/kernel", "dense_2/bias", "batchnormalization_1/moving_mean"} <= set(first)


def test_a_missing_weight_is_refused_by_its_name():
    arrays = models.weights_of(built(1))
    (gone,) = (name for name in arrays if name.endswith("dense_1/kernel"))
    del arrays[gone]
    with pytest.raises(ValueError, match=rf"weights: expected \['{gone}'\], received \[\]"):
        models.set_weights(built(1), arrays)


def test_an_extra_weight_is_refused_by_its_name():
    arrays = models.weights_of(built(1)) | {"dense_9/kernel": np.zeros((2, 2), "float32")}
    with pytest.raises(ValueError, match=r"weights: expected \[\], received \['dense_9/kernel'\]"):
        models.set_weights(built(1), arrays)


def test_a_weight_of_another_shape_is_refused_and_nothing_is_changed():
    model = built(1)
    before = probabilities(model, IMAGES)
    arrays = {name: value + 1 for name, value in models.weights_of(model).items()}
    (last,) = (name for name in arrays if name.endswith("dense_2/kernel"))
    arrays[last] = arrays[last][:, :3]
    with pytest.raises(ValueError, match="shape"):
        models.set_weights(model, arrays)
    assert (probabilities(model, IMAGES) == before).all()


def test_a_file_that_is_no_safetensors_is_refused(store):
    run = left_by(store)
    store.artifacts.write(f"{run}/model/weights.safetensors", b"\x80\x04\x95 a pickle")
    with pytest.raises(UnknownModel, match=f"the weights of {run} are damaged; train it again"):
        models.load(store, models.find(store, run))


# -- by name --------------------------------------------------------------------------------------


def test_a_run_is_found_by_its_id_and_by_its_name(store):
    run = left_by(store, name="my first")
    by_id, by_name = models.find(store, run), models.find(store, "my first")
    assert by_id == by_name
    assert (by_id.name, by_id.title, by_id.source) == (run, "my first", "run")
    assert by_id.recipe == RECIPE and by_id.metrics == {"accuracy": 0.5}


def test_of_runs_with_one_name_the_newest_is_meant(store):
    left_by(store, name="twin")
    newest = left_by(store, name="twin")
    assert models.find(store, "twin").name == newest


def test_a_name_is_found_among_many_longer_ones(store):
    run = left_by(store, name="net")
    for i in range(25):
        left_by(store, name=f"net {i}")
    assert models.find(store, "net").name == run


def test_what_is_loaded_by_name_answers_as_what_was_saved(store):
    saved = built(1)
    run = left_by(store, saved)
    loaded = models.load(store, models.find(store, run))
    assert (probabilities(loaded, IMAGES) == probabilities(saved, IMAGES)).all()


def test_an_unknown_name_says_what_there_is(store):
    run = left_by(store)
    with pytest.raises(UnknownModel) as unknown:
        models.find(store, "digitz")
    message = str(unknown.value)
    assert message.startswith("model: expected ") and message.endswith("received 'digitz'")
    assert run in message
    assert all(info.name in message for info in models.shipped())


def test_a_run_without_a_model_says_so(store):
    run = store.create(RECIPE, "ada")
    with pytest.raises(UnknownModel, match=rf"run {run} is queued and has left no model"):
        models.find(store, run)


def test_the_list_has_shipped_models_and_runs_that_left_one(store):
    finished, stopped = left_by(store), left_by(store, state=State.STOPPED)
    waiting = store.create(RECIPE, "ada")
    failed = store.create(RECIPE, "ada")
    store.end(failed, State.FAILED)
    listed = [info.name for info in models.available(store)]
    shipped = [info.name for info in models.shipped()]
    assert listed == [*shipped, stopped, finished]
    assert waiting not in listed and failed not in listed


OLD = {"kind": "mlp", "hidden": [{"units": 8, "swish": True}]}
DAMAGED: dict[str, str] = {
    "a field of another version": json.dumps(RECIPE.model_dump() | {"architecture": OLD}),
    "a family of another version": json.dumps(RECIPE.model_dump() | {"architecture": {"kind": "rbm"}}),
    "another data set": json.dumps(RECIPE.model_dump() | {"dataset": "tulips"}),
    "half a recipe": json.dumps({"dataset": "digits"}),
    "no object": "[1]",
    "no JSON": '{"dataset": ',
    "nested too deeply": "[" * 100_000,
}


def spoil(store: Store, run: str, **values: str) -> None:
    """Write raw text into a run's row."""
    with store.engine.begin() as db:
        for column, text in values.items():
            db.execute(
                sa.text(f"UPDATE runs SET {column} = :text WHERE id = :run"), {"text": text, "run": run}
            )


@pytest.mark.parametrize("case", DAMAGED)
def test_a_recipe_that_no_longer_validates_is_left_out_and_named(store, case):
    sound, spoilt = left_by(store), left_by(store)
    spoil(store, spoilt, recipe=DAMAGED[case])
    listed = [info.name for info in models.available(store)]
    assert sound in listed and spoilt not in listed
    (left_out,) = models.unusable(store)
    assert (left_out.name, left_out.source) == (spoilt, "run")
    assert "its recipe is damaged or of another version" in left_out.reason
    assert "\n" not in left_out.reason and len(left_out.reason) < 400
    with pytest.raises(UnknownModel, match=f"run {spoilt} cannot be used: its recipe is damaged"):
        models.find(store, spoilt)


def test_damaged_columns_and_states_do_not_hide_the_other_runs(store):
    sound, spoilt = left_by(store), left_by(store)
    spoil(store, spoilt, result="{", progress="nonsense")
    by_name = {run.id: run for run in store.list_runs()}
    assert set(by_name) == {sound, spoilt} and by_name[spoilt].result == by_name[spoilt].progress == {}
    spoil(store, spoilt, result='{"metrics": [1]}')
    assert next(info for info in models.available(store) if info.name == spoilt).metrics == {}
    spoil(store, spoilt, state="dreaming")
    assert store.run(spoilt).state == State.LOST


@pytest.mark.parametrize("name", ["card.json", "recipe.json", "weights.safetensors"])
@pytest.mark.parametrize("text", ["", "<html>", "[]", "{}", "version https://git-lfs.github.com/spec/v1\n"])
def test_a_damaged_file_of_the_zoo_does_not_take_the_others_down(store, tmp_path, monkeypatch, name, text):
    for model in ("digits-cnn", "digits8-cnn"):
        shutil.copytree(models.ZOO / model, tmp_path / "zoo" / model)
    monkeypatch.setattr(models, "ZOO", tmp_path / "zoo")
    (tmp_path / "zoo" / "digits-cnn" / name).write_text(text)
    if (name, text) == ("card.json", "{}"):  # a card without metrics is still one
        assert next(info.metrics for info in models.shipped()) == {}
        return
    assert [info.name for info in models.available(store)] == ["digits8-cnn"]
    (left_out,) = models.unusable(store)
    assert left_out.name == "digits-cnn"
    assert name in left_out.reason or "recipe: expected" in left_out.reason


def test_weights_that_are_gone_or_do_not_fit_are_named(store):
    run = left_by(store)
    info = models.find(store, run)
    store.artifacts.write(f"{run}/model/weights.safetensors", pack({"dense_1/kernel": np.ones(3, "float32")}))
    with pytest.raises(UnknownModel, match=f"the weights of {run} do not fit its recipe .* train it again"):
        models.load(store, info)
    store.artifacts.delete(run)
    with pytest.raises(UnknownModel, match=f"the weights of {run} are gone; train it again"):
        models.load(store, info)


def test_the_command_line_names_what_it_leaves_out(store, capsys):
    spoilt = left_by(store)
    spoil(store, spoilt, recipe="{}")
    assert main(["models"]) == 0
    told = capsys.readouterr()
    assert spoilt not in told.out and "digits-cnn" in told.out
    assert f"dlcore: run {spoilt} is left out: its recipe is damaged" in told.err


@pytest.mark.parametrize("info", models.shipped(), ids=lambda info: info.name)
def test_shipped_models_load_after_others_and_have_a_card(store, info):
    RECIPE.network.build(1)
    model = models.load(store, info)
    assert model.count_params() == info.recipe.describe()["parameters"]
    if info.recipe.generative:
        assert 0.85 <= info.metrics["confident"] <= 1 and info.metrics["rarest"] >= 0.03
        made = model.sample(np.zeros((2, *model.latent_shape), "float32"), np.array([0, 1], "int32"))
        assert made.shape == (2, *info.recipe.dataset.input_shape)
        return
    measured = {metric.key for metric in info.recipe.task.metrics} & info.metrics.keys()
    assert measured or "date" not in info.card["trained"], "weights of others come without numbers of ours"
    if not info.recipe.classifies:
        return
    answers = probabilities(model, np.zeros((2, *info.recipe.dataset.input_shape), "float32"))
    assert answers.sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_a_model_is_read_once_and_then_kept(store):
    info = models.find(store, left_by(store))
    assert inference.cached_model(store, info) is inference.cached_model(store, info)


def test_a_packed_file_is_plain_safetensors():
    """Another program can read it: names, shapes and numbers, nothing else."""
    model = built(1)
    assert unpack(models.save(model)).keys() == unpack(pack(models.weights_of(model))).keys()
