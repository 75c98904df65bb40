"""A run that is cut off, stopped or paused in its second phase goes on there."""

from __future__ import annotations

import threading
import time
from typing import Any

import keras
import numpy as np
import pytest

from dlcore import jobs, models
from dlcore.datasets.uploaded import keep_pixels
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import Store, open_store

pytestmark = pytest.mark.slow

FIRST, SECOND = 2, 3


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint after every epoch."""
    monkeypatch.setattr("dlcore.callbacks.checkpoint.EVERY", 0)
    monkeypatch.setattr("dlcore.callbacks.control.LOOK", 0)
    eagerly(monkeypatch)


def eagerly(patch: pytest.MonkeyPatch) -> None:
    """A network that takes five steps is not worth compiling."""
    whole = keras.Model.compile
    patch.setattr(
        keras.Model,
        "compile",
        lambda self, *given, **more: whole(self, *given, **more | {"run_eagerly": True}),
    )


@pytest.fixture(scope="module")
def pixels() -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 255, (24, 32, 32, 3), "uint8"))


@pytest.fixture
def recipe(studio_home: Any, pixels: list[np.ndarray]) -> Recipe:
    return made_of(pixels)


def made_of(pixels: list[np.ndarray]) -> Recipe:
    """One batch holds all examples, so that their order changes nothing."""
    data = keep_pixels(pixels, [i % 2 for i in range(24)], ["cat", "dog"])
    architecture = {"kind": "transfer", "backbone": "cifar10-resnet", "dropout": 0, "unfreeze": 2}
    architecture |= {"tuning_epochs": SECOND, "tuning_rate": 1e-3}
    training = {"epochs": FIRST, "batch_size": 64, "learning_rate": 0.01}
    return Recipe.parse({"dataset": data.model_dump(), "architecture": architecture, "training": training})


class Watch(keras.callbacks.Callback):
    """Notes what each epoch learns with, and fails at the beginning of one."""

    def __init__(self, fails: int = -1):
        super().__init__()
        self.fails = fails
        self.rates: list[tuple[int, float]] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == self.fails:
            raise RuntimeError("power cut")
        self.rates.append((epoch, round(float(self.model.optimizer.learning_rate), 6)))


@pytest.fixture
def store(recipe: Recipe) -> Store:
    return open_store()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, pixels: list[np.ndarray]) -> dict[str, np.ndarray]:
    """The weights of a run that nothing has cut off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCORE_HOME", str(tmp_path_factory.mktemp("whole")))
        eagerly(patch)
        store, watch = open_store(), Watch()
        run = store.create(made_of(pixels), "ada")
        assert jobs.train(run, [watch]) == State.FINISHED
        assert watch.rates == [(0, 0.01), (1, 0.01), (2, 0.001), (3, 0.001), (4, 0.001)]
        assert (FIRST, "phase two, learning rate 0.001") in store.events(run)
        return weights(store, run)


def weights(store: Store, run: str) -> dict[str, np.ndarray]:
    return models.weights_of(models.load(store, models.find(store, run)))


def cut_off(store: Store, recipe: Recipe, epoch: int) -> str:
    run = store.create(recipe, "ada")
    with pytest.raises(RuntimeError, match="power cut"):
        jobs.train(run, [Watch(epoch)])
    return run


def same(ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]) -> None:
    assert ours.keys() == theirs.keys()
    for name, array in ours.items():
        assert array == pytest.approx(theirs[name], abs=1e-5), name


@pytest.mark.parametrize("epoch", range(FIRST, FIRST + SECOND))
def test_it_goes_on_where_it_was_cut_off(store: Store, recipe: Recipe, whole: Any, epoch: int):
    run = cut_off(store, recipe, epoch)
    watch = Watch()
    assert store.requeue(run) and jobs.train(run, [watch]) == State.FINISHED
    assert watch.rates == [(number, 0.001) for number in range(epoch, FIRST + SECOND)]
    assert [row["epoch"] for row in store.metrics(run, "epoch")] == [*range(1, 1 + FIRST + SECOND)]
    assert (epoch, f"resumed after epoch {epoch}") in store.events(run)
    same(weights(store, run), whole)


def test_cut_off_in_the_first_phase_it_goes_through_the_second_whole(
    store: Store, recipe: Recipe, whole: Any
):
    run = cut_off(store, recipe, 1)
    assert store.requeue(run) and jobs.train(run) == State.FINISHED
    same(weights(store, run), whole)


class Request(Watch):
    """Requests something at the end of phase two's first epoch."""

    def __init__(self, store: Store, run: str, **wish: bool):
        super().__init__()
        self.store, self.run, self.wish = store, run, wish

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == FIRST:
            self.store.request(self.run, **self.wish)


def test_stopped_in_the_second_phase_it_is_resumed_there(store: Store, recipe: Recipe, whole: Any):
    run = store.create(recipe, "ada")
    assert jobs.train(run, [Request(store, run, stop=True)]) == State.STOPPED
    watch = Watch()
    assert store.requeue(run) and jobs.train(run, [watch]) == State.FINISHED
    assert watch.rates == [(FIRST + SECOND - 1, 0.001)]
    same(weights(store, run), whole)


def test_paused_in_the_second_phase_it_goes_on(store: Store, recipe: Recipe, whole: Any):
    run = store.create(recipe, "ada")
    training = threading.Thread(target=jobs.train, args=(run, [Request(store, run, pause=True)]), daemon=True)
    training.start()
    deadline, pause = time.monotonic() + 60, threading.Event()
    while store.run(run).state != State.PAUSED:
        assert time.monotonic() < deadline, store.run(run)
        pause.wait(0.02)
    assert [row["epoch"] for row in store.metrics(run, "epoch")] == [1, 2, 3]
    store.request(run, pause=False)
    training.join(60)
    assert store.run(run).state == State.FINISHED
    same(weights(store, run), whole)


def test_a_damaged_checkpoint_means_the_one_before_and_without_any_it_begins_again(
    store: Store, recipe: Recipe, whole: Any
):
    run = cut_off(store, recipe, FIRST + 2)
    *_, newest = sorted(store.artifacts.local(f"{run}/checkpoint").iterdir())
    newest.write_bytes(newest.read_bytes()[:5000])
    with pytest.raises(RuntimeError, match="power cut"):
        assert store.requeue(run)
        jobs.train(run, [Watch(FIRST + 1)])
    damaged = "resumed after epoch 3: the checkpoint after epoch 4 cannot be read"
    assert (FIRST + 1, damaged) in store.events(run)
    for path in store.artifacts.local(f"{run}/checkpoint").iterdir():
        path.write_bytes(path.read_bytes()[:5000])
    assert store.requeue(run) and jobs.train(run) == State.FAILED
    assert store.run(run).reason == "No checkpoint of phase two can be read. Resume: the run begins again."
    assert store.requeue(run) and jobs.train(run) == State.FINISHED
    same(weights(store, run), whole)
