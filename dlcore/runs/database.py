"""The store's database: opened at its first use, and its failures in one line that says what to do."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa


class StoreError(RuntimeError):
    """The store cannot be used; the message says why and what to do."""


def open_database(
    url: sa.URL, prepare: Callable[[sa.Connection], None], *, private: bool = False
) -> sa.Engine:
    """An engine whose tables are there. Raises StoreError, now and at any later use.

    Args:
        url: SQLite or PostgreSQL.
        prepare: Makes the tables; called while no other process does the same.
        private: A file of SQLite is for this user of the machine alone.
    """
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, json_deserializer=_json)

        @sa.event.listens_for(engine, "connect")
        def prepare_connection(connection: Any, _record: Any) -> None:
            try:
                _prepare_sqlite(connection)
            except sqlite3.Error as error:
                raise StoreError(_line(url, str(error))) from error

        if url.database:
            try:
                Path(url.database).parent.mkdir(parents=True, exist_ok=True)
                if private:
                    Path(url.database).touch(0o600)
                    Path(url.database).chmod(0o600)  # its log files get the same mode
            except OSError as error:
                raise StoreError(_line(url, error.strerror or str(error))) from error
    else:
        engine = sa.create_engine(
            url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, json_deserializer=_json
        )

    @sa.event.listens_for(engine, "handle_error")
    def tell(context: sa.ExceptionContext) -> None:
        error = context.original_exception
        if type(error).__name__ in ("OperationalError", "DatabaseError"):
            raise StoreError(_line(url, str(error))) from error

    with alone(engine) as db:
        prepare(db)
    if url.get_backend_name() == "sqlite" and url.database:
        _watch(engine, Path(url.database))
    return engine


@contextlib.contextmanager
def alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction in which no other process looks and then writes."""
    with engine.connect() as db:
        if engine.dialect.name == "sqlite":
            db.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            db.execute(sa.text("SELECT pg_advisory_xact_lock(715517)"))
        yield db
        db.commit()


def _json(text: str | bytes) -> Any:
    """A column's value; of a damaged one nothing, so that one row does not hide all others."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return {}


def _line(url: sa.URL, reason: str) -> str:
    where = url.database if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)
    if reason == "database or disk is full":
        return f"The disk of the run store {where} is full: make room and try again."
    reason = (reason.strip().splitlines() or ["unknown reason"])[0].rstrip(".")
    return (
        f"The run store {where} cannot be used ({reason}): make it readable and writable, "
        "or set DLCORE_HOME or DLCORE_DATABASE to another place."
    )


def _watch(engine: sa.Engine, path: Path) -> None:
    """SQLite goes on with a file that has been deleted, and nobody else would see what it writes."""
    opened = path.stat().st_ino

    @sa.event.listens_for(engine, "do_connect")
    @sa.event.listens_for(engine, "checkout")
    def check(*_: Any) -> None:
        with contextlib.suppress(OSError):
            if path.stat().st_ino == opened:
                return
        raise StoreError(
            f"The run store {path} was deleted or replaced while this program ran: "
            "put it back, or start the program again to begin a new one."
        )


def _prepare_sqlite(connection: sqlite3.Connection) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=NORMAL")  # in WAL mode safe against a crash of the process
    cursor.execute("PRAGMA busy_timeout=15000")
    # Readers and one writer at the same time. Where many open a new store at once SQLite does not wait
    # here as it does elsewhere.
    deadline = time.monotonic() + 15
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    cursor.close()
