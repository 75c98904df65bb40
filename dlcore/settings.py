"""Every environment variable of the Studio, once.

Streamlit's secrets reach the same names: `app.py` copies them into the environment before anything
reads a setting, so the engine, which is another process, sees them too.
"""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SettingError(ValueError):
    """A setting that makes no sense."""


def _text(name: str, default: str) -> str:
    return os.environ.get(f"DLCORE_{name}") or default


def _whole(name: str, default: int) -> int:
    raw = _text(name, str(default))
    try:
        return int(raw)
    except ValueError:
        raise SettingError(f"DLCORE_{name}: expected a whole number, received {raw!r}") from None


def extensions() -> str:
    """By itself, because it is read at import, when it is too early to say that another makes no sense."""
    return _text("EXTENSIONS", "")


@dataclass(frozen=True)
class Settings:
    """What a deployment may change. Build one with :func:`settings`, never by hand."""

    home: Path = field(default_factory=lambda: Path(_text("HOME", str(ROOT / ".dlcore"))))
    """Database, artifacts and caches, unless they are put elsewhere."""
    database: str = field(default_factory=lambda: _text("DATABASE", ""))
    """SQLAlchemy URL; empty: SQLite in ``home``."""
    artifacts: str = field(default_factory=lambda: _text("ARTIFACTS", ""))
    """fsspec URL; empty: a folder in ``home``."""
    extensions: str = field(default_factory=lambda: extensions())
    """Folder with a lab's own ``architectures``, ``datasets`` and ``tasks``, one file each; read at the start."""
    scheduler: str = field(default_factory=lambda: _text("SCHEDULER", ""))
    """Address of a lab's Dask scheduler; empty: the app starts its own engine."""
    tls_ca: str = field(default_factory=lambda: _text("TLS_CA", ""))
    tls_cert: str = field(default_factory=lambda: _text("TLS_CERT", ""))
    tls_key: str = field(default_factory=lambda: _text("TLS_KEY", ""))
    """PEM files for a lab's ``tls://`` scheduler."""
    teacher_password: str = field(default_factory=lambda: _text("TEACHER_PASSWORD", ""))
    """Who knows it may stop and delete every run; empty: nobody may."""

    max_parameters: int = field(default_factory=lambda: _whole("MAX_PARAMETERS", 20_000_000))
    max_epochs: int = field(default_factory=lambda: _whole("MAX_EPOCHS", 500))
    max_minutes: int = field(default_factory=lambda: _whole("MAX_MINUTES", 120))
    """Longest training of one run, in minutes."""
    max_queued: int = field(default_factory=lambda: _whole("MAX_QUEUED", 3))
    """Unfinished runs one visitor may have."""
    max_queued_all: int = field(default_factory=lambda: _whole("MAX_QUEUED_ALL", 100))
    """Unfinished runs of all visitors together."""
    max_pause_minutes: int = field(default_factory=lambda: _whole("MAX_PAUSE_MINUTES", 5))
    """Longest pause of a training while others wait; then it is stopped, and can be resumed."""
    max_runs: int = field(default_factory=lambda: _whole("MAX_RUNS", 10_000))
    """Runs the store keeps; the oldest finished ones go first."""
    max_upload_mb: int = field(default_factory=lambda: _whole("MAX_UPLOAD_MB", 20))
    max_download_mb: int = field(default_factory=lambda: _whole("MAX_DOWNLOAD_MB", 1000))
    """Largest text model a visitor may have fetched; four times as much is kept at most."""
    max_uploads: int = field(default_factory=lambda: _whole("MAX_UPLOADS", 200))
    """Uploads that are kept (a few MB each); the oldest go first."""
    max_pixels: int = field(default_factory=lambda: _whole("MAX_PIXELS", 50_000_000))
    max_characters: int = field(default_factory=lambda: _whole("MAX_CHARACTERS", 20_000))
    """Of one text; what is longer is cut, and the page says so."""
    max_tokens: int = field(default_factory=lambda: _whole("MAX_TOKENS", 1000))
    """A text network writes on one beginning."""
    cache_mb: int = field(default_factory=lambda: _whole("CACHE_MB", 512))
    """Memory for loaded models and data sets in one worker, in megabytes each."""
    start_seconds: int = field(default_factory=lambda: _whole("START_SECONDS", 180))
    """For which a worker may load TensorFlow before it counts as one that cannot start."""
    recycle_runs: int = field(default_factory=lambda: _whole("RECYCLE_RUNS", 30))
    recycle_mb: int = field(default_factory=lambda: _whole("RECYCLE_MB", 1800))
    """An idle worker is replaced after this number of runs, or above this memory."""

    @property
    def database_url(self) -> str:
        return self.database or f"sqlite:///{self.home / 'studio.db'}"

    @property
    def artifacts_url(self) -> str:
        return self.artifacts or str(self.home / "artifacts")


def settings() -> Settings:
    """The settings as the environment has them now."""
    current = Settings()
    with contextlib.suppress(OSError):  # who needs it says so; a shipped model does not
        current.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close(current.home)
    return current


def _close(home: Path) -> None:
    """Keep other users of the machine out of a home that an earlier version, or somebody else, has made.

    A place for everybody's temporary files (its sticky bit says so) stays as it is.
    """
    if os.name != "posix":
        return
    now = home.stat()
    if now.st_uid == os.getuid() and now.st_mode & 0o077 and not now.st_mode & stat.S_ISVTX:
        home.chmod(0o700)
