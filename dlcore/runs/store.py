"""The run store: the only truth between pages and workers.

Runs, metrics, events and control live in a database (SQLite in WAL mode, or PostgreSQL), files beside
it in :class:`dlcore.runs.artifacts.Artifacts`. Any process may die at any moment: every change is one
transaction, and a state changes only from a state it may follow.
"""

from __future__ import annotations

import contextlib
import math
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import sqlalchemy as sa

from dlcore.recipe import Recipe
from dlcore.runs.artifacts import Artifacts
from dlcore.runs.database import StoreError, alone, open_database
from dlcore.runs.queue import Waiting, fair
from dlcore.runs.states import ACTIVE, HELD, TERMINAL, State
from dlcore.runs.tables import control, events, make_tables, metrics, runs, uploads
from dlcore.settings import Settings, settings
from dlcore.uploads import kept


@dataclass(frozen=True)
class Run:
    """A recipe being trained or having been trained. Times are seconds since 1970."""

    id: str
    name: str
    owner: str
    recipe: dict[str, Any]
    state: State
    reason: str
    worker: str
    created: float
    started: float | None
    ended: float | None
    heartbeat: float | None
    progress: dict[str, Any]
    result: dict[str, Any]
    queue: str
    since: float
    shared: bool

    @property
    def seconds(self) -> float:
        """How long it has run so far, in seconds."""
        return (self.ended or time.time()) - self.started if self.started else 0.0

    def parsed(self) -> Recipe:
        """Raises RecipeError where the recipe is damaged or of another version."""
        return Recipe.stored(self.recipe)


@dataclass(frozen=True)
class Control:
    """Requests to a running training, which looks at least every 0.3 s."""

    stop: bool = False
    pause: bool = False
    advance: str | None = None
    learning_rate: float | None = None
    learner: str | None = None
    """Of a GAN: only the "discriminator" or only the "generator" learns; None or "both": both do."""


class UnknownRun(LookupError):
    """There is no run of that id."""


class QueueFull(RuntimeError):
    """There are as many unfinished runs as there may be; the message says whose."""


class Store:
    """Runs, metrics, events, control and artifacts."""

    def __init__(self, options: Settings):
        self.options = options

    @cached_property
    def engine(self) -> sa.Engine:
        """The database, opened at its first use. Raises StoreError, and tries again at the next use."""
        return open_database(
            sa.make_url(self.options.database_url), make_tables, private=not self.options.database
        )

    @cached_property
    def artifacts(self) -> Artifacts:
        """Raises StoreError."""
        return Artifacts(self.options.artifacts_url, private=not self.options.artifacts)

    def problem(self) -> str:
        """Why the store cannot be used, in one line; empty if it can."""
        try:
            self.last_step("", "")
        except StoreError as error:
            return str(error)
        return ""

    # -- runs ---------------------------------------------------------------------------------

    def create(
        self, recipe: Recipe, owner: str, name: str = "", queue: str = "", *, limited: bool = False
    ) -> str:
        """Add a queued run and return its id; ``queue`` names the process that sees to it.

        ``limited``: raises QueueFull where the owner, or all together, have too many unfinished runs.
        """
        run = uuid.uuid4().hex[:12]
        name = name.strip()[:80] or f"{recipe.dataset.name} {recipe.architecture.kind}"
        now = time.time()
        with alone(self.engine) as db:
            if limited:
                self._check_room(db, owner)
            db.execute(
                runs.insert().values(
                    id=run,
                    name=name,
                    owner=owner,
                    recipe=recipe.model_dump(mode="json"),
                    state=State.QUEUED,
                    queue=queue,
                    since=now,
                    heartbeat=now,
                    created=now,
                    progress={},
                    result={},
                    shared=not recipe.dataset.own,
                )
            )
            db.execute(control.insert().values(run=run))
        self._forget_oldest()
        return run

    def _check_room(self, db: sa.Connection, owner: str) -> None:
        """Raises QueueFull."""
        active = runs.c.state.in_(list(ACTIVE))
        owners = list(db.execute(sa.select(runs.c.owner).where(active)).scalars())
        if owners.count(owner) >= self.options.max_queued:
            raise QueueFull(
                f"You already have {self.options.max_queued} unfinished runs; wait for one to end, or stop one."
            )
        if len(owners) >= self.options.max_queued_all:
            raise QueueFull(
                f"{len(owners)} runs of all visitors wait or train, which is as many as may; "
                "try again when some have ended."
            )

    def run(self, run: str, seen_by: str | None = None) -> Run:
        """Raises UnknownRun, also where a visitor (``seen_by``) may not see it."""
        query = runs.select().where(runs.c.id == run)
        if seen_by is not None:
            query = query.where(_visible(seen_by))
        with self.engine.connect() as db:
            row = db.execute(query).mappings().first()
        if row is None:
            raise UnknownRun(f"There is no run {run!r} here; it may have been deleted, or is not shared.")
        return _run(row)

    def list_runs(
        self,
        *,
        owner: str | None = None,
        seen_by: str | None = None,
        states: Iterable[State] | None = None,
        text: str = "",
        name: str | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> list[Run]:
        """Runs, newest first; ``text`` is looked for in the name. ``seen_by``: a visitor who is no teacher."""
        query = runs.select().order_by(runs.c.created.desc(), runs.c.id).limit(limit).offset(offset)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        if seen_by is not None:
            query = query.where(_visible(seen_by))
        if states is not None:
            query = query.where(runs.c.state.in_(list(states)))
        if name is not None:
            query = query.where(runs.c.name == name)
        if text:
            query = query.where(runs.c.name.icontains(text, autoescape=True))
        with self.engine.connect() as db:
            return [_run(row) for row in db.execute(query).mappings()]

    def count(
        self, *, owner: str | None = None, seen_by: str | None = None, states: Iterable[State] | None = None
    ) -> int:
        query = sa.select(sa.func.count()).select_from(runs)
        if owner is not None:
            query = query.where(runs.c.owner == owner)
        if seen_by is not None:
            query = query.where(_visible(seen_by))
        if states is not None:
            query = query.where(runs.c.state.in_(list(states)))
        with self.engine.connect() as db:
            return int(db.execute(query).scalar_one())

    def rename(self, run: str, name: str) -> None:
        self._update(run, name=name.strip()[:80] or "unnamed")

    def share(self, run: str, shared: bool) -> None:
        """Let everybody see a run, or only its owner and the teacher."""
        self._update(run, shared=shared)

    def claim_upload(self, upload: str, owner: str) -> None:
        """Remember that this visitor has uploaded this."""
        if not self.owns_upload(upload, owner):
            with contextlib.suppress(sa.exc.IntegrityError), self.engine.begin() as db:
                db.execute(uploads.insert().values(id=upload, owner=owner))

    def owns_upload(self, upload: str, owner: str) -> bool:
        query = uploads.select().where(uploads.c.id == upload, uploads.c.owner == owner)
        with self.engine.connect() as db:
            return db.execute(query).first() is not None

    def forget_upload(self, upload: str, owner: str | None) -> None:
        """Forget that a visitor, or with None anybody, has uploaded this; nobody's is deleted."""
        query = uploads.select().where(uploads.c.id == upload)
        gone = uploads.delete().where(uploads.c.id == upload)
        with self.engine.begin() as db:
            mine = db.execute(gone if owner is None else gone.where(uploads.c.owner == owner)).rowcount
            nobodys = db.execute(query).first() is None
        if nobodys and (mine or owner is None):
            kept.delete(upload, self.artifacts)

    def delete(self, run: str) -> None:
        """Delete a run that has ended, with its metrics, events and files."""
        with self.engine.begin() as db:
            gone = db.execute(
                runs.delete().where(runs.c.id == run, runs.c.state.in_(list(TERMINAL)))
            ).rowcount
            if gone:
                for table in (metrics, events, control):
                    db.execute(table.delete().where(table.c.run == run))
        if gone:
            self.artifacts.delete(run)

    def _forget_oldest(self) -> None:
        extra = self.count() - self.options.max_runs
        if extra > 0:
            oldest = (
                sa.select(runs.c.id)
                .where(runs.c.state.in_(list(TERMINAL)))
                .order_by(runs.c.created)
                .limit(extra)
            )
            with self.engine.connect() as db:
                ids = list(db.execute(oldest).scalars())
            for run in ids:
                self.delete(run)

    # -- states -------------------------------------------------------------------------------

    def start(self, run: str, worker: str) -> bool:
        """queued → running. False if it is not queued any more, say because it was stopped."""
        return self._move(
            run, {State.QUEUED}, State.RUNNING, worker=worker, started=time.time(), heartbeat=time.time()
        )

    def pause(self, run: str, paused: bool) -> None:
        """running ⇄ paused."""
        if paused:
            self._move(run, {State.RUNNING}, State.PAUSED)
        else:
            self._move(run, {State.PAUSED}, State.RUNNING)

    def end(
        self,
        run: str,
        state: State,
        reason: str = "",
        result: dict[str, Any] | None = None,
        attempt: float | None = None,
    ) -> bool:
        """Into a terminal state. False if it is in one already, which it keeps.

        ``attempt`` is the time at which whoever ends it has started it: a run that has been queued or
        started again since is not theirs to end.
        """
        values: dict[str, Any] = {"reason": reason, "ended": time.time()}
        if result is not None:
            values["result"] = result
        if attempt is not None:
            return self._move(run, HELD, state, attempt, **values)
        return self._move(run, ACTIVE, state, **values)

    def set_result(self, run: str, result: dict[str, Any], attempt: float) -> bool:
        """The metrics of a run that was stopped: they come after its state.

        False if it has been queued again since it was started at the time ``attempt``.
        """
        with self.engine.begin() as db:
            query = runs.update().where(runs.c.id == run, runs.c.state.in_(list(TERMINAL)))
            return db.execute(query.where(runs.c.started == attempt).values(result=result)).rowcount == 1

    def beat(self, run: str, attempt: float) -> bool:
        """A sign of life of whoever started the run at the time ``attempt``. False if it is not theirs now."""
        with self.engine.begin() as db:
            query = runs.update().where(runs.c.id == run, runs.c.state.in_(list(HELD)))
            query = query.where(runs.c.started == attempt).values(heartbeat=time.time())
            return db.execute(query).rowcount == 1

    def requeue(self, run: str, queue: str = "", *, limited: bool = False) -> bool:
        """A stopped, failed or lost run is queued again; its curve so far stays. ``limited`` as in create."""
        resumable = {state for state in TERMINAL if state.can_resume}
        now = time.time()
        query = (
            runs.update()
            .where(runs.c.id == run, runs.c.state.in_(list(resumable)))
            .values(
                state=State.QUEUED,
                reason="",
                ended=None,
                worker="",
                queue=queue,
                since=now,
                heartbeat=now,
                result={},
            )
        )
        with alone(self.engine) as db:
            if limited:
                owner = db.execute(sa.select(runs.c.owner).where(runs.c.id == run)).scalar()
                self._check_room(db, str(owner))
            if db.execute(query).rowcount != 1:
                return False
            db.execute(
                control.update()
                .where(control.c.run == run)
                .values(stop=False, pause=False, advance=None, learner=None)
            )
        return True

    # -- the queue ----------------------------------------------------------------------------

    def waiting(self) -> list[Waiting]:
        """The queued runs, in the order in which they begin."""
        columns = (runs.c.id, runs.c.owner, runs.c.queue, runs.c.since, runs.c.created)
        with self.engine.connect() as db:
            queued = db.execute(sa.select(*columns).where(runs.c.state == State.QUEUED)).all()
            rows = [Waiting(row.id, row.owner, row.queue or "", row.since or row.created) for row in queued]
            if not rows:
                return []
            longest = min(row.since for row in rows)
            served = sa.select(runs.c.owner, runs.c.ended).where(
                sa.or_(runs.c.state.in_(list(HELD)), runs.c.ended > longest), runs.c.started.is_not(None)
            )
            ends = [(row.owner, math.inf if row.ended is None else row.ended) for row in db.execute(served)]
            return fair(rows, ends)

    def keep_waiting(self, queue: str) -> None:
        """A sign of life of a process for the queued runs that it sees to."""
        query = runs.update().where(runs.c.state == State.QUEUED, runs.c.queue == queue)
        with self.engine.begin() as db:
            db.execute(query.values(heartbeat=time.time()))

    def adopt(self, run: str, before: str, queue: str) -> bool:
        """See to a queued run in the place of a process that has ended. False if another does already."""
        query = runs.update().where(runs.c.id == run, runs.c.state == State.QUEUED)
        query = query.where(sa.func.coalesce(runs.c.queue, "") == before)
        with self.engine.begin() as db:
            return db.execute(query.values(queue=queue, heartbeat=time.time())).rowcount == 1

    def last_durations(self, count: int = 20) -> list[float]:
        """Seconds that the last trainings took."""
        query = (
            sa.select(runs.c.ended - runs.c.started)
            .where(runs.c.state == State.FINISHED)
            .order_by(runs.c.created.desc())
            .limit(count)
        )
        with self.engine.connect() as db:
            return [float(seconds) for seconds in db.execute(query).scalars() if seconds is not None]

    def explain(self, run: str, reason: str) -> None:
        """Say why a run was stopped that nobody has stopped by hand."""
        with self.engine.begin() as db:
            query = runs.update().where(runs.c.id == run, runs.c.state == State.STOPPED)
            db.execute(query.values(reason=reason))

    def _move(
        self, run: str, before: Iterable[State], after: State, attempt: float | None = None, **values: Any
    ) -> bool:
        query = (
            runs.update()
            .where(runs.c.id == run, runs.c.state.in_(list(before)))
            .values(state=after, since=time.time(), **values)
        )
        if attempt is not None:
            query = query.where(runs.c.started == attempt)
        with self.engine.begin() as db:
            return db.execute(query).rowcount == 1

    def _update(self, run: str, **values: Any) -> None:
        with self.engine.begin() as db:
            db.execute(runs.update().where(runs.c.id == run).values(**values))

    # -- what a training writes ---------------------------------------------------------------

    def progress(self, run: str, progress: dict[str, Any]) -> None:
        """How far the training is; also its heartbeat."""
        self._update(run, progress=progress, heartbeat=time.time())

    def add_metrics(self, run: str, kind: str, rows: list[tuple[int, float, dict]]) -> None:
        """Rows of (step, epochs done, values by name); values that are no numbers are left out."""
        if rows:
            with self.engine.begin() as db:
                db.execute(
                    metrics.insert(),
                    [
                        {
                            "run": run,
                            "kind": kind,
                            "step": step,
                            "epoch": epoch,
                            "values": {k: v for k, v in values.items() if math.isfinite(v)},
                        }
                        for step, epoch, values in rows
                    ],
                )

    def last_step(self, run: str, kind: str) -> int:
        """The highest step written so far, -1 if none."""
        query = sa.select(sa.func.max(metrics.c.step)).where(metrics.c.run == run, metrics.c.kind == kind)
        with self.engine.connect() as db:
            step = db.execute(query).scalar_one()
        return -1 if step is None else int(step)

    def metrics(self, run: str, kind: str, at_most: int = 2000) -> list[dict[str, Any]]:
        """Metric rows in order, evenly thinned to ``at_most``: ``{"epoch": …, "loss": …, …}``.

        The last row is always among them. Steps count up without gaps, so every k-th row can be
        looked up by its key; reading a long run costs no more than reading a short one.
        """
        last = self.last_step(run, kind)
        stride = max(1, -(-(last + 1) // at_most))
        query = sa.select(metrics.c.epoch, metrics.c["values"]).where(
            metrics.c.run == run, metrics.c.kind == kind
        )
        if stride > 1:
            steps = sorted({*range(0, last, stride), last})
            query = query.where(metrics.c.step.in_(steps))
        with self.engine.connect() as db:
            rows = db.execute(query.order_by(metrics.c.step))
            return [{"epoch": epoch, **values} for epoch, values in rows]

    def rewind(self, run: str, epoch: int) -> None:
        """Forget what was measured after ``epoch`` epochs: it will be measured again."""
        with self.engine.begin() as db:
            for table in (metrics, events):
                db.execute(table.delete().where(table.c.run == run, table.c.epoch > epoch))

    def add_event(self, run: str, epoch: float, message: str) -> None:
        with self.engine.begin() as db:
            db.execute(events.insert().values(run=run, epoch=epoch, message=message))

    def events(self, run: str, limit: int = 200) -> list[tuple[float, str]]:
        """(epochs done, message), oldest first; the newest ``limit`` of them."""
        query = (
            sa.select(events.c.epoch, events.c.message)
            .where(events.c.run == run)
            .order_by(events.c.id.desc())
            .limit(limit)
        )
        with self.engine.connect() as db:
            return [(row[0], row[1]) for row in db.execute(query)][::-1]

    # -- control ------------------------------------------------------------------------------

    def control(self, run: str) -> Control:
        with self.engine.connect() as db:
            row = db.execute(control.select().where(control.c.run == run)).mappings().first()
        if row is None:  # deleted under the training's feet
            return Control(stop=True)
        return Control(**{name: row[name] for name in row if name != "run"})

    def request(self, run: str, **changes: Any) -> None:
        """Set fields of :class:`Control`, which the training reads."""
        with self.engine.begin() as db:
            db.execute(control.update().where(control.c.run == run).values(**changes))


def _visible(visitor: str) -> sa.ColumnElement[bool]:
    return sa.or_(runs.c.shared, runs.c.owner == visitor)


def _run(row: Any) -> Run:
    known = {
        "state": State(row["state"]) if row["state"] in set(State) else State.LOST,  # of another version
        "queue": row["queue"] or "",
        "since": row["since"] or row["created"],
    }
    return Run(**(dict(row) | known))


@lru_cache(maxsize=8)
def _open(options: Settings) -> Store:
    return Store(options)


def open_store() -> Store:
    """The store of the current settings; one for each process."""
    return _open(settings())
