"""The tables of the run store, and what an earlier version's lack."""

from __future__ import annotations

import sqlalchemy as sa

from dlcore.datasets import DATASETS

tables = sa.MetaData()
runs = sa.Table(
    "runs",
    tables,
    sa.Column("id", sa.String(12), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("owner", sa.String(64), nullable=False, index=True),
    sa.Column("recipe", sa.JSON, nullable=False),
    sa.Column("state", sa.String(10), nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("worker", sa.String(120), nullable=False, default=""),
    sa.Column("created", sa.Float, nullable=False, index=True),
    sa.Column("started", sa.Float),
    sa.Column("ended", sa.Float),
    sa.Column("heartbeat", sa.Float),
    sa.Column("progress", sa.JSON, nullable=False),
    sa.Column("result", sa.JSON, nullable=False),
    sa.Column("queue", sa.String(120)),  # the process that sees to it
    sa.Column("since", sa.Float),  # when it came into its state
    sa.Column("shared", sa.Boolean),  # seen by everybody; otherwise by its owner and the teacher
)
uploads = sa.Table(
    "uploads",  # whose an uploaded data set is; two visitors may have uploaded the same images
    tables,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("owner", sa.String(64), primary_key=True),
)
metrics = sa.Table(
    "metrics",
    tables,
    sa.Column("run", sa.String(12), primary_key=True),
    sa.Column("kind", sa.String(5), primary_key=True),  # "epoch" or "batch"
    sa.Column("step", sa.Integer, primary_key=True),  # counts up without gaps within a kind
    sa.Column("epoch", sa.Float, nullable=False),  # epochs done, with a fraction
    sa.Column("values", sa.JSON, nullable=False),
    sqlite_with_rowid=False,
)
events = sa.Table(
    "events",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.String(12), nullable=False, index=True),
    sa.Column("epoch", sa.Float, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
)
control = sa.Table(
    "control",
    tables,
    sa.Column("run", sa.String(12), primary_key=True),
    sa.Column("stop", sa.Boolean, nullable=False, default=False),
    sa.Column("pause", sa.Boolean, nullable=False, default=False),
    sa.Column("advance", sa.String(5)),  # while paused: do one "batch" or "epoch"
    sa.Column("learning_rate", sa.Float),
    sa.Column("learner", sa.String(13)),  # of a GAN's two players the only one that learns
)


def make_tables(db: sa.Connection) -> None:
    """Make the tables and columns that are not there yet."""
    tables.create_all(db)
    for table in (control, runs):
        _add_new_columns(db, table)
    _mark_shared(db)


def _add_new_columns(db: sa.Connection, table: sa.Table) -> None:
    """Columns that a store made by an earlier version does not have yet; all of them may be null."""
    there = {column["name"] for column in sa.inspect(db).get_columns(table.name)}
    for column in table.columns:
        if column.name not in there:
            kind = column.type.compile(db.dialect)
            db.execute(sa.text(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}"))


def _mark_shared(db: sa.Connection) -> None:
    """Runs of an earlier version: those on own data, and the uploads, belong to who trained on them."""
    for row in db.execute(runs.select().where(runs.c.shared.is_(None))).all():
        dataset = row.recipe.get("dataset", "") if isinstance(row.recipe, dict) else ""
        options = dataset if isinstance(dataset, dict) else {"name": dataset}
        known = DATASETS.get(str(options.get("name")))
        db.execute(
            runs.update().where(runs.c.id == row.id).values(shared=known is not None and not known.own)
        )
        upload = {"id": str(options.get("id", ""))[:16], "owner": row.owner}
        if upload["id"] and not db.execute(sa.select(uploads).filter_by(**upload)).first():
            db.execute(uploads.insert().values(**upload))
