"""The web process's connection to its compute engine, or to a lab's scheduler."""

from __future__ import annotations

import atexit
import contextlib
import logging
import threading
import time
import weakref
from typing import Any

from dlcore.compute.engine import Engine, EngineError, call
from dlcore.compute.pending import Pending
from dlcore.settings import settings

log = logging.getLogger(__name__)
PAUSE, LONGEST_PAUSE = 10.0, 600.0
"""Seconds between two attempts to start an engine that does not start: twice as long after each."""
LONG = 45.0
"""Seconds after which it is said that a worker takes long to come."""
FRESH = 1.0
"""Seconds for which a worker that was there counts as there."""


class Connection:
    """A Dask client, started once and replaced where it, or the engine behind it, has ended."""

    def __init__(self) -> None:
        self._problem = ""
        self._failures = 0
        self._waits_since: float | None = None
        self._engine: Engine | None = None
        self._dask: Any = None
        self._asked: weakref.WeakSet[Pending] = weakref.WeakSet()
        self._starting: threading.Thread | None = None
        self._lock = threading.RLock()
        self._not_before = self._there_until = 0.0
        self._closed = False
        atexit.register(self.close)

    @property
    def usable(self) -> bool:
        """Whether there is a client that is open, and a living engine behind it if it is ours."""
        if self._dask is None or self._dask.status in ("closing", "closed"):
            return False
        return self._engine is None or self._engine.alive

    @property
    def ready(self) -> bool:
        """Whether a worker is there, Keras loaded, so that a question is answered at once."""
        if time.monotonic() < self._there_until and self.usable:
            return True
        if there := self._worker_there():
            self._there_until = time.monotonic() + FRESH
            self._problem, self._failures, self._waits_since = "", 0, None
        elif self._waits_since is None:
            self._waits_since = time.monotonic()
        return there

    def _worker_there(self) -> bool:
        if not self.usable:
            self.warm_up()
            return False
        return self._dask.status == "running" and bool(self._dask.scheduler_info(n_workers=1)["workers"])

    @property
    def problem(self) -> str:
        """Why no worker comes, in one line; empty while one is on its way."""
        if not self._problem and (where := settings().scheduler) and self.waited > LONG:
            return (
                f"No worker of {where} is there. Start one of the app's version: "
                f"python -m dlcore engine --listen {where}"
            )
        return self._problem

    @property
    def waited(self) -> float:
        """Seconds for which it has been seen that no worker is there."""
        return 0.0 if self._waits_since is None else time.monotonic() - self._waits_since

    def try_again(self) -> None:
        """Start the engine now, although that has just failed."""
        self._problem, self._not_before, self._waits_since = "", 0.0, None
        self.warm_up()

    def warm_up(self) -> None:
        """Start the engine in the background, unless that has begun or has just failed; return at once."""
        if (self._starting and self._starting.is_alive()) or time.monotonic() < self._not_before:
            return
        self._starting = threading.Thread(target=self._connect_quietly, daemon=True)
        self._starting.start()

    def _connect_quietly(self) -> None:
        with contextlib.suppress(Exception):  # pages show the problem
            self.connect()

    def _failed(self, error: Exception) -> None:
        log.warning("engine: %s", error)
        self._problem = str(error)
        self._not_before = time.monotonic() + min(LONGEST_PAUSE, PAUSE * 2**self._failures)
        self._failures += 1

    def connect(self) -> Any:
        """The Dask client. Starts the engine, or a new one where it has ended. Raises EngineError.

        Where a worker cannot start, that is what is raised, until it is time to try again.
        """
        with self._lock:
            if self._closed:
                raise EngineError("The app is ending.")
            if self.usable:
                return self._dask
            reason = self._engine.problem if self._engine else ""
            self._drop()
            if not reason and time.monotonic() < self._not_before:
                raise EngineError(self._problem)
            try:
                if reason:
                    raise EngineError(reason)
                self._dask = self._connected()
            except Exception as error:
                self._failed(error)
                raise
            self._begun()
            return self._dask

    def _connected(self) -> Any:
        from distributed import Client as Dask

        options = settings()
        logging.getLogger("distributed").setLevel(
            logging.CRITICAL
        )  # the end of a connection is noticed and reported here
        try:
            if options.scheduler:
                return Dask(options.scheduler, security=_security(), set_as_default=False)
            self._engine = Engine.start()
            return Dask(self._engine.address, security=self._engine.security, set_as_default=False)
        except (OSError, TimeoutError) as error:
            where = options.scheduler or "The compute engine"
            raise EngineError(f"{where} does not answer ({error}). It is tried again in a moment.") from error

    def _begun(self) -> None:
        """A new connection is made."""

    def _drop(self) -> None:
        """Forget the engine and the client, and close in the background what is left of them."""
        dask, engine, self._dask, self._engine = self._dask, self._engine, None, None
        self._there_until = 0.0
        if dask is not None or engine is not None:
            threading.Thread(target=_close, args=(dask, engine), daemon=True).start()

    def close(self) -> None:
        """End the connection, and the engine if it is ours; returns when that has ended."""
        with self._lock:
            self._closed = True
            dask, engine, self._dask, self._engine = self._dask, self._engine, None, None
        _close(dask, engine)

    def request(self, job: str, **arguments: Any) -> Pending:
        """Have a worker run one of :mod:`dlcore.jobs` beside whatever it is training."""
        with self._lock:
            future = self.connect().submit(call, job, arguments, pure=False, priority=10)
            pending = Pending(future)
            self._asked.add(pending)
        return pending


def _close(dask: Any, engine: Engine | None) -> None:
    if dask is not None:
        with contextlib.suppress(Exception):  # of a client whose engine has gone under it
            dask.close(timeout=2)
    if engine is not None:
        engine.stop()


def _security() -> Any:
    """The certificates of a lab's scheduler; None where its address is without TLS."""
    from distributed.security import Security

    options = settings()
    if not options.scheduler.startswith("tls://"):
        return None
    return Security(
        tls_ca_file=options.tls_ca,
        tls_client_cert=options.tls_cert,
        tls_client_key=options.tls_key,
        require_encryption=True,
    )
