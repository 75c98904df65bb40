"""The queued runs, and who sees to them."""

from __future__ import annotations

import math
import time

import sqlalchemy as sa

from dlcore.runs.queue import Waiting, fair
from dlcore.runs.states import HELD, State
from dlcore.runs.store.opened import Opened
from dlcore.runs.tables import runs


class WaitingRuns(Opened):
    """The queue."""

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
