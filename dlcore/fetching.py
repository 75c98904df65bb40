"""Downloads that run beside a worker's own threads, because they take minutes: begun, looked at, stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from dlcore.downloads import without_password

Report = Callable[[int, int], None]
"""Called with bytes done and in all. What it raises stops the download; it can go on later."""


class Stopped(RuntimeError):
    """A visitor has stopped the download."""


class _Fetch(threading.Thread):
    """One download on its way."""

    def __init__(self, fetch: Callable[[Report], object]):
        super().__init__(daemon=True)
        self.fetch, self.error = fetch, ""
        self.done = self.total = 0
        self.stopping = threading.Event()
        self.start()

    def run(self) -> None:
        try:
            self.fetch(self._report)
        except Stopped:
            pass
        except Exception as error:
            self.error = without_password(str(error))

    def _report(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        if self.stopping.is_set():
            raise Stopped


class Fetching:
    """The downloads of one kind, by name: one thread for each, whoever requests it."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Fetch] = {}

    def look(self, name: str, at_hand: bool, fetch: Callable[[Report], object]) -> dict[str, Any]:
        """Begin a download, or tell how far it is. Ask again until it is over.

        Returns ``{"done", "total"}`` in bytes while it lasts, then ``{"model"}``, or ``{"error"}`` once;
        asking after an error tries again, and goes on where it broke.
        """
        running = self._under_way.get(name)
        if at_hand and not (running and running.is_alive()):
            self._under_way.pop(name, None)
            return {"model": name}
        if running is None:
            running = self._under_way[name] = _Fetch(fetch)
        elif not running.is_alive():
            del self._under_way[name]
            return {"error": running.error or f"The download of {name} left nothing to use."}
        return {"done": running.done, "total": running.total}

    def stop(self, name: str) -> None:
        """End a download; what has arrived is kept."""
        running = self._under_way.pop(name, None)
        if running:
            running.stopping.set()

    @property
    def active(self) -> bool:
        """Whether one is on its way: its thread would end with the worker."""
        return any(fetch.is_alive() for fetch in list(self._under_way.values()))
