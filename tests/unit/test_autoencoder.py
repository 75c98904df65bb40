"""Autoencoders: the target is the input, the baseline is PCA, and what was never learned stands out."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from sklearn import decomposition
from sklearn import metrics as reference

from dlcore import inference, models
from dlcore.decoding.images import ImageError
from dlcore.evaluation import auc
from dlcore.export.codegen import script
from dlcore.parts import Part
from dlcore.recipe import Recipe, RecipeError
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from dlcore.tasks.reconstruction import PCA, encode, noised
from dlcore.training import batches, train

pytestmark = pytest.mark.slow

SHAPES = ["digits", "spiral", "iris", "diabetes", "sine", "cifar10"]


def recipe_of(dataset: str = "digits", epochs: int = 15, **fields) -> Recipe:
    return Recipe.parse(
        {
            "dataset": dataset,
            "architecture": {"kind": "autoencoder", **fields},
            "training": {"epochs": epochs},
        }
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_auc_is_scikit_learns(seed):
    rng = np.random.default_rng(seed)
    usual, others = rng.integers(0, 8, 40) / 8, rng.integers(2, 10, 25) / 8  # with ties
    labels = np.repeat([0, 1], [40, 25])
    expected = reference.roc_auc_score(labels, np.concatenate([usual, others]))
    assert auc(usual, others) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("components", [1, 5, 12])
def test_the_principal_components_are_scikit_learns(components):
    rng = np.random.default_rng(0)
    x, new = rng.normal(size=(60, 3, 4)), rng.normal(size=(7, 3, 4))
    ours, theirs = PCA(x, components), decomposition.PCA(components).fit(x.reshape(60, -1))
    expected = theirs.inverse_transform(theirs.transform(new.reshape(7, -1))).reshape(new.shape)
    assert np.allclose(ours(new), expected)


def test_the_principal_components_of_large_images_are_nearly_scikit_learns():
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(300, 40)) / np.arange(1, 41)) @ rng.normal(size=(40, 1200))
    ours, theirs = PCA(x, 6), decomposition.PCA(6, svd_solver="full").fit(x)
    expected = theirs.inverse_transform(theirs.transform(x))
    assert ((ours(x) - x) ** 2).mean() == pytest.approx(((expected - x) ** 2).mean(), rel=1e-3)


@pytest.mark.parametrize("form", ["dense", "convolutional"])
@pytest.mark.parametrize("dataset", SHAPES)
def test_what_comes_out_has_the_shape_of_what_goes_in(dataset, form):
    recipe = recipe_of(dataset, form=form, width=4, bottleneck=3, noise=0.2)
    assert recipe.network.rows()[-1].output_shape == recipe.dataset.input_shape
    assert [row.output_shape for row in recipe.network.rows() if row.name == "bottleneck"] == [(3,)]
    model = recipe.build()
    assert model.output_shape[1:] == recipe.dataset.input_shape
    assert model.count_params() == recipe.network.describe()["parameters"]


def test_the_seed_decides_every_weight_of_the_convolutional_one_too():
    one, same, other = (
        recipe_of(form="convolutional").architecture.build(recipe_of().problem, seed) for seed in (1, 1, 2)
    )
    kernels = [
        [w.numpy() for w in model.weights if w.path.endswith("kernel")] for model in (one, same, other)
    ]
    assert all(np.array_equal(a, b) for a, b in zip(kernels[0], kernels[1], strict=True))
    assert not any(np.array_equal(a, b) for a, b in zip(kernels[0], kernels[2], strict=True))


def test_the_target_of_a_batch_is_the_example_itself():
    part = Part(np.arange(48, dtype="uint8").reshape(12, 2, 2, 1), np.zeros(12, "int32"))
    for x, target in batches(part, Recipe.parse({}).training, shuffle=True, itself=True):
        assert np.array_equal(x, target) and x.dtype == "float32" and float(np.max(x)) < 1


def test_noise_is_on_the_input_in_training_only():
    model = recipe_of(noise=0.5).build()
    x = np.random.default_rng(0).uniform(size=(4, 8, 8, 1)).astype("float32")
    assert np.array_equal(model(x, training=False), model(x, training=False))
    first = model.layers[0]
    assert np.asarray(first(np.zeros((1000, 64), "float32"), training=True)).std() == pytest.approx(0.5, 0.02)
    assert np.array_equal(noised(x, 0.5, 3), noised(x, 0.5, 3))


@pytest.mark.parametrize(("dataset", "left_out"), [("spiral", 2), ("diabetes", 0), ("sine", 0), ("wine", 3)])
def test_only_a_class_that_is_there_can_be_left_out(dataset, left_out):
    with pytest.raises(RecipeError, match=r"architecture\.left_out: expected the number of a class"):
        recipe_of(dataset, left_out=left_out)


def test_the_code_that_is_taken_home_leaves_the_anomaly_out(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    recipe = recipe_of(epochs=1, left_out=3, noise=0.3, width=4)
    names: dict = {}
    exec(compile(script(recipe), "script", "exec"), names)
    assert len(names["x_train"]) == len(names["y_train"]) and 3 not in names["y_train"]
    split = recipe.dataset.load(recipe.training.seed)
    assert len(names["x_anomaly"]) > 0 and len(names["x_anomaly"]) + len(names["x_test"]) == len(split.test)
    said = capsys.readouterr().out
    assert "test mean squared error" in said and "anomaly AUC 0." in said and "PSNR gain" in said


@pytest.fixture(scope="module")
def trained():
    """An autoencoder that takes noise away and has never seen a zero."""
    recipe = recipe_of(noise=0.5, left_out=0)
    split = recipe.dataset.load(recipe.training.seed)
    model = train(recipe, split).model
    return recipe, split, model, recipe.task.evaluate(model, recipe, split)


def test_the_left_out_class_is_never_learned(trained):
    recipe, split, _, _ = trained
    for part in (split.train, split.validation):
        taught = recipe.task.taught(recipe, part)
        assert 0 not in taught.y and len(taught) == (part.y != 0).sum()


def test_it_takes_noise_away_and_finds_the_anomaly(trained):
    _, split, _, result = trained
    assert result["metrics"]["gain"] > 5
    assert result["metrics"]["auc"] > 0.8
    assert result["metrics"]["mse"] < split.test.x.var() / 3
    assert result["baseline"]["title"] == "PCA with 32 components"


def test_its_error_is_six_tenths_of_eight_principal_components_at_most():
    recipe = recipe_of(epochs=20)
    split = recipe.dataset.load(recipe.training.seed)
    result = recipe.task.evaluate(train(recipe, split).model, recipe, split)
    eight = ((PCA(split.train.x, 8)(split.test.x) - split.test.x) ** 2).mean()
    assert result["metrics"]["mse"] <= 0.6 * eight
    assert result["baseline"]["mse"] < eight


def test_its_views_hold_what_its_metrics_say(trained):
    recipe, split, model, result = trained
    views = {view["kind"]: view for view in recipe.task.views(recipe, result)}
    assert list(views) == ["strips", "anomalies", "bottleneck"]
    errors = views["anomalies"]
    assert errors["left_out"] == "0" and len(errors["anomalies"]) == (split.test.y == 0).sum()
    assert np.mean(errors["usual"]) == pytest.approx(result["metrics"]["mse"], rel=1e-3)
    assert auc(np.array(errors["usual"]), np.array(errors["anomalies"])) == pytest.approx(
        result["metrics"]["auc"], abs=0.01
    )
    plane = views["bottleneck"]
    assert np.shape(plane["x"]) == (len(split.test), 2) and len(plane["y"]) == len(split.test)
    codes = encode(model, split.test[:5].x, "bottleneck")
    assert codes.shape == (5, 32)
    assert np.allclose(codes, encode(model, split.test[:5].x, "bottleneck"))


def test_a_preview_shows_validation_images_beside_their_reconstructions(trained):
    recipe, split, model, _ = trained
    shown, preview = recipe.task.examples(recipe, split), recipe.task.preview(model, recipe, split)
    assert np.shape(shown["x"]) == np.shape(preview["x"]) == (10, 8, 8, 1)
    assert np.max(preview["x"]) <= 255


@pytest.mark.parametrize("dataset", ["ring", "diabetes", "sine"])
def test_what_is_no_image_is_reconstructed_too(dataset):
    recipe = recipe_of(dataset, epochs=1, bottleneck=1, width=4)
    split = recipe.dataset.load(1)
    model = train(recipe, split).model
    result = recipe.task.evaluate(model, recipe, split)
    assert np.isfinite(list(result["metrics"].values())).all() and "auc" not in result["metrics"]
    kinds = [view["kind"] for view in recipe.task.views(recipe, result)]
    assert kinds == ["predicted", "anomalies", "bottleneck"]
    shown, preview = recipe.task.examples(recipe, split), recipe.task.preview(model, recipe, split)
    assert len(shown["true"]) == len(preview["predicted"])


def kept(trained) -> models.ModelInfo:
    """The trained network as a run that has ended."""
    recipe, _, model, result = trained
    store = open_store()
    run = store.create(recipe, "me")
    store.artifacts.write(f"{run}/model/weights.safetensors", models.save(model))
    store.end(run, State.FINISHED, result=result)
    return models.find(store, run)


def test_a_visitors_image_is_reconstructed_and_denoised(trained):
    info = kept(trained)
    file = io.BytesIO()
    Image.new("L", (40, 40), 200).save(file, "PNG")
    found = inference.reconstruct(open_store(), info, file.getvalue(), 0.3, as_seen=True)
    seen, made = (np.array(found[name]) / 255 for name in ("seen", "reconstruction"))
    assert found["mse"] == pytest.approx(((seen - made) ** 2).mean(), abs=0.01)
    assert found["mse"] > info.metrics["threshold"], "a plain grey square is no digit"
    assert np.shape(found["noisy"]) == np.shape(found["denoised"]) == (8, 8, 1)
    assert "noisy" not in inference.reconstruct(open_store(), info, file.getvalue(), 0, as_seen=True)
    with pytest.raises(ImageError, match="does not classify"):
        inference.classify(open_store(), info, file.getvalue())
    with pytest.raises(ImageError, match="does not reconstruct"):
        inference.reconstruct(
            open_store(), models.find(open_store(), "digits8-cnn"), file.getvalue(), 0, as_seen=True
        )
