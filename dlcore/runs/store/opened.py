"""Where the store is: a database and artifacts, opened when they are first needed."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sqlalchemy as sa

from dlcore.runs.artifacts import Artifacts
from dlcore.runs.database import open_database
from dlcore.runs.tables import make_tables, runs
from dlcore.settings import Settings


class Opened:
    """What the parts of the store share."""

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

    def _update(self, run: str, **values: Any) -> None:
        with self.engine.begin() as db:
            db.execute(runs.update().where(runs.c.id == run).values(**values))
