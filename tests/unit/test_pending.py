"""Who waits for an answer, and gives up, takes it from nobody else."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from distributed import Client as Dask
from distributed import LocalCluster
from waiting import until

from dlcore.compute.engine import EngineError
from dlcore.compute.pending import Pending

GATES: dict[str, threading.Event] = {}
BEGUN: list[str] = []


@pytest.fixture
def gate(request) -> Iterator[threading.Event]:
    GATES[request.node.name] = event = threading.Event()
    yield event
    event.set()


def wait_at(name: str) -> bool:
    """A job that ends when its test opens the gate; the workers of these tests are threads."""
    BEGUN.append(name)
    return GATES[name.split("/")[0]].wait(20)


@pytest.fixture(scope="module")
def dask() -> Iterator[Dask]:
    """A scheduler and a worker with two threads in this process, spoken to over TCP as ours is."""
    cluster = LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, protocol="tcp", dashboard_address=":0"
    )
    with cluster, Dask(cluster, set_as_default=False) as found:
        yield found


def answer_of(pending: Pending, patience: float) -> bytes:
    """Wait as a page does: in slices, so that a click can end the wait."""
    while not pending.wait(patience):
        pass
    return pending.result(0)


def test_many_impatient_waits_lose_no_answer_and_none_that_comes_later(dask):
    """Dask's own ``result(timeout)`` fails here for most, and then for everybody."""

    def visit(number: int) -> bool:
        pending = Pending(dask.submit(bytes, 3_000_000 + number, pure=False))
        return len(answer_of(pending, 0.001)) == 3_000_000 + number

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(visit, range(60)))
    assert Pending(dask.submit(pow, 2, 5)).result(10) == 32


def test_an_answer_that_is_late_can_be_waited_for_again(dask, gate, request):
    pending = Pending(dask.submit(wait_at, request.node.name))
    assert not pending.wait(0) and not pending.done
    with pytest.raises(TimeoutError, match=r"no answer in 0\.01 s"):
        pending.result(0.01)
    gate.set()
    assert pending.result(10) is True and pending.done


def test_the_errors_of_a_job_come_as_they_are(dask):
    pending = Pending(dask.submit(int, "no number"))
    assert pending.wait(10)
    with pytest.raises(ValueError, match="no number"):
        pending.result()


def test_a_question_that_nobody_holds_is_taken_back(dask, gate, request):
    name = request.node.name
    busy = [Pending(dask.submit(wait_at, name, pure=False)) for _ in range(2)]
    forgotten = Pending(dask.submit(wait_at, f"{name}/forgotten", key="forgotten"))
    (worker,) = dask.cluster.workers.values()
    until(lambda: "forgotten" in worker.state.tasks)
    del forgotten
    gc.collect()
    until(
        lambda: "forgotten" not in worker.state.tasks
    )  # it hears of it through the client and the scheduler
    gate.set()
    assert all(pending.result(20) for pending in busy)
    assert Pending(dask.submit(pow, 2, 5, pure=False)).result(10) == 32
    assert f"{name}/forgotten" not in BEGUN


def test_an_engine_that_ends_answers_with_one_line(gate, request):
    cluster = LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, protocol="tcp", dashboard_address=":0"
    )
    dask = Dask(cluster, set_as_default=False)
    pending = Pending(dask.submit(wait_at, request.node.name))
    dask.close()
    with pytest.raises(EngineError, match="ended"):
        pending.result(10)
    gate.set()
    cluster.close()
