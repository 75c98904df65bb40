"""Training learns, repeats itself from its seed alone, and does what its settings say."""

from __future__ import annotations

import math
import threading
from itertools import pairwise

import keras
import numpy as np
import pytest

from dlcore import jobs
from dlcore.evaluation import evaluate
from dlcore.previews import probabilities
from dlcore.recipe import Augmentation, Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store
from dlcore.training import augmenter, batches, compiled, cosine, train

pytestmark = pytest.mark.slow


def recipe(dataset="gaussians", architecture=None, **training) -> Recipe:
    return Recipe.parse(
        {
            "dataset": {"name": dataset, "examples": 200} if dataset != "digits" else dataset,
            "architecture": architecture or {"kind": "mlp", "hidden": [{"units": 8}]},
            "training": {"epochs": 3, "learning_rate": 0.02} | training,
        }
    )


def fitted(recipe: Recipe, *callbacks):
    return train(recipe, recipe.dataset.load(recipe.training.seed), list(callbacks))


EVERYTHING_RANDOM = recipe(
    "digits",
    {"kind": "cnn", "blocks": [{"filters": 4}], "dense": [{"units": 8}], "dropout": 0.3},
    epochs=1,
    batch_size=128,
    augmentation={"rotation": 10, "shift": 0.1, "zoom": 0.1, "noise": 0.05},
)


@pytest.mark.parametrize("dataset", ["circles", "gaussians"])
def test_the_loss_falls(dataset):
    """Also with two classes, where the answer is one number, and with three, where it is three."""
    history = fitted(recipe(dataset, epochs=15)).history
    assert history["loss"][-1] < 0.7 * history["loss"][0]
    assert history["val_loss"][-1] < 0.7 * history["val_loss"][0]
    assert history["accuracy"][-1] > history["accuracy"][0]


@pytest.mark.parametrize(
    ("optimizer", "schedule"),
    [
        ("sgd", "constant"),
        ("momentum", "cosine"),
        ("rmsprop", "reduce on plateau"),
        ("adam", "constant"),
        ("adamw", "cosine"),
    ],
)
def test_every_optimiser_and_schedule_learns(optimizer, schedule):
    rate = {"sgd": 0.5, "momentum": 0.1}.get(optimizer, 0.02)
    history = fitted(recipe(optimizer=optimizer, schedule=schedule, learning_rate=rate, epochs=6)).history
    assert len(history["loss"]) == 6
    assert history["loss"][-1] < 0.8 * history["loss"][0]


@pytest.mark.parametrize(
    ("name", "keras_name", "momentum"),
    [
        ("sgd", "SGD", 0.0),
        ("momentum", "SGD", 0.9),
        ("rmsprop", "RMSprop", 0.0),
        ("adam", "Adam", None),
        ("adamw", "AdamW", None),
    ],
)
def test_the_optimiser_is_the_one_that_was_chosen(name, keras_name, momentum):
    model = compiled(recipe(optimizer=name, learning_rate=0.0123))
    assert type(model.optimizer).__name__ == keras_name
    assert float(model.optimizer.learning_rate) == pytest.approx(0.0123)
    assert getattr(model.optimizer, "momentum", None) == momentum


class Rates(keras.callbacks.Callback):
    """The learning rate that each epoch trains with."""

    def on_train_begin(self, logs=None):
        self.seen = []

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 0:
            self.seen.append(float(self.model.optimizer.learning_rate))


def test_cosine_falls_along_half_a_cosine():
    rates = Rates()
    fitted(recipe(schedule="cosine", learning_rate=0.01, epochs=8), rates)
    expected = [0.0001 + 0.0099 * (1 + math.cos(math.pi * i / 8)) / 2 for i in range(8)]
    assert rates.seen == pytest.approx(expected, rel=1e-5)


class OtherRate(keras.callbacks.Callback):
    """Sets another learning rate within the third epoch, as a visitor does."""

    def on_train_batch_begin(self, batch, logs=None):
        if len(self.rates.seen) == 3:
            self.model.optimizer.learning_rate = 0.5

    def __init__(self, rates):
        super().__init__()
        self.rates = rates


def test_cosine_leaves_a_learning_rate_alone_that_somebody_has_set():
    rates = Rates()
    fitted(recipe(schedule="cosine", learning_rate=0.01, epochs=6), rates, OtherRate(rates))
    assert rates.seen[3:] == pytest.approx([0.5] * 3)


def test_cosine_goes_on_where_a_resumed_run_was():
    rate = cosine(recipe(schedule="cosine", learning_rate=0.01, epochs=8).training)
    assert rate(5, 0.01) == 0.01, "not its own"
    expected = 0.0001 + 0.0099 * (1 + math.cos(math.pi * 5 / 8)) / 2
    before = 0.0001 + 0.0099 * (1 + math.cos(math.pi * 4 / 8)) / 2
    assert rate(5, float(np.float32(before))) == pytest.approx(expected)


def test_a_plateau_halves_the_learning_rate():
    rates = Rates()
    # Steps so short that no epoch improves by Keras' 0.0001.
    constant = recipe(optimizer="sgd", learning_rate=1e-5, schedule="reduce on plateau", patience=2, epochs=5)
    fitted(constant, rates)
    assert rates.seen[0] == pytest.approx(1e-5)
    assert rates.seen[-1] < rates.seen[0]
    ratios = {round(b / a, 6) for a, b in pairwise(rates.seen)}
    assert ratios <= {0.5, 1.0}


def test_early_stopping_ends_early_and_keeps_the_best_weights():
    overfitting = Recipe.parse(
        {
            "dataset": {"name": "xor", "examples": 100, "noise": 1},
            "architecture": {"kind": "mlp", "hidden": [{"units": 64}] * 2},
            "training": {"learning_rate": 0.03, "epochs": 60, "early_stopping": True, "patience": 2},
        }
    )
    split = overfitting.dataset.load(1)
    trained = train(overfitting, split)
    losses = trained.history["val_loss"]
    assert len(losses) < 60
    assert losses.index(min(losses)) == len(losses) - 1 - 2
    kept = probabilities(trained.model, split.validation.x)
    loss = evaluate(kept, split.validation.y, overfitting.dataset.classes)["metrics"]["loss"]
    assert loss == pytest.approx(min(losses), rel=1e-4)


def first_epoch(recipe: Recipe):
    weights = [weight.numpy() for weight in compiled(recipe).weights]
    return weights, fitted(recipe).history["loss"][0]


def test_the_same_recipe_gives_the_same_run_whatever_else_the_process_does():
    weights, loss = first_epoch(EVERYTHING_RANDOM)
    busy = threading.Event()
    done = threading.Event()

    def predict() -> None:
        """Another model, Keras' global random numbers and NumPy's, all the time."""
        other = recipe("digits", {"kind": "mlp", "dropout": 0.5}).network.build(3)
        while not done.is_set():
            np.random.random()
            keras.random.normal((4,))
            other(np.zeros((4, 8, 8, 1), "float32"), training=True)
            busy.set()

    thread = threading.Thread(target=predict)
    thread.start()
    assert busy.wait(60)
    try:
        again, loss_again = first_epoch(EVERYTHING_RANDOM)
    finally:
        done.set()
        thread.join()
    assert all((a == b).all() for a, b in zip(weights, again, strict=True))
    assert loss_again == pytest.approx(loss, rel=1e-6)


def test_another_seed_gives_another_run():
    data = EVERYTHING_RANDOM.model_dump(mode="json")
    data["training"]["seed"] = 2
    (one, loss), (other, other_loss) = map(first_epoch, (EVERYTHING_RANDOM, Recipe.parse(data)))
    kernels = [(a, b) for a, b in zip(one, other, strict=True) if a.ndim > 1]
    assert all((a != b).mean() > 0.9 for a, b in kernels)
    assert abs(loss - other_loss) > 1e-4


def test_neighbouring_layers_of_one_shape_begin_differently():
    model = recipe(architecture={"kind": "mlp", "hidden": [{"units": 16}] * 3}).network.build(1)
    one, other = (model.get_layer(f"dense_{i}").kernel.numpy() for i in (2, 3))
    assert (one != other).mean() > 0.9


def test_weights_begin_within_glorots_bound():
    kernel = recipe().network.build(1).get_layer("dense_1").kernel.numpy()
    bound = math.sqrt(6 / sum(kernel.shape))
    assert 0.5 * bound < np.abs(kernel).max() <= bound


def order(settings, *, shuffle: bool):
    part = EVERYTHING_RANDOM.dataset.load(1).validation
    data = batches(part, settings, shuffle=shuffle)
    return part, [np.concatenate([np.asarray(y) for _, y in data]) for _ in range(2)]  # two epochs of one fit


def test_an_epoch_sees_every_example_once_in_a_new_order():
    settings = recipe(batch_size=50).training
    part, (first, second) = order(settings, shuffle=True)
    assert sorted(first) == sorted(second) == sorted(part.y)
    assert (first != second).any() and (first != part.y).any()


def test_validation_is_not_shuffled():
    part, (first, second) = order(recipe(batch_size=50).training, shuffle=False)
    assert (first == part.y).all() and (second == part.y).all()


def test_training_batches_have_the_size_asked_for():
    split = recipe().dataset.load(1)
    sizes = [len(y) for _, y in batches(split.train, recipe(batch_size=48).training, shuffle=True)]
    assert sizes == [48, 48, len(split.train) - 96]


def test_regularisation_is_in_the_loss():
    mlp = {"kind": "mlp", "hidden": [{"units": 8}], "l1": 0.01, "l2": 0.02}
    model = compiled(recipe(architecture=mlp))
    kernels = [layer.kernel.numpy() for layer in model.layers]
    expected = sum(0.01 * np.abs(k).sum() + 0.02 * (k**2).sum() for k in kernels)
    assert float(sum(model.losses)) == pytest.approx(expected, rel=1e-5)
    assert not compiled(recipe()).losses


# -- augmentation ---------------------------------------------------------------------------------

IMAGES = EVERYTHING_RANDOM.dataset.load(1).train.x[:64]


def changed(**options) -> np.ndarray:
    return np.asarray(augmenter(Augmentation(**options), seed=1)(IMAGES))


@pytest.mark.parametrize(
    "options", [{"rotation": 20}, {"shift": 0.2}, {"zoom": 0.2}, {"flip": True}], ids=str
)
def test_moved_images_stay_images(options):
    images = changed(**options)
    assert images.shape == IMAGES.shape and images.dtype == IMAGES.dtype
    assert images.min() >= -1e-5 and images.max() <= 1 + 1e-5
    assert (np.abs(images - IMAGES).max(axis=(1, 2, 3)) > 0.01).mean() > 0.3, "too few changed"
    assert images.mean() == pytest.approx(IMAGES.mean(), rel=0.15), "the ink went away"


def test_flipping_mirrors_about_half_and_leaves_the_others():
    images = changed(flip=True)
    same = (images == IMAGES).all(axis=(1, 2, 3))
    mirrored = (images == IMAGES[:, :, ::-1]).all(axis=(1, 2, 3))
    assert (same | mirrored).all()
    assert 0.2 < mirrored.mean() < 0.8


def test_noise_has_the_deviation_asked_for():
    difference = changed(noise=0.2) - IMAGES
    assert difference.std() == pytest.approx(0.2, rel=0.05)
    assert difference.mean() == pytest.approx(0, abs=0.02)


def test_a_shift_moves_by_at_most_its_share():
    dot = np.zeros((200, 20, 20, 1), "float32")
    dot[:, 10, 10] = 1
    moved = np.asarray(augmenter(Augmentation(shift=0.2), seed=1)(dot))[..., 0]
    places = np.arange(20)
    for axis in (1, 2):
        middle = (moved.sum(axis=axis) * places).sum(axis=1) / moved.sum(axis=(1, 2))
        assert np.abs(middle - 10).max() <= 0.2 * 20 + 0.01
        assert np.abs(middle - 10).max() > 2, "hardly moved"


def test_nothing_is_changed_unless_asked_for():
    assert not Augmentation().active
    assert (changed() == IMAGES).all()


def test_validation_images_are_never_changed():
    part = EVERYTHING_RANDOM.dataset.load(1).validation
    data = batches(part, EVERYTHING_RANDOM.training, shuffle=False)
    assert (np.concatenate([np.asarray(x) for x, _ in data]) == part.x).all()


# -- a training that cannot go on -----------------------------------------------------------------


def explosive(**training) -> Recipe:
    """Eight linear layers and the longest steps there are: the weights grow without end."""
    hidden = [{"units": 128, "activation": "linear"}] * 8
    return recipe(
        "circles",
        {"kind": "mlp", "hidden": hidden},
        optimizer="sgd",
        learning_rate=1,
        batch_size=16,
        **training,
    )


def failed(recipe: Recipe, *callbacks):
    store = open_store()
    run = store.create(recipe, "ada")
    assert jobs.train(run, list(callbacks)) == State.FAILED
    return store.run(run)


def test_a_loss_that_is_no_number_fails_the_run_and_names_the_learning_rate():
    run = failed(explosive())
    assert run.state is State.FAILED and run.ended
    assert "learning rate" in run.reason and "(it was 1)" in run.reason
    assert "epoch 1" in run.reason and run.reason.endswith(".")


class Break(keras.callbacks.Callback):
    """What one step too long at the end of an epoch does: first seen in the validation."""

    def on_test_begin(self, logs=None):
        for weight in self.model.weights:
            weight.assign(np.full(weight.shape, np.nan))


def test_a_validation_loss_that_is_no_number_fails_the_run_too():
    run = failed(recipe(epochs=1), Break())
    assert "learning rate" in run.reason
