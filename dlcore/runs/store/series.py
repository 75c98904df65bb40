"""What a training writes while it goes on: progress, metrics, events."""

from __future__ import annotations

import math
import time
from typing import Any

import sqlalchemy as sa

from dlcore.runs.store.opened import Opened
from dlcore.runs.tables import events, metrics


class Series(Opened):
    """Metrics and events by run."""

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
