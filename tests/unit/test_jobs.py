"""What a worker does with a run: train it to an end, report, obey, and go on where it was cut off."""

from __future__ import annotations

import json
import math
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import sqlalchemy as sa
from waiting import until

from dlcore import jobs, models
from dlcore.callbacks import Telemetry
from dlcore.datasets.points import Moons
from dlcore.evaluation import evaluate
from dlcore.generative.gan_words import what_happened
from dlcore.previews import probabilities
from dlcore.recipe import Recipe
from dlcore.runs.database import StoreError
from dlcore.runs.states import State
from dlcore.runs.store import Store, open_store
from dlcore.tasks import classification

pytestmark = pytest.mark.slow

EPOCHS = 4


def recipe(dataset="moons", examples=200, **training) -> Recipe:
    return Recipe.parse(
        {
            "dataset": {"name": dataset, "examples": examples} if dataset != "digits" else dataset,
            "architecture": {"kind": "mlp", "hidden": [{"units": 8}]},
            "training": {"epochs": EPOCHS, "learning_rate": 0.02} | training,
        }
    )


@pytest.fixture
def store(studio_home) -> Store:
    return open_store()


class Watch(keras.callbacks.Callback):
    """Counts, and tells the test's thread after this number of epochs."""

    def __init__(self, tell_after_epochs: int = 1):
        super().__init__()
        self.batches = self.epochs = self.test_batches = 0
        self.rates: list[float] = []
        self.tell_after_epochs, self.reached = tell_after_epochs, threading.Event()

    def on_train_batch_end(self, batch, logs=None):
        self.batches += 1
        self.rates.append(float(self.model.optimizer.learning_rate))

    def on_test_batch_begin(self, batch, logs=None):
        self.test_batches += 1

    def on_epoch_end(self, epoch, logs=None):
        self.epochs += 1
        if self.epochs == self.tell_after_epochs:
            self.reached.set()


class Training(threading.Thread):
    """``jobs.train`` in a thread of its own, as on a worker.

    A daemon: where a test fails, a paused training would else keep the whole suite from ending.
    """

    def __init__(self, run: str, *callbacks):
        super().__init__(daemon=True)
        self.run_id, self.callbacks, self.state = run, list(callbacks), None
        self.start()

    def run(self) -> None:
        self.state = jobs.train(self.run_id, self.callbacks)

    def end(self) -> str:
        self.join(60)
        assert not self.is_alive()
        return self.state


# -- to the end -----------------------------------------------------------------------------------


@pytest.fixture
def finished(store) -> str:
    run = store.create(recipe(), "ada")
    assert jobs.train(run) == State.FINISHED
    return run


def test_a_finished_run_has_one_row_an_epoch_its_model_and_its_metrics(store, finished):
    run = store.run(finished)
    assert run.state is State.FINISHED and run.reason == ""
    assert run.started <= run.heartbeat <= run.ended
    epochs = store.metrics(finished, "epoch")
    assert [row["epoch"] for row in epochs] == [1, 2, 3, 4]
    assert all({"loss", "accuracy", "val_loss", "val_accuracy"} <= row.keys() for row in epochs)
    batches = [row["epoch"] for row in store.metrics(finished, "batch")]
    assert batches == sorted(set(batches)) and batches[-1] == EPOCHS
    assert set(run.result["metrics"]) == {"accuracy", "loss", "precision", "recall", "f1", "auc"}
    assert np.sum(run.result["confusion"]) == len(run.parsed().dataset.load(1).test)
    assert run.progress["epoch"] == run.progress["epochs"] == EPOCHS
    best = min(epochs, key=lambda row: row["val_loss"])
    assert run.progress["best_epoch"] == best["epoch"]


def test_the_time_left_is_told_without_tracing_and_does_not_jump(store, monkeypatch):
    """Ten batches an epoch, two seconds each, after half a minute of tracing; one epoch is slow."""
    now = 0.0
    monkeypatch.setattr("dlcore.callbacks.telemetry.time", SimpleNamespace(monotonic=lambda: now))
    run = store.create(recipe(), "ada")
    store.start(run, "here:1:1")
    telemetry = Telemetry(store, run, recipe(), 100, "CPU")
    telemetry.set_params({"epochs": 20, "steps": 10})
    telemetry.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.1)))
    telemetry.on_train_begin()
    logged = []
    for epoch in range(10):
        telemetry.on_epoch_begin(epoch)
        for batch in range(10):
            now += 30 if epoch == batch == 0 else 6 if epoch == 6 else 2
            telemetry.on_train_batch_end(batch, {"loss": 1.0})
            logged.append(store.run(run).progress["seconds_left"])
        now += 20 if epoch == 0 else 0  # validation is traced too
        telemetry.on_epoch_end(epoch, {"loss": 1.0})
    assert logged[0] is None
    assert logged[1:] == [2 * (200 - done) for done in range(2, 101)]


def test_a_finished_run_leaves_its_weights_and_no_checkpoint(store, finished):
    assert store.artifacts.names(f"{finished}/model") == ["weights.safetensors"]
    assert not store.artifacts.exists(f"{finished}/checkpoint")


def test_previews_are_drawn_for_first_and_last_epoch_over_the_validation_data(store, finished):
    names = store.artifacts.names(f"{finished}/previews")
    assert names[0] == "0001.json" and names[-1] == f"{EPOCHS:04d}.json"
    preview = store.artifacts.read_json(f"{finished}/previews/{names[-1]}")
    grid = np.array(preview["grid"])
    assert grid.shape == (2, len(preview["axis"]), len(preview["axis"]))
    assert np.abs(grid.sum(axis=0) - 100).max() <= 1
    examples = store.artifacts.read_json(f"{finished}/examples.json")
    validation = Moons(examples=200).load(1).validation
    assert np.allclose(examples["x"], validation.x, atol=0.001)
    assert examples["y"] == validation.y.tolist()
    assert np.abs(examples["x"]).max() <= preview["axis"][-1], "points outside the drawing"


def test_the_last_preview_is_what_the_model_that_was_kept_answers(store, finished):
    preview = store.artifacts.read_json(f"{finished}/previews/{EPOCHS:04d}.json")
    model = models.load(store, models.find(store, finished))
    axis = np.array(preview["axis"], "float32")
    for row, column in ((0, 0), (10, 50), (59, 30)):
        answer = probabilities(model, np.array([[axis[column], axis[row]]]))[0]
        shown = [preview["grid"][c][row][column] for c in (0, 1)]
        assert shown == pytest.approx(100 * answer, abs=1)


def test_images_have_guesses_for_previews(store):
    run = store.create(recipe("digits", epochs=1, batch_size=256), "ada")
    jobs.train(run)
    preview = store.artifacts.read_json(f"{run}/previews/0001.json")
    examples = store.artifacts.read_json(f"{run}/examples.json")
    pixels = np.array(examples["x"])
    assert pixels.shape == (20, 8, 8, 1) and pixels.min() == 0 and pixels.max() == 255
    split = recipe("digits").dataset.load(1)
    assert examples["y"] == split.validation.y[:20].tolist()
    predicted = probabilities(models.load(store, models.find(store, run)), split.validation.x[:20])
    assert preview["predicted"] == predicted.argmax(axis=1).tolist()
    assert preview["probability"] == pytest.approx(predicted.max(axis=1), abs=0.001)


def test_evaluating_a_run_gives_its_metrics_again(store, finished):
    answer, result = jobs.evaluate(finished), store.run(finished).result
    assert answer["metrics"] == pytest.approx(result["metrics"], rel=1e-6)
    assert answer["confusion"] == result["confusion"]
    assert (answer["model"], answer["dataset"], answer["split"]) == (finished, "moons", "test")


def test_evaluating_on_other_data_of_the_same_kind(store, finished):
    other = jobs.evaluate(finished, "circles")
    assert other["dataset"] == "circles"
    assert other["metrics"]["accuracy"] < jobs.evaluate(finished)["metrics"]["accuracy"]
    for dataset in ("digits", "gaussians", "nonsense"):
        with pytest.raises(ValueError, match=rf"dataset: expected .*, received '{dataset}'"):
            jobs.evaluate(finished, dataset)


def test_everything_a_run_leaves_is_json_that_a_browser_can_read(store, finished):
    run = store.run(finished)
    for value in (run.result, run.progress, store.metrics(finished, "batch")):
        assert json.loads(json.dumps(value, allow_nan=False))


def test_early_stopping_is_told_with_its_best_epoch(store):
    overfitting = Recipe.parse(
        {
            "dataset": {"name": "xor", "examples": 100, "noise": 1},
            "architecture": {"kind": "mlp", "hidden": [{"units": 64}] * 2},
            "training": {"learning_rate": 0.03, "epochs": 60, "early_stopping": True, "patience": 2},
        }
    )
    run = store.create(overfitting, "ada")
    assert jobs.train(run) == State.FINISHED
    epochs = store.metrics(run, "epoch")
    best = min(epochs, key=lambda row: row["val_loss"])["epoch"]
    assert len(epochs) < 60
    assert store.events(run) == [(best, f"best epoch {best:.0f}: its weights were kept")]


# -- obeying --------------------------------------------------------------------------------------


def test_a_run_that_was_stopped_while_it_waited_is_not_trained(store):
    run = store.create(recipe(), "ada")
    store.end(run, State.STOPPED, "Stopped before it began.")
    watch = Watch()
    assert jobs.train(run, [watch]) == State.STOPPED
    assert watch.batches == 0 and store.metrics(run, "epoch") == []
    assert store.run(run).reason == "Stopped before it began."


def test_stop_is_answered_within_a_second_and_keeps_the_network(store):
    run = store.create(recipe(epochs=500), "ada")
    watch = Watch(tell_after_epochs=2)
    training = Training(run, watch)
    assert watch.reached.wait(60)
    asked = time.time()
    store.request(run, stop=True)
    assert training.end() == State.STOPPED
    ended = store.run(run)
    assert ended.ended - asked < 1
    assert ended.state is State.STOPPED and watch.epochs < 500
    assert jobs.evaluate(run)["metrics"] == pytest.approx(ended.result["metrics"], rel=1e-6)


class StopAfter(keras.callbacks.Callback):
    """Requests a stop after the first batch."""

    def __init__(self, store: Store, run: str):
        super().__init__()
        self.store, self.run = store, run

    def on_train_batch_end(self, batch, logs=None):
        self.store.request(self.run, stop=True)


class SlowValidation(keras.callbacks.Callback):
    """A device that needs as long for one batch of validation data as a stop may take."""

    def on_test_batch_end(self, batch, logs=None):
        if self.model.stop_training:
            threading.Event().wait(0.3)


def test_stop_does_not_wait_for_the_rest_of_the_validation(store):
    long = Recipe.parse(
        {
            "dataset": {"name": "moons", "examples": 5000, "validation_share": 0.4},
            "architecture": {"kind": "mlp", "hidden": [{"units": 4}]},
        }
    )
    run = store.create(long, "ada")
    watch = Watch()
    jobs.train(run, [watch, StopAfter(store, run), SlowValidation()])
    whole = math.ceil(2000 / 256)
    assert watch.test_batches < whole


def test_stop_during_the_evaluation_is_answered_at_once_and_keeps_the_network(store, monkeypatch):
    """However long the evaluation takes: here, until the test has seen enough."""
    reached, go_on = threading.Event(), threading.Event()

    def slow_evaluation(*arguments):
        reached.set()
        assert go_on.wait(60)
        return evaluate(*arguments)

    monkeypatch.setattr(classification, "evaluate", slow_evaluation)
    run = store.create(recipe(), "ada")
    training = Training(run)
    assert reached.wait(60)
    assert store.run(run).progress["phase"] == "evaluating"
    store.request(run, stop=True)
    until(lambda: store.run(run).state is State.STOPPED, 5)
    assert "the trained network has been kept" in store.run(run).reason
    assert run in [info.name for info in models.available(store)], "without metrics yet"
    go_on.set()
    assert training.end() == State.STOPPED
    assert store.run(run).result["metrics"]


def test_the_metrics_of_a_stopped_run_never_land_on_the_run_that_was_queued_again(store, monkeypatch):
    def evaluate_late(*arguments):
        store.end(run, State.STOPPED)
        store.requeue(run)
        return evaluate(*arguments)

    monkeypatch.setattr(classification, "evaluate", evaluate_late)
    run = store.create(recipe(), "ada")
    assert jobs.train(run) == State.QUEUED
    assert store.run(run).result == {}


def test_a_full_disk_ends_a_run_in_one_line(store, monkeypatch):
    """SQLite may not grow any more from the first epoch on, until it has said so."""
    most, refused = {"pages": 2**31}, threading.Event()
    sa.event.listen(
        store.engine, "checkout", lambda db, *_: db.execute(f"PRAGMA max_page_count={most['pages']}")
    )

    def noticed(write):
        def call(*arguments):
            try:
                return write(*arguments)
            except StoreError:
                refused.set()
                raise

        return call

    for name in ("add_metrics", "progress", "end"):
        monkeypatch.setattr(store, name, noticed(getattr(store, name)))

    class FillDisk(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            most["pages"] = 1  # which SQLite takes for: as many as there are

    run = store.create(recipe(epochs=500), "ada")
    training = Training(run, FillDisk())
    assert refused.wait(60)
    most["pages"] = 2**31
    assert training.end() == State.FAILED
    assert store.run(run).reason.startswith("The disk is full. Make room, then resume")


def test_stop_is_answered_while_tensorflow_compiles(store):
    """Here: for as long as the test wants."""
    go_on = threading.Event()

    class Compiling(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            store.request(run, stop=True)
            assert go_on.wait(60)

    run = store.create(recipe(epochs=500), "ada")
    training = Training(run, Compiling())
    until(lambda: store.run(run).state is State.STOPPED, 60)
    assert store.run(run).reason == "Stopped before the first batch was trained."
    go_on.set()
    assert training.end() == State.STOPPED
    assert store.metrics(run, "epoch") == []


def test_a_run_that_is_deleted_under_way_stops(store):
    run = store.create(recipe(epochs=500), "ada")
    watch = Watch()
    training = Training(run, watch)
    assert watch.reached.wait(60)
    store.end(run, State.LOST)
    store.delete(run)
    training.join(60)
    assert not training.is_alive() and watch.epochs < 500
    assert not store.artifacts.exists(run), "it left files behind"


def test_pause_holds_and_each_batch_that_is_asked_for_is_one(store):
    run = store.create(recipe(epochs=500), "ada")
    store.request(run, pause=True)
    watch = Watch()
    training = Training(run, watch)
    until(lambda: store.run(run).state is State.PAUSED)
    assert watch.batches == 0
    for wanted in (1, 2, 3):
        store.request(run, advance="batch")
        until(lambda wanted=wanted: watch.batches >= wanted)
        assert watch.batches == wanted
        assert store.control(run).advance is None
        assert store.run(run).state is State.PAUSED
    store.request(run, stop=True)
    assert training.end() == State.STOPPED
    assert watch.batches <= 4  # the batch that was waiting when the stop came


def test_one_epoch_that_is_asked_for_is_one(store):
    run = store.create(recipe(epochs=500), "ada")
    store.request(run, pause=True)
    watch = Watch(tell_after_epochs=1)
    training = Training(run, watch)
    until(lambda: store.run(run).state is State.PAUSED)
    for wanted in (1, 2):
        store.request(run, advance="epoch")
        until(lambda wanted=wanted: watch.epochs >= wanted)
    store.request(run, stop=True)
    training.end()
    # The two epochs, and the first batch of a third, at which the stop was seen.
    per_epoch = math.ceil(len(recipe().dataset.load(1).train) / 32)
    assert watch.batches <= 2 * per_epoch + 1


def two_players(**training) -> Recipe:
    return Recipe.parse(
        {
            "dataset": {"name": "moons", "examples": 200},
            "architecture": {"kind": "gan", "width": 4, "latent_dim": 2},
            "training": {"epochs": 500} | training,
        }
    )


def test_each_batch_of_a_held_gan_leaves_a_snapshot_with_the_one_before(store):
    run = store.create(two_players(), "ada")
    store.request(run, pause=True)
    training = Training(run)

    def snapshot_now():
        name = f"{run}/snapshot.json"
        return store.artifacts.read_json(name) if store.artifacts.exists(name) else {"batch": -1}

    until(lambda: snapshot_now()["batch"] == 0, 60)
    assert snapshot_now()["before"] is None
    for batch, learner in ((1, "both"), (2, "generator"), (3, "discriminator")):
        store.request(run, advance="batch", learner=learner)
        until(lambda batch=batch: snapshot_now()["batch"] == batch)
        snapshot = snapshot_now()
        assert snapshot["learner"] == learner and snapshot["before"]["batch"] == batch - 1
        moved = snapshot["samples"] != snapshot["before"]["samples"]
        assert moved == (learner != "discriminator")
        assert what_happened(snapshot)
    store.request(run, stop=True)
    assert training.end() == State.STOPPED
    logged = [message for _, message in store.events(run)]
    assert logged == ["now only the generator learns", "now only the discriminator learns"]


def test_the_request_for_a_learner_does_nothing_to_a_network_that_learns_alone(store):
    run = store.create(recipe(), "ada")
    store.request(run, learner="generator")
    assert jobs.train(run) == State.FINISHED
    assert not store.events(run)


def test_a_paused_run_goes_on(store):
    run = store.create(recipe(), "ada")
    store.request(run, pause=True)
    training = Training(run)
    until(lambda: store.run(run).state is State.PAUSED)
    store.request(run, pause=False)
    assert training.end() == State.FINISHED
    assert [row["epoch"] for row in store.metrics(run, "epoch")] == [1, 2, 3, 4]


def test_another_learning_rate_is_applied_and_told(store):
    run = store.create(recipe(epochs=500), "ada")
    watch = Watch()
    training = Training(run, watch)
    assert watch.reached.wait(60)
    assert watch.rates[0] == pytest.approx(0.02)
    store.request(run, learning_rate=0.005)
    until(lambda: watch.rates[-1] == pytest.approx(0.005))
    store.request(run, stop=True)
    training.end()
    assert "learning rate set to 0.005" in [message for _, message in store.events(run)]


def test_the_time_limit_ends_a_run_and_says_so(store, monkeypatch):
    monkeypatch.setenv("DLCORE_MAX_MINUTES", "0")
    store = open_store()
    run = store.create(recipe(epochs=500), "ada")
    watch = Watch()
    assert jobs.train(run, [watch]) == State.STOPPED
    assert watch.epochs == 1
    assert any("time limit of 0 minutes" in message for _, message in store.events(run))


# -- going on -------------------------------------------------------------------------------------


class PowerCut(keras.callbacks.Callback):
    def __init__(self, epoch: int, batch: int | None):
        super().__init__()
        self.epoch, self.batch = epoch, batch

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if (self.now, batch) == (self.epoch, self.batch):
            raise RuntimeError("power cut")

    def on_train_end(self, logs=None):
        if self.batch is None:
            raise RuntimeError("power cut")


@pytest.fixture
def interrupted(store, monkeypatch):
    """A function that trains a run until the power is cut."""
    monkeypatch.setattr("dlcore.callbacks.checkpoint.EVERY", 0)

    def interrupt(epoch: int, batch: int | None = 2, **training) -> str:
        run = store.create(recipe(**training), "ada")
        with pytest.raises(RuntimeError, match="power cut"):
            jobs.train(run, [PowerCut(epoch, batch)])
        assert store.run(run).state is State.FAILED
        assert store.run(run).reason == "The training failed: power cut"
        return run

    return interrupt


def weights(store: Store, run: str) -> dict[str, np.ndarray]:
    return models.weights_of(models.load(store, models.find(store, run)))


def test_an_interrupted_run_goes_on_from_its_checkpoint(store, interrupted):
    run = interrupted(epoch=2)
    assert [row["epoch"] for row in store.metrics(run, "epoch")] == [1, 2]
    before = store.metrics(run, "epoch")
    watch = Watch()
    assert store.requeue(run) and jobs.train(run, [watch]) == State.FINISHED
    assert watch.epochs == EPOCHS - 2, "it began again instead"
    after = store.metrics(run, "epoch")
    assert [row["epoch"] for row in after] == [1, 2, 3, 4]
    assert after[:2] == before
    batches = [row["epoch"] for row in store.metrics(run, "batch")]
    assert batches == sorted(set(batches))
    assert (2, "resumed after epoch 2") in store.events(run)
    assert store.run(run).result["metrics"]


def test_a_run_cut_off_before_its_first_checkpoint_begins_again(store, interrupted):
    """Also where a checkpoint of an earlier version lies, which does not say its epoch."""
    run = interrupted(epoch=0)
    store.artifacts.write(f"{run}/checkpoint/latest.weights.h5", b"old")
    assert store.requeue(run) and jobs.train(run) == State.FINISHED
    assert [row["epoch"] for row in store.metrics(run, "epoch")] == [1, 2, 3, 4]


def checkpoints(store: Store, run: str) -> list[Path]:
    """Newest first."""
    return sorted(store.artifacts.local(f"{run}/checkpoint").iterdir(), reverse=True)


def test_a_damaged_checkpoint_means_the_one_before(store, interrupted):
    run = interrupted(epoch=3)
    newest, _ = checkpoints(store, run)
    newest.write_bytes(newest.read_bytes()[:5000])
    assert store.requeue(run) and jobs.train(run) == State.FINISHED
    assert [row["epoch"] for row in store.metrics(run, "epoch")] == [1, 2, 3, 4]
    assert (2, "resumed after epoch 2: the checkpoint after epoch 3 cannot be read") in store.events(run)


def test_no_sound_checkpoint_means_the_start(store, interrupted):
    """With the weights of a start, though parts of a damaged file may have been loaded."""
    run = interrupted(epoch=3)
    for path in checkpoints(store, run):
        data = bytearray(path.read_bytes())
        data[len(data) // 2 :] = bytes(len(data) - len(data) // 2)
        path.write_bytes(data)
    assert store.requeue(run) and jobs.train(run) == State.FINISHED
    assert (0, "began again: no checkpoint can be read") in store.events(run)
    other = store.create(recipe(), "ada")
    jobs.train(other)
    assert store.metrics(run, "epoch") == store.metrics(other, "epoch")


def test_a_run_that_is_killed_while_it_writes_its_first_checkpoint_begins_again(
    store, interrupted, monkeypatch
):
    whole = keras.Model.save_weights

    def killed(model, path, **options):
        whole(model, path, **options)
        Path(path).write_bytes(Path(path).read_bytes()[:5000])
        raise RuntimeError("power cut")

    monkeypatch.setattr(keras.Model, "save_weights", killed)
    run = interrupted(epoch=-1)
    monkeypatch.setattr(keras.Model, "save_weights", whole)
    assert store.requeue(run) and jobs.train(run) == State.FINISHED
    assert (0, "began again: there was no checkpoint yet") in store.events(run)
    assert [row["epoch"] for row in store.metrics(run, "epoch")] == [1, 2, 3, 4]


def test_a_run_cut_off_after_its_last_epoch_finishes(store, interrupted):
    run = interrupted(epoch=EPOCHS, batch=None)
    assert [row["epoch"] for row in store.metrics(run, "epoch")] == [1, 2, 3, 4]
    assert store.requeue(run) and jobs.train(run) == State.FINISHED
    assert [row["epoch"] for row in store.metrics(run, "epoch")] == [1, 2, 3, 4]
    assert store.run(run).result["metrics"]


class Astray(keras.callbacks.Callback):
    """Turns every answer round before a training goes on."""

    def on_train_begin(self, logs=None):
        for weight in self.model.layers[-1].weights:
            weight.assign(-weight)


def test_the_best_epoch_that_is_told_is_the_one_whose_weights_were_kept(store, interrupted):
    """Also where the best one came before the interruption, and the training went astray after."""
    run = interrupted(epoch=2, early_stopping=True, patience=50)
    store.requeue(run)
    store.request(run, learning_rate=1e-5)
    assert jobs.train(run, [Astray()]) == State.FINISHED
    validation = recipe().dataset.load(1).validation
    kept = probabilities(models.load(store, models.find(store, run)), validation.x)
    loss = evaluate(kept, validation.y, ("orange", "blue"))["metrics"]["loss"]
    losses = {row["epoch"]: row["val_loss"] for row in store.metrics(run, "epoch")}
    assert min(losses, key=losses.get) <= 2, "the training did not go astray"
    logged = [at for at, message in store.events(run) if message.startswith("best epoch")]
    assert [losses[at] for at in logged] in ([], [pytest.approx(loss, rel=1e-3)])


def test_a_stopped_run_that_went_on_is_answered_by_its_new_network(store, monkeypatch):
    """Not by the one that was in memory from before."""
    monkeypatch.setattr("dlcore.callbacks.checkpoint.EVERY", 0)
    run = store.create(recipe(), "ada")
    assert jobs.train(run, [StopAfter(store, run)]) == State.STOPPED
    before = jobs.evaluate(run)["metrics"]
    assert store.requeue(run) and jobs.train(run) == State.FINISHED
    result = store.run(run).result["metrics"]
    assert result["loss"] != pytest.approx(before["loss"], rel=1e-3)
    assert jobs.evaluate(run)["metrics"] == pytest.approx(result, rel=1e-6)


# -- data -----------------------------------------------------------------------------------------


def test_what_a_page_shows_of_a_data_set(store):
    answer = jobs.look_at({"name": "digits"}, 1)
    split = recipe("digits").dataset.load(1)
    images, balance = answer["views"]
    assert images["labels"] == [str(label) for label in split.train.y[:36]]
    assert np.array_equal(images["images"], (255 * split.train.x[:36]).round())
    parts = {"training": split.train, "validation": split.validation, "test": split.test}
    assert balance["counts"] == {name: np.bincount(p.y).tolist() for name, p in parts.items()}
    assert not store.artifacts.exists("progress/dataset-digits.json")


def test_examples_are_test_images_with_their_names(store):
    run = store.create(recipe("digits", epochs=1, batch_size=256), "ada")
    jobs.train(run)
    test = recipe("digits").dataset.load(1).test
    answer = jobs.examples(run, 5)
    assert [row["label"] for row in answer] == [str(y) for y in test.y[:5]]
    assert np.allclose([row["picture"] for row in answer], 255 * test.x[:5], atol=0.51)


def test_the_worker_tells_its_device():
    status = jobs.status()
    assert status["kind"] in ("cpu", "gpu") and status["keras"] == keras.__version__
    assert status["memory_mb"] > 100
