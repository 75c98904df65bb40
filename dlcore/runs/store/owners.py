"""Whose an uploaded data set is."""

from __future__ import annotations

import contextlib

import sqlalchemy as sa

from dlcore.runs.store.opened import Opened
from dlcore.runs.tables import uploads
from dlcore.uploads import kept


class Owners(Opened):
    """Uploads by owner."""

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
