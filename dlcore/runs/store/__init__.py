"""The run store: the only truth between pages and workers.

Runs, metrics, events and control live in a database (SQLite in WAL mode, or PostgreSQL), files beside
it in :class:`dlcore.runs.artifacts.Artifacts`. Any process may die at any moment: every change is one
transaction, and a state changes only from a state it may follow.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from dlcore.recipe import Recipe
from dlcore.runs.database import StoreError, alone
from dlcore.runs.states import TERMINAL, State
from dlcore.runs.store.owners import Owners
from dlcore.runs.store.requests import Requests
from dlcore.runs.store.run import Control, QueueFull, Run, UnknownRun, run_of
from dlcore.runs.store.series import Series
from dlcore.runs.store.transitions import Transitions
from dlcore.runs.store.waiting import WaitingRuns
from dlcore.runs.tables import control, events, metrics, runs
from dlcore.settings import Settings, settings

__all__ = ["Control", "QueueFull", "Run", "Store", "UnknownRun", "open_store"]


class Store(Transitions, WaitingRuns, Series, Requests, Owners):
    """Runs, metrics, events, control and artifacts."""

    def problem(self) -> str:
        """Why the store cannot be used, in one line; empty if it can."""
        try:
            self.last_step("", "")
        except StoreError as error:
            return str(error)
        return ""

    def create(
        self, recipe: Recipe, owner: str, name: str = "", queue: str = "", *, limited: bool = False
    ) -> str:
        """Add a queued run and return its id; ``queue`` names the process that sees to it.

        ``limited``: raises QueueFull where the owner, or all together, have too many unfinished runs.
        """
        run = uuid.uuid4().hex[:12]
        name = name.strip()[:80] or f"{recipe.dataset.called[:60]} {recipe.architecture.kind}"
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

    def run(self, run: str, seen_by: str | None = None) -> Run:
        """Raises UnknownRun, also where a visitor (``seen_by``) may not see it."""
        query = runs.select().where(runs.c.id == run)
        if seen_by is not None:
            query = query.where(_visible(seen_by))
        with self.engine.connect() as db:
            row = db.execute(query).mappings().first()
        if row is None:
            raise UnknownRun(f"There is no run {run!r} here; it may have been deleted, or is not shared.")
        return run_of(row)

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
        query = _narrowed(query, owner, seen_by, states)
        if name is not None:
            query = query.where(runs.c.name == name)
        if text:
            query = query.where(runs.c.name.icontains(text, autoescape=True))
        with self.engine.connect() as db:
            return [run_of(row) for row in db.execute(query).mappings()]

    def count(
        self, *, owner: str | None = None, seen_by: str | None = None, states: Iterable[State] | None = None
    ) -> int:
        query = _narrowed(sa.select(sa.func.count()).select_from(runs), owner, seen_by, states)
        with self.engine.connect() as db:
            return int(db.execute(query).scalar_one())

    def rename(self, run: str, name: str) -> None:
        self._update(run, name=name.strip()[:80] or "unnamed")

    def share(self, run: str, shared: bool) -> None:
        """Let everybody see a run, or only its owner and the teacher."""
        self._update(run, shared=shared)

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


def _narrowed(
    query: sa.Select[Any], owner: str | None, seen_by: str | None, states: Iterable[State] | None
) -> sa.Select[Any]:
    """The query for those runs alone."""
    if owner is not None:
        query = query.where(runs.c.owner == owner)
    if seen_by is not None:
        query = query.where(_visible(seen_by))
    return query if states is None else query.where(runs.c.state.in_(list(states)))


def _visible(visitor: str) -> sa.ColumnElement[bool]:
    return sa.or_(runs.c.shared, runs.c.owner == visitor)


@lru_cache(maxsize=8)
def _open(options: Settings) -> Store:
    return Store(options)


def open_store() -> Store:
    """The store of the current settings; one for each process."""
    return _open(settings())
