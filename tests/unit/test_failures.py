"""Why a training failed is one line, and says what to do."""

from __future__ import annotations

import errno
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from dlcore.runs.failures import no_room, why


@pytest.fixture
def sqlite_is_full(tmp_path):
    """What SQLAlchemy raises where SQLite may not grow."""
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'full.db'}")
    with engine.connect() as db:
        db.exec_driver_sql("CREATE TABLE t (x)")
        db.exec_driver_sql("PRAGMA max_page_count=2")
        with pytest.raises(sa.exc.OperationalError) as raised:
            db.exec_driver_sql("INSERT INTO t VALUES (zeroblob(100000))")
    return raised.value


def test_a_full_disk_is_called_that_whoever_notices_it(sqlite_is_full):
    hdf5 = OSError("Can't write data (file write failed: error message = 'No space left on device')")
    for error in (sqlite_is_full, OSError(errno.ENOSPC, "No space left on device"), hdf5):
        assert why(error).startswith("The disk is full. Make room")


def test_a_disk_is_full_before_its_last_byte(tmp_path, monkeypatch):
    assert not no_room(tmp_path)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=1000))
    assert no_room(tmp_path)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (MemoryError(), "There was not enough memory; use a smaller network or a smaller batch."),
        (ValueError("first\nsecond"), "The training failed: first"),
        (ValueError(), "The training failed: ValueError"),
        (FileNotFoundError(errno.ENOENT, "none"), "The training failed: [Errno 2] none"),
    ],
)
def test_any_other_error_is_one_line(error, line):
    assert why(error) == line
