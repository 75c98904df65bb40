"""Runs are handed over in turn, and always end, whoever dies. The worker is a thread, without TensorFlow."""

from __future__ import annotations

import subprocess
import sys
import threading
import types
from collections.abc import Iterator

import psutil
import pytest
from distributed import LocalCluster
from waiting import until

from dlcore.client import Client, Refused, Visitor
from dlcore.compute import dispatch
from dlcore.compute.engine import Engine
from dlcore.compute.processes import this_process
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store

RECIPE = Recipe.parse({"dataset": "moons"})
ADA, BOB = Visitor("ada"), Visitor("bob")
pause = threading.Event()


class Worker:
    """What a training does to the store; ``train`` stands for dlcore.jobs.train."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go = threading.Event()  # a training ends when it is set, or Stop is clicked
        self.evaluated = threading.Event()  # and a stopped one has answered, but is busy until then
        self.evaluated.set()
        self.noted = True  # whether the store is told of the end

    def train(self, run: str) -> None:
        store = open_store()
        if not store.start(run, this_process()):
            return
        self.begun.append(run)
        started = store.run(run).started
        while not self.go.wait(0.02):
            control = store.control(run)
            store.pause(run, control.pause)
            if control.stop:
                store.end(run, State.STOPPED, "Stopped.", attempt=started)
                self.evaluated.wait(30)
                return
        if self.noted:
            store.end(run, State.FINISHED, result={}, attempt=started)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    with LocalCluster(
        n_workers=1,
        threads_per_worker=4,
        processes=False,
        protocol="tcp",
        dashboard_address=":0",
        resources={"train": 1},
    ) as found:
        yield found


@pytest.fixture
def worker(monkeypatch, cluster) -> Iterator[Worker]:
    match, jobs = Worker(), types.ModuleType("dlcore.jobs")
    jobs.train = match.train
    jobs.answer = lambda: 42
    monkeypatch.setitem(sys.modules, "dlcore.jobs", jobs)
    monkeypatch.setenv("DLCORE_SCHEDULER", cluster.scheduler_address)
    yield match
    match.go.set()
    match.evaluated.set()


@pytest.fixture
def client(worker, monkeypatch) -> Iterator[Client]:
    monkeypatch.setattr(dispatch, "LOOK", 0.1)
    found = Client()
    yield found
    worker.go.set()
    worker.evaluated.set()
    until(lambda: not found.handed)
    found.close()


def state(client: Client, run: str) -> State:
    return client.store.run(run).state


def test_one_visitors_many_runs_do_not_starve_anothers_first(client, worker):
    first = client.submit(RECIPE, ADA)
    until(lambda: worker.begun == [first])
    second, third = client.submit(RECIPE, ADA), client.submit(RECIPE, ADA)
    his = client.submit(RECIPE, BOB)
    assert client.wait(client.store.run(his)).place == 1
    assert client.wait(client.store.run(third)).place == 3
    worker.go.set()
    until(lambda: state(client, third) is State.FINISHED)
    assert worker.begun == [first, his, second, third]


def test_stop_and_resume_end_no_worker(client, worker, monkeypatch):
    """The process that sees to a queued run is the app: to end it as the run's worker would end the app."""
    monkeypatch.setattr(dispatch, "GRACE", 0.3)
    ended: list[str] = []
    monkeypatch.setattr(Engine, "kill", lambda self, name: ended.append(name))
    worker.evaluated.clear()
    run = client.submit(RECIPE, ADA)
    until(lambda: worker.begun)
    client.stop(run, ADA)
    until(lambda: state(client, run) is State.STOPPED)
    client.resume(run, ADA)
    run_after = client.store.run(run)
    assert (run_after.state, run_after.worker, run_after.queue) == (State.QUEUED, "", client.name)
    pause.wait(0.8)  # longer than GRACE: the stop of the first attempt must not reach the second
    assert state(client, run) is State.QUEUED
    worker.evaluated.set()
    until(lambda: worker.begun == [run, run])
    pause.wait(0.5)
    assert state(client, run) is State.RUNNING and not ended


def test_a_training_that_ends_without_saying_so_has_failed(client, worker):
    worker.noted = False
    run = client.submit(RECIPE, ADA)
    until(lambda: worker.begun)
    worker.go.set()
    until(lambda: state(client, run) is State.FAILED)
    assert "without a result" in client.store.run(run).reason


def test_a_job_that_cannot_even_begin_fails_its_run(client, monkeypatch):
    monkeypatch.delattr(sys.modules["dlcore.jobs"], "train")
    run = client.submit(RECIPE, ADA)
    until(lambda: state(client, run) is State.FAILED)
    assert "did not begin" in client.store.run(run).reason


def test_an_end_that_the_store_does_not_take_is_tried_again(client, worker, monkeypatch):
    worker.noted = False
    run = client.submit(RECIPE, ADA)
    until(lambda: worker.begun)
    refused = []

    def end(*arguments, **options):
        if len(refused) < 3:
            refused.append(arguments)
            raise OSError("No space left on device")
        return type(client.store).end(client.store, *arguments, **options)

    monkeypatch.setattr(client.store, "end", end)
    worker.go.set()
    until(lambda: state(client, run) is State.FAILED)
    assert len(refused) == 3


def test_a_closed_client_is_replaced_and_the_labs_training_goes_on(client, worker):
    first = client.submit(RECIPE, ADA)
    until(lambda: worker.begun)
    client._dask.close()
    second = client.submit(RECIPE, BOB)
    until(lambda: client.usable)
    assert state(client, first) is State.RUNNING, "its worker lives and gives signs of life"
    worker.go.set()
    until(lambda: state(client, second) is State.FINISHED)
    assert state(client, first) is State.FINISHED


def test_questions_are_answered_where_the_store_cannot_be_used(client, studio_home):
    (studio_home / "studio.db").mkdir(parents=True)
    assert client.request("answer").result(20) == 42


def test_the_waiting_runs_of_an_app_that_ended_are_seen_to(client, worker):
    gone = this_process().rsplit("/", 1)[0] + "/1.00"
    orphan = client.store.create(RECIPE, "ada", queue=gone)
    other = client.store.create(RECIPE, "ada", queue=this_process().replace("/", "-elsewhere/", 1))
    worker.go.set()
    client.attend()
    until(lambda: state(client, orphan) is State.FINISHED)
    assert state(client, other) is State.QUEUED, "of another machine, and not silent for long"


def test_a_pause_that_keeps_others_waiting_is_bounded(client, worker, monkeypatch):
    run = client.submit(RECIPE, ADA)
    until(lambda: worker.begun)
    client.control(run, ADA, pause=True)
    until(lambda: state(client, run) is State.PAUSED)
    assert client.pause_left(client.store.run(run)) is None, "nobody waits"
    monkeypatch.setenv("DLCORE_MAX_PAUSE_MINUTES", "0")
    other = client.submit(RECIPE, BOB)
    until(lambda: other in worker.begun)
    ended = client.store.run(run)
    assert ended.state is State.STOPPED
    until(lambda: "because others waited" in client.store.run(run).reason)


def test_the_queue_is_bounded_also_when_resuming(client, worker, monkeypatch):
    stopped = client.submit(RECIPE, ADA)
    client.stop(stopped, ADA)
    until(lambda: not client.handed and state(client, stopped) is State.STOPPED)
    for _ in range(3):
        client.submit(RECIPE, ADA)
    with pytest.raises(Refused, match="already have 3 unfinished"):
        client.resume(stopped, ADA)


# -- what is gone ---------------------------------------------------------------------------------


def test_a_living_worker_that_no_longer_holds_the_run_is_not_trusted(monkeypatch):
    client = Client()
    here, gone = this_process(), this_process().rsplit("/", 1)[0] + "/1.00"
    elsewhere = here.replace("/", "-elsewhere/", 1)

    def trains(worker: str, queue: str, silent: bool = False) -> str:
        run = client.store.create(RECIPE, "ada", queue=queue)
        client.store.start(run, worker)
        if silent:
            client.store._update(run, heartbeat=1.0)
        return run

    parent = psutil.Process().parent()
    other_app = f"{here.split('/')[0]}/{parent.pid}/{parent.create_time():.2f}"
    lost = [
        trains(gone, other_app),
        trains(here, client.name),  # ours, and not handed over
        trains(elsewhere, other_app, silent=True),
        trains(here, gone, silent=True),
    ]
    kept = [trains(here, other_app, silent=True), trains(elsewhere, gone), trains(here, gone)]
    client.reap()
    assert {state(client, run) for run in lost} == {State.LOST}
    assert {state(client, run) for run in kept} == {State.RUNNING}


def test_an_engine_ends_no_process_that_is_not_its_own():
    spawn = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    process = subprocess.Popen([sys.executable, "-c", spawn], text=True)
    engine = Engine(process, "", None)
    try:
        until(lambda: psutil.Process(process.pid).children())
        (child,) = psutil.Process(process.pid).children()
        assert not engine.kill(this_process()) and not engine.kill("")
        host = this_process().split("/")[0]
        assert not engine.kill(f"{host}/{child.pid}/1.00"), "a process number that was given again"
        assert engine.kill(f"{host}/{child.pid}/{child.create_time():.2f}")
        child.wait(10)
    finally:
        process.kill()
        process.wait()
