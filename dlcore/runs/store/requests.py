"""Requests to a running training, which reads them."""

from __future__ import annotations

from typing import Any

from dlcore.runs.store.opened import Opened
from dlcore.runs.store.run import Control
from dlcore.runs.tables import control


class Requests(Opened):
    """The control rows."""

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
