"""The contract of the run store, which SQLite and PostgreSQL keep alike."""

from __future__ import annotations

import json
import math
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from dlcore.recipe import Recipe
from dlcore.runs.states import ACTIVE, TERMINAL, State
from dlcore.runs.store import Control, QueueFull, Store, UnknownRun, open_store
from dlcore.runs.tables import tables
from dlcore.settings import Settings, settings

ROOT = Path(__file__).parents[2]
RECIPE = Recipe.parse({"dataset": "moons"})
UPLOAD = "0123456789abcdef"
OWN = Recipe.parse({"dataset": {"name": "upload", "id": UPLOAD, "examples": 40, "classes": ["cat", "dog"]}})


def postgres_programs() -> Path | None:
    """The folder with initdb and pg_ctl; Debian keeps them off the PATH."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if asked := shutil.which("pg_config"):
        done = subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=True)
        folders.append(Path(done.stdout.strip()))
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    return next((f for f in folders if (f / "initdb").exists() and (f / "pg_ctl").exists()), None)


@pytest.fixture(scope="session")
def postgres():
    """The URL of an empty PostgreSQL of our own, on a Unix socket in a temporary folder."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server (initdb, pg_ctl) is not installed")
    folder = Path(tempfile.mkdtemp(prefix="studio-pg-", dir="/tmp"))  # a socket's path is short
    become = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        other = known.get("postgres") or known["nobody"]
        os.chown(folder, other.pw_uid, other.pw_gid)
        become = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
    data = folder / "data"

    def call(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs / program, "-D", data, *arguments],
            cwd=folder,
            check=True,
            timeout=60,
            **become,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "errors").open("a"),
        )

    options = f"-c listen_addresses='' -c fsync=off -c unix_socket_directories={folder}"
    try:
        call("initdb", "-U", "studio", "-A", "trust", "-E", "UTF8", "--no-sync")
        call("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
        yield f"postgresql://studio@/postgres?host={folder}"
        call("pg_ctl", "stop", "-w", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def options(request, monkeypatch) -> Settings:
    """Settings of an empty store, also in the environment for other processes."""
    if request.param == "sqlite":
        yield settings()
        return
    monkeypatch.setenv("DLCORE_DATABASE", request.getfixturevalue("postgres"))
    yield settings()
    leftover = Store(settings())
    tables.drop_all(leftover.engine)
    leftover.engine.dispose()


@pytest.fixture
def store(options) -> Store:
    made = Store(options)
    yield made
    made.engine.dispose()


@pytest.fixture
def run(store) -> str:
    return store.create(RECIPE, "ada")


def running(store: Store) -> str:
    run = store.create(RECIPE, "ada")
    assert store.start(run, "worker")
    return run


# -- runs -----------------------------------------------------------------------------------------


def test_a_new_run_is_queued_with_its_recipe(store):
    run = store.run(store.create(RECIPE, "ada", "first try", "queue"))
    assert run.state is State.QUEUED and not run.state.is_terminal
    assert (run.owner, run.name, run.queue) == ("ada", "first try", "queue")
    assert run.parsed() == RECIPE
    assert (run.started, run.ended, run.progress, run.result) == (None, None, {}, {})
    assert run.seconds == 0


def test_the_urls_dialect_is_the_one_that_is_tested(store, options):
    assert store.engine.dialect.name == ("postgresql" if options.database else "sqlite")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  a name  ", "a name"),
        ("x" * 200, "x" * 80),
        ("", "moons mlp"),
        ("   ", "moons mlp"),
        ("Zoë’s 网络 🧠", "Zoë’s 网络 🧠"),
    ],
)
def test_names_are_trimmed_and_never_empty(store, given, kept):
    assert store.run(store.create(RECIPE, "ada", given)).name == kept


def test_renaming_trims_too(store, run):
    store.rename(run, "  new  ")
    assert store.run(run).name == "new"
    store.rename(run, "y" * 100)
    assert store.run(run).name == "y" * 80
    store.rename(run, " ")
    assert store.run(run).name.strip()


def test_an_unknown_run_is_an_error_with_its_id(store):
    with pytest.raises(UnknownRun, match="nosuchrun"):
        store.run("nosuchrun")


def test_another_process_sees_the_same(store, run, options):
    other = Store(options)
    assert other.run(run) == store.run(run)
    other.engine.dispose()


def test_one_store_for_each_process(options):
    assert open_store() is open_store()
    open_store().engine.dispose()


# -- states ---------------------------------------------------------------------------------------


def test_a_run_goes_through_its_states(store, run):
    seen = [store.run(run).state]
    assert store.start(run, "worker 1")
    seen.append(store.run(run).state)
    store.pause(run, True)
    seen.append(store.run(run).state)
    store.pause(run, False)
    seen.append(store.run(run).state)
    assert store.end(run, State.FINISHED, result={"metrics": {"accuracy": 0.5}})
    seen.append(store.run(run).state)
    assert seen == ["queued", "running", "paused", "running", "finished"]
    ended = store.run(run)
    assert ended.worker == "worker 1" and ended.result == {"metrics": {"accuracy": 0.5}}
    assert ended.created <= ended.started <= ended.ended
    assert ended.seconds == ended.ended - ended.started


@pytest.mark.parametrize("first", sorted(TERMINAL))
@pytest.mark.parametrize("second", sorted(TERMINAL))
def test_the_first_terminal_state_stands(store, first, second):
    run = running(store)
    assert store.end(run, first, "first", {"n": 1})
    before = store.run(run)
    assert not store.end(run, second, "second", {"n": 2})
    assert not store.start(run, "another worker")
    store.pause(run, True)
    store.pause(run, False)
    assert store.run(run) == before


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_every_active_state_can_end(store, state):
    run = store.create(RECIPE, "ada")
    if state is not State.QUEUED:
        store.start(run, "worker")
    store.pause(run, state is State.PAUSED)
    assert store.run(run).state is state
    assert store.end(run, State.STOPPED)


def test_a_run_is_started_once(store, run):
    assert store.start(run, "one")
    assert not store.start(run, "two")
    assert store.run(run).worker == "one"


def test_of_many_workers_one_starts_a_run(store, run):
    with ThreadPoolExecutor(8) as pool:
        started = list(pool.map(lambda i: store.start(run, f"worker {i}"), range(8)))
    assert sum(started) == 1
    assert store.run(run).worker == f"worker {started.index(True)}"


def test_only_a_running_run_pauses_and_only_a_paused_one_goes_on(store, run):
    store.pause(run, True)
    assert store.run(run).state is State.QUEUED
    store.start(run, "worker")
    store.pause(run, False)
    assert store.run(run).state is State.RUNNING


@pytest.mark.parametrize("state", [State.STOPPED, State.FAILED, State.LOST])
def test_what_did_not_finish_can_be_queued_again(store, state):
    run = running(store)
    store.add_metrics(run, "epoch", [(0, 1, {"loss": 1.0})])
    store.request(run, stop=True, pause=True, advance="batch")
    store.end(run, state, "why", {"metrics": {"accuracy": 0.5}})
    assert state.can_resume and store.requeue(run, "queue 2")
    again = store.run(run)
    assert (again.state, again.reason, again.ended, again.queue) == ("queued", "", None, "queue 2")
    assert again.result == {}, "the metrics are those of a network that goes on learning"
    request = store.control(run)
    assert (request.stop, request.pause, request.advance) == (False, False, None)
    assert store.metrics(run, "epoch") == [{"epoch": 1, "loss": 1.0}]
    assert store.start(run, "worker 2")


def test_what_is_finished_or_under_way_is_not_queued_again(store):
    finished, under_way, queued = running(store), running(store), store.create(RECIPE, "ada")
    store.end(finished, State.FINISHED)
    for run in (finished, under_way, queued):
        before = store.run(run)
        assert not store.requeue(run)
        assert store.run(run) == before


def test_a_refused_requeue_takes_no_request_back(store):
    """Else a second click on Resume would undo a Stop that the training has not seen yet."""
    run = running(store)
    store.request(run, stop=True)
    assert not store.requeue(run)
    assert store.control(run).stop


def test_the_metrics_of_a_stopped_run_may_follow_its_state(store):
    run = running(store)
    attempt = store.run(run).started
    store.end(run, State.STOPPED)
    assert store.set_result(run, {"metrics": {"loss": 1.5}}, attempt)
    assert store.run(run).result == {"metrics": {"loss": 1.5}}
    assert store.run(run).state is State.STOPPED


def test_a_worker_changes_nothing_of_a_run_that_was_queued_again_after_its_attempt(store):
    run = running(store)
    first = store.run(run).started
    store.end(run, State.STOPPED)
    store.requeue(run)
    queued = store.run(run)
    for start in (False, True):
        if start:
            store.start(run, "worker 2")
        now = store.run(run)
        assert not store.set_result(run, {"metrics": {"loss": 1.5}}, first)
        assert not store.end(run, State.FINISHED, attempt=first)
        assert not store.beat(run, first)
        assert store.run(run) == now
    assert queued.result == {}
    second = store.run(run).started
    assert store.beat(run, second) and store.end(run, State.FINISHED, attempt=second)
    assert not store.beat(run, second), "it has ended"


def test_a_paused_run_gives_signs_of_life(store):
    run = running(store)
    store.pause(run, True)
    before = store.run(run)
    assert store.beat(run, before.started)
    after = store.run(run)
    assert after.heartbeat > before.heartbeat and after.state is State.PAUSED


@pytest.mark.parametrize("owners", [1, 12])
def test_many_tabs_at_once_do_not_pass_the_limits(options, monkeypatch, owners):
    monkeypatch.setenv("DLCORE_MAX_QUEUED_ALL", "5")
    store, begin = Store(settings()), threading.Barrier(12)
    ended = store.create(RECIPE, "owner 0")
    store.end(ended, State.STOPPED)

    def click(number: int) -> bool:
        begin.wait()
        owner = f"owner {number % owners}"
        try:
            if number == 0:
                return store.requeue(ended, limited=True)
            return bool(store.create(RECIPE, owner, limited=True))
        except QueueFull as refusal:
            assert ("You already have 3" if owners == 1 else "5 runs of all visitors") in str(refusal)
            return False

    with ThreadPoolExecutor(12) as pool:
        taken = sum(pool.map(click, range(12)))
    assert taken == store.count(states=ACTIVE) == (3 if owners == 1 else 5)
    store.engine.dispose()


def test_waiting_runs_come_in_the_order_in_which_they_begin(store):
    trains = running(store)
    second, his = store.create(RECIPE, "ada", queue="app"), store.create(RECIPE, "bob")
    assert [each.run for each in store.waiting()] == [his, second]
    store.end(trains, State.FINISHED)
    assert [each.run for each in store.waiting()] == [his, second], "ada has just had a turn"
    assert store.adopt(second, "app", "another app") and not store.adopt(second, "app", "a third")
    assert store.run(second).queue == "another app"
    store.start(his, "worker")
    assert not store.adopt(his, "", "too late") and [each.run for each in store.waiting()] == [second]


def test_since_is_when_a_run_came_into_its_state(store, run):
    seen = [store.run(run).since]
    store.start(run, "worker")
    seen.append(store.run(run).since)
    store.pause(run, True)
    seen.append(store.run(run).since)
    store.pause(run, True)
    assert store.run(run).since == seen[-1], "a second click on Pause does not begin it anew"
    assert seen == sorted(set(seen))


def test_progress_is_a_sign_of_life(store):
    run = running(store)
    before = store.run(run).heartbeat
    store.progress(run, {"phase": "training", "epoch": 3, "device": "Prozeßor 🧠"})
    after = store.run(run)
    assert after.progress == {"phase": "training", "epoch": 3, "device": "Prozeßor 🧠"}
    assert after.heartbeat >= before


# -- metrics and events ---------------------------------------------------------------------------


def rows(n: int, start: int = 0) -> list[tuple[int, float, dict]]:
    return [(i, (i + 1) / 10, {"loss": 1 / (i + 1)}) for i in range(start, n)]


def test_metrics_come_back_in_order_and_by_kind(store, run):
    store.add_metrics(run, "batch", rows(30, 15))
    store.add_metrics(run, "batch", rows(15))
    store.add_metrics(run, "epoch", [(0, 1.0, {"loss": 0.5, "val_loss": 0.25})])
    assert store.metrics(run, "batch") == [{"epoch": epoch, **values} for _, epoch, values in rows(30)]
    assert store.metrics(run, "epoch") == [{"epoch": 1.0, "loss": 0.5, "val_loss": 0.25}]
    assert store.last_step(run, "batch") == 29 and store.last_step(run, "epoch") == 0


def test_a_run_without_metrics(store, run):
    store.add_metrics(run, "batch", [])
    assert store.metrics(run, "batch") == [] and store.last_step(run, "batch") == -1


@pytest.mark.parametrize("total", [1, 9, 10, 11, 20, 99, 1000, 1001])
@pytest.mark.parametrize("at_most", [1, 2, 10])
def test_thinning_keeps_first_and_last_and_order(store, run, total, at_most):
    store.add_metrics(run, "batch", rows(total))
    found = [row["epoch"] for row in store.metrics(run, "batch", at_most)]
    assert len(found) <= at_most + 1
    assert found == sorted(set(found))
    assert (found[0], found[-1]) == (0.1, total / 10)
    if total <= at_most:
        assert len(found) == total
    else:
        steps = [round(10 * (b - a)) for a, b in pairwise(found)]
        assert len(set(steps[:-1])) <= 1, "not even"


def test_rewinding_forgets_what_comes_after(store, run):
    store.add_metrics(run, "batch", rows(30))
    store.add_metrics(run, "epoch", [(i, i + 1, {"loss": 1.0}) for i in range(3)])
    for epoch, message in ((0, "zero"), (2, "two"), (2.5, "between"), (3, "three")):
        store.add_event(run, epoch, message)
    store.rewind(run, 2)
    assert [row["epoch"] for row in store.metrics(run, "epoch")] == [1, 2]
    assert store.metrics(run, "batch")[-1]["epoch"] == 2 and store.last_step(run, "batch") == 19
    assert store.events(run) == [(0, "zero"), (2, "two")]
    store.add_metrics(run, "batch", rows(22, 20))
    assert store.last_step(run, "batch") == 21


def test_rewinding_touches_one_run(store, run):
    other = store.create(RECIPE, "ada")
    for each in (run, other):
        store.add_metrics(each, "epoch", [(0, 1, {"loss": 1.0})])
        store.add_event(each, 1, "one")
    store.rewind(run, 0)
    assert store.metrics(run, "epoch") == [] and store.events(run) == []
    assert len(store.metrics(other, "epoch")) == 1 and len(store.events(other)) == 1


def test_events_are_in_order_and_bounded_by_the_newest(store, run):
    for i in range(12):
        store.add_event(run, i / 2, f"event {i} – 学习率")
    assert store.events(run, 5) == [(i / 2, f"event {i} – 学习率") for i in range(7, 12)]
    assert len(store.events(run)) == 12
    assert store.events(store.create(RECIPE, "ada")) == []


def test_json_keeps_unicode_numbers_and_nesting(store, run):
    result = {"ключ": ["é", "日本語", "🧠", '"quotes"', "a\\b", "line\nbreak"], "n": [1, 2.5, None]}
    store.end(run, State.FINISHED, "Grund: „zu groß“", result)
    run_after = store.run(run)
    assert run_after.result == result and run_after.reason == "Grund: „zu groß“"


# -- control --------------------------------------------------------------------------------------


def test_requests_come_back_as_they_were_made(store, run):
    assert store.control(run) == Control()
    store.request(run, pause=True)
    store.request(run, learning_rate=0.0123, advance="epoch")
    assert store.control(run) == Control(False, True, "epoch", 0.0123)
    store.request(run, stop=True, pause=False, advance=None)
    assert store.control(run) == Control(True, False, None, 0.0123)


def test_who_learns_is_a_request_that_a_resumed_run_does_not_keep(store, run):
    store.request(run, learner="generator")
    assert store.control(run) == Control(learner="generator")
    store.end(run, State.LOST)
    assert store.requeue(run)
    assert store.control(run) == Control()


def test_a_store_of_an_earlier_version_gets_the_new_columns(store, run, options):
    import sqlalchemy as sa

    with store.engine.begin() as db:
        db.execute(sa.text("ALTER TABLE control DROP COLUMN learner"))
    newer = Store(options)
    newer.request(run, learner="discriminator", pause=True)
    assert newer.control(run) == Control(pause=True, learner="discriminator")


def test_runs_of_an_earlier_version_on_own_data_belong_to_who_trained_them(store, options):
    import sqlalchemy as sa

    private, public = store.create(OWN, "ada"), store.create(RECIPE, "ada")
    with store.engine.begin() as db:
        db.execute(sa.text("ALTER TABLE runs DROP COLUMN shared"))
        db.execute(sa.text("DROP TABLE uploads"))
    newer = Store(options)
    assert not newer.run(private).shared
    assert newer.run(public).shared
    assert newer.owns_upload(UPLOAD, "ada")
    assert not newer.owns_upload(UPLOAD, "bob")


# -- who sees what --------------------------------------------------------------------------------


@pytest.mark.parametrize("recipe", [OWN, Recipe.parse({"dataset": "drawn"})])
def test_a_run_on_own_data_is_seen_by_its_owner_until_it_is_shared(store, recipe):
    run = store.create(recipe, "ada")

    def seen_by(visitor: str | None) -> bool:
        listed = [match.id for match in store.list_runs(seen_by=visitor)] == [run]
        assert listed == (store.count(seen_by=visitor) == 1)
        try:
            return store.run(run, visitor).id == run and listed
        except UnknownRun:
            assert not listed
            return False

    assert [seen_by("ada"), seen_by("bob"), seen_by(None)] == [True, False, True]
    store.share(run, True)
    assert seen_by("bob")
    store.share(run, False)
    assert not seen_by("bob")


def test_a_run_on_a_data_set_of_everybody_is_seen_by_everybody(store, run):
    assert store.run(run, "bob").id == run


def test_images_belong_to_all_who_uploaded_them(store):
    for _ in range(2):
        store.claim_upload(UPLOAD, "ada")
    store.claim_upload(UPLOAD, "bob")
    owners = [who for who in ("ada", "bob", "eve") if store.owns_upload(UPLOAD, who)]
    assert owners == ["ada", "bob"]


def test_requests_are_for_one_run(store, run):
    other = store.create(RECIPE, "ada")
    store.request(run, stop=True)
    assert store.control(other) == Control()


# -- deleting -------------------------------------------------------------------------------------


def column_of(table):
    """The column with the run's id; events have an id of their own."""
    return table.c.run if "run" in table.c else table.c.id


def left_over(store: Store, run: str) -> dict[str, int]:
    with store.engine.connect() as db:
        return {
            table.name: len(db.execute(table.select().where(column_of(table) == run)).all())
            for table in tables.sorted_tables
        }


def test_deleting_removes_every_row_and_file_of_one_run(store):
    doomed, other = running(store), running(store)
    for run in (doomed, other):
        store.add_metrics(run, "batch", rows(5))
        store.add_event(run, 1, "event")
        store.artifacts.write(f"{run}/model/weights", b"w")
        store.end(run, State.FINISHED)
    kept = left_over(store, other)
    assert kept == {"runs": 1, "metrics": 5, "events": 1, "control": 1, "uploads": 0}
    store.delete(doomed)
    assert left_over(store, doomed) == dict.fromkeys(kept, 0)
    assert left_over(store, other) == kept
    assert store.artifacts.names(doomed) == [] and store.artifacts.names(other)
    with pytest.raises(UnknownRun):
        store.run(doomed)
    store.delete(doomed)  # a second click


def test_a_run_under_way_is_not_deleted(store):
    run = running(store)
    store.artifacts.write(f"{run}/model/weights", b"w")
    store.delete(run)
    assert store.run(run).state is State.RUNNING
    assert store.artifacts.exists(f"{run}/model/weights")


def test_a_deleted_run_is_told_to_stop(store):
    run = running(store)
    store.end(run, State.STOPPED)
    store.delete(run)
    assert store.control(run).stop


def test_the_store_keeps_at_most_so_many_runs(options, monkeypatch):
    monkeypatch.setenv("DLCORE_MAX_RUNS", "5")
    store = Store(settings())
    under_way = running(store)
    ended = []
    for i in range(8):
        ended.append(store.create(RECIPE, "ada", f"run {i}"))
        store.artifacts.write(f"{ended[-1]}/file", b"1")
        store.end(ended[-1], State.FINISHED)
    assert store.count() == 5
    kept = {run.id for run in store.list_runs()}
    assert kept == {under_way, *ended[-4:]}, "not the newest, or one that is under way is gone"
    assert not any(store.artifacts.exists(f"{run}/file") for run in ended[:4])
    store.engine.dispose()


# -- lists ----------------------------------------------------------------------------------------


def names(found) -> list[str]:
    return [run.name for run in found]


def test_lists_are_newest_first_and_paged(store):
    for i in range(7):
        store.create(RECIPE, "ada", f"run {i}")
    assert names(store.list_runs()) == [f"run {i}" for i in (6, 5, 4, 3, 2, 1, 0)]
    pages = [names(store.list_runs(limit=3, offset=offset)) for offset in (0, 3, 6, 9)]
    assert pages == [["run 6", "run 5", "run 4"], ["run 3", "run 2", "run 1"], ["run 0"], []]


def test_lists_and_counts_by_owner_and_state(store):
    mine = [store.create(RECIPE, "ada", f"mine {i}") for i in range(3)]
    store.create(RECIPE, "bob", "his")
    store.start(mine[0], "worker")
    store.start(mine[1], "worker")
    store.end(mine[1], State.FINISHED)
    assert names(store.list_runs(owner="bob")) == ["his"]
    assert names(store.list_runs(owner="ada", states=ACTIVE)) == ["mine 2", "mine 0"]
    assert names(store.list_runs(states=[State.FINISHED])) == ["mine 1"]
    assert names(store.list_runs(states=[])) == []
    assert (store.count(), store.count(owner="ada")) == (4, 3)
    assert store.count(owner="ada", states=ACTIVE) == 2
    assert store.count(owner="nobody") == 0


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("%", ["100% right"]),
        ("_", ["snake_case"]),
        ("\\", ["back\\slash"]),
        ("'", ["it's"]),
        ("SNAKE", ["snake_case"]),
        ("i", ["it's", "100% right"]),
        ("", ["it's", "back\\slash", "snake_case", "100% right"]),
        ("nothing", []),
    ],
)
def test_search_takes_the_text_literally_and_ignores_case(store, text, found):
    for name in ("100% right", "snake_case", "back\\slash", "it's"):
        store.create(RECIPE, "ada", name)
    assert names(store.list_runs(text=text)) == found


# -- at the same time -----------------------------------------------------------------------------


def test_threads_lose_nothing(store):
    begin = threading.Barrier(6)

    def write(n: int) -> str:
        begin.wait()
        run = store.create(RECIPE, f"owner {n}")
        store.start(run, "worker")
        for i in range(20):
            store.add_metrics(run, "batch", [(i, i / 10, {"loss": float(i)})])
            store.add_event(run, i / 10, f"event {i}")
            store.progress(run, {"batch": i})
        store.end(run, State.FINISHED)
        return run

    with ThreadPoolExecutor(6) as pool:
        runs = list(pool.map(write, range(6)))
    for run in runs:
        assert [row["loss"] for row in store.metrics(run, "batch")] == list(range(20))
        assert [message for _, message in store.events(run)] == [f"event {i}" for i in range(20)]
        assert store.run(run).progress == {"batch": 19}
        assert store.run(run).state is State.FINISHED


WRITER = """
import sys
from dlcore.recipe import Recipe
from dlcore.runs.states import State
from dlcore.runs.store import open_store
print("here", flush=True)
sys.stdin.readline()
store = open_store()
run = store.create(Recipe.parse({}), "process")
store.start(run, "worker")
for i in range(60):
    store.add_metrics(run, "batch", [(i, i / 10, {"loss": float(i)})])
    store.add_event(run, i / 10, f"event {i}")
store.end(run, State.FINISHED)
print(run, flush=True)
"""


def test_processes_lose_nothing(store):
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER],
            cwd=ROOT,
            env=dict(os.environ),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    for writer in writers:
        assert writer.stdout.readline() == "here\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    answers = [writer.communicate(timeout=60) for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], answers
    for out, _ in answers:
        run = out.strip()
        assert [row["loss"] for row in store.metrics(run, "batch")] == list(range(60))
        assert len(store.events(run)) == 60 and store.run(run).state is State.FINISHED


def test_a_new_store_may_be_opened_by_many_at_once(options):
    begin = threading.Barrier(8)

    def open_it(_: int) -> int:
        begin.wait()
        store = Store(options)
        match = store.count()
        store.engine.dispose()
        return match

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(open_it, range(8))) == [0] * 8


def test_a_reader_is_not_held_up_by_an_open_transaction(store, run):
    with store.engine.begin() as db:
        db.execute(tables.tables["events"].insert().values(run=run, epoch=1, message="half done"))
        assert store.events(run) == []
        assert store.run(run).state is State.QUEUED
    assert store.events(run) == [(1, "half done")]


def test_values_that_are_no_numbers_do_not_break_the_curve(store, run):
    """A validation loss may become NaN; the curve goes to browsers as JSON, which has no NaN."""
    store.add_metrics(run, "epoch", [(0, 1, {"loss": 0.5, "val_loss": math.nan})])
    found = store.metrics(run, "epoch")
    assert [row["loss"] for row in found] == [0.5]
    json.dumps(found, allow_nan=False)


def test_an_upload_is_deleted_with_its_last_owner(store):
    upload = "0" * 16
    store.artifacts.write(f"uploads/{upload}.npz", b"x")
    store.artifacts.write(f"uploads/{'1' * 16}.npz", b"y")
    for owner in ("ada", "bob"):
        store.claim_upload(upload, owner)
    store.forget_upload(upload, "ada")
    assert not store.owns_upload(upload, "ada") and store.owns_upload(upload, "bob")
    assert store.artifacts.exists(f"uploads/{upload}.npz")
    store.forget_upload(upload, "eve")
    assert store.owns_upload(upload, "bob")
    store.forget_upload(upload, "bob")
    assert store.artifacts.names("uploads") == [f"{'1' * 16}.npz"]
    store.forget_upload("1" * 16, "eve")
    assert store.artifacts.names("uploads"), "it is not hers"
    store.claim_upload("1" * 16, "ada")
    store.forget_upload("1" * 16, None)
    assert not store.owns_upload("1" * 16, "ada") and not store.artifacts.names("uploads")
