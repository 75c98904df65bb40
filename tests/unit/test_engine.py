"""The engine is private to its app, ends with it, and survives what students do to it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import psutil
import pytest
from distributed import Client as Dask
from waiting import until

from dlcore.client import Client, Refused, Visitor
from dlcore.compute.pending import Pending
from dlcore.recipe import Recipe
from dlcore.runs.states import State

pytestmark = pytest.mark.slow

ME = Visitor("me")
LONG = {"dataset": "digits", "training": {"epochs": 500}}
SHORT = {"dataset": "xor", "training": {"epochs": 2}}


@pytest.fixture
def client() -> Iterator[Client]:
    found = Client()
    found.connect()
    yield found
    found.close()


def state(client: Client, run: str) -> State:
    return client.store.run(run).state


def test_it_listens_on_loopback_only_refuses_plain_tcp_and_leaves_nothing(client: Client):
    engine = client._engine
    processes = [psutil.Process(engine.process.pid)]
    until(lambda: client.ready)
    processes += processes[0].children(recursive=True)
    heard = {
        connection.laddr.ip
        for process in processes
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert heard == {"127.0.0.1"}
    # Nobody reads what a worker prints, and a pipe would be full after 64 KiB.
    printed = Pending(client.connect().submit(os.write, 1, b"downloading\r" * 20_000))
    assert printed.result(20) == 240_000
    with pytest.raises((OSError, TimeoutError)):
        Dask(engine.address.replace("tls://", "tcp://"), timeout=3)
    client.close()
    _, alive = psutil.wait_procs(processes, timeout=20)
    assert not alive


def test_runs_wait_their_turn_stop_and_stay_with_their_owner(client: Client):
    first = client.submit(Recipe.parse(LONG), ME)
    until(lambda: client.store.metrics(first, "epoch"))
    second = client.submit(Recipe.parse(SHORT), ME)
    assert state(client, second) is State.QUEUED

    stranger = Visitor("somebody else")
    for forbidden in (client.stop, client.delete, client.resume):
        with pytest.raises(Refused):
            forbidden(first, stranger)
    assert state(client, first) is State.RUNNING

    # A prediction is answered beside the training.
    answer = client.request("classify", model="digits-cnn", images=[b"no picture"]).result(60)
    assert "error" in answer[0]

    client.stop(first, Visitor("the teacher", teacher=True))
    until(lambda: state(client, first) is State.STOPPED)
    until(lambda: state(client, second) is State.FINISHED)


def test_a_queued_run_that_is_stopped_never_begins(client: Client):
    first = client.submit(Recipe.parse(LONG), ME)
    second = client.submit(Recipe.parse(SHORT), ME)
    client.stop(second, ME)
    assert state(client, second) is State.STOPPED
    client.stop(first, ME)
    until(lambda: not client.handed)
    assert client.store.run(second).started is None


def test_a_worker_that_does_not_answer_is_replaced(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dlcore.compute.dispatch.GRACE", 1.0)
    run = client.submit(Recipe.parse(LONG), ME)
    until(lambda: client.store.metrics(run, "batch"))
    (worker,) = [psutil.Process(int(client.store.run(run).worker.split("/")[1]))]
    worker.suspend()  # as if caught in an endless loop
    client.stop(run, ME)
    until(lambda: state(client, run) is State.STOPPED)
    assert "did not answer" in client.store.run(run).reason
    until(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    after = client.submit(Recipe.parse(SHORT), ME)
    until(lambda: state(client, after) is State.FINISHED)


def test_a_dying_worker_takes_only_its_own_run_with_it(client: Client):
    first = client.submit(Recipe.parse(LONG), ME)
    until(lambda: client.store.metrics(first, "batch"))
    second = client.submit(Recipe.parse(SHORT), ME)
    psutil.Process(int(client.store.run(first).worker.split("/")[1])).kill()
    until(lambda: state(client, first) is State.FAILED)
    until(lambda: state(client, second) is State.FINISHED)
    assert "died" in client.store.run(first).reason and not client.store.run(second).reason


def test_a_dead_engine_is_started_again_and_what_waited_runs(client: Client):
    until(lambda: client.ready)
    first = client.submit(Recipe.parse(LONG), ME)
    until(lambda: client.store.metrics(first, "batch"))
    second = client.submit(Recipe.parse(SHORT), ME)
    client._engine.process.kill()
    until(lambda: state(client, second) is State.FINISHED)
    assert state(client, first) is State.LOST


def test_a_worker_is_replaced_after_so_many_runs_once_it_is_idle(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DLCORE_RECYCLE_RUNS", "1")
    until(lambda: client.ready)
    answer = Pending(client.connect().submit(time.sleep, 12))
    client._asked.add(answer)
    run = client.submit(Recipe.parse(SHORT), ME)
    until(lambda: state(client, run) is State.FINISHED)
    worker = client.store.run(run).worker
    assert answer.result(30) is None, "the answer on its way died with the worker"
    until(lambda: client.runs_done == 0 and not psutil.pid_exists(int(worker.split("/")[1])))
    until(lambda: client.ready)
