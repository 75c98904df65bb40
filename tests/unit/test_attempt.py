"""A worker's hold on a run: signs of life, an answer to Stop, and an end that the store takes in the end."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from waiting import until

from dlcore.recipe import Recipe
from dlcore.runs.attempt import Attempt, Stopped
from dlcore.runs.states import State
from dlcore.runs.store import Store, open_store


@pytest.fixture
def store(studio_home) -> Store:
    return open_store()


@pytest.fixture
def run(store) -> str:
    run = store.create(Recipe.parse({"dataset": "moons"}), "ada")
    store.start(run, "worker")
    return run


def test_stop_ends_a_run_at_once_where_no_callback_asks(store, run):
    with Attempt(store, run) as attempt:
        attempt.answer_stop("Stopped during the evaluation.")
        attempt.check()
        store.request(run, stop=True)
        until(lambda: store.run(run).state is State.STOPPED)
        assert store.run(run).reason == "Stopped during the evaluation."
        with pytest.raises(Stopped):
            attempt.check()
        assert not attempt.end(State.FINISHED)


def test_a_run_that_is_deleted_is_not_worked_on(store, run):
    with Attempt(store, run) as attempt:
        attempt.answer_stop("")
        store.end(run, State.STOPPED)
        store.delete(run)
        with pytest.raises(Stopped):
            attempt.check()


def test_a_paused_run_gives_signs_of_life(store, run, monkeypatch):
    """Also for longer than the silence after which a run counts as lost."""
    monkeypatch.setattr("dlcore.runs.attempt.BEAT", 0)
    store.pause(run, True)
    before = store.run(run).heartbeat
    with Attempt(store, run) as attempt:
        attempt.answer_stop("")
        until(lambda: store.run(run).heartbeat > before)
    assert store.run(run).state is State.PAUSED


def test_an_attempt_notices_that_the_run_is_in_other_hands(store, run, monkeypatch):
    monkeypatch.setattr("dlcore.runs.attempt.BEAT", 0)
    with Attempt(store, run) as attempt:
        assert not attempt.over
        store.end(run, State.LOST)
        store.requeue(run)
        store.start(run, "another worker")
        until(lambda: attempt.over)
        assert not attempt.end(State.FINISHED)
    assert store.run(run).state is State.RUNNING


def test_the_end_of_a_run_is_reported_until_the_store_takes_it(store, run, caplog):
    """As on a disk that is full for a while."""
    with store.engine.begin() as db:
        db.execute(
            sa.text("CREATE TRIGGER full BEFORE UPDATE ON runs BEGIN SELECT RAISE(FAIL, 'disk is full'); END")
        )
    with Attempt(store, run) as attempt:
        ending = threading.Thread(target=attempt.end, args=[State.FAILED, "why"])
        ending.start()
        ending.join(0.5)
        assert ending.is_alive() and store.run(run).state is State.RUNNING
        with store.engine.begin() as db:
            db.execute(sa.text("DROP TRIGGER full"))
        ending.join(30)
    assert (store.run(run).state, store.run(run).reason) == (State.FAILED, "why")
    (record,) = caplog.records
    assert "\n" not in record.getMessage() and "disk is full" in record.getMessage()
