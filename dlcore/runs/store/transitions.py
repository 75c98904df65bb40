"""How a run comes from one state into the next: each change is one transaction, from a state it may follow."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from dlcore.runs.database import alone
from dlcore.runs.states import ACTIVE, HELD, TERMINAL, State
from dlcore.runs.store.opened import Opened
from dlcore.runs.store.run import QueueFull
from dlcore.runs.tables import control, runs


class Transitions(Opened):
    """The states of runs."""

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
