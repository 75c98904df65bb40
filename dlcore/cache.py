"""What takes long to load or compute is kept in memory, within a bound."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from dlcore.settings import settings

Value = TypeVar("Value")


class Cache:
    """The most recently used values, up to ``max_bytes`` together and ``most`` of them.

    A single larger one is kept alone. Any number of threads may use it.

    Args:
        max_bytes: The bound; None: DLCORE_CACHE_MB as it is at the time.
        most: Values that are kept at most.
    """

    def __init__(self, max_bytes: int | None = None, most: int = 1_000_000):
        self.max_bytes, self.most = max_bytes, most
        self.kept: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self.bytes = 0
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def of(self, key: Hashable, make: Callable[[], Value], size: Callable[[Value], int]) -> Value:
        """The value, made if it is not kept: once, even if several threads want it meanwhile."""
        value: Value | None = self.get(key)
        if value is not None:
            return value
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                value = self.get(key)
                if value is None:
                    value = make()
                    self.put(key, value, size(value))
        finally:
            with self._lock:
                self._making.pop(key, None)
        return value

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        with self._lock:
            if key not in self.kept:
                return None
            self.kept.move_to_end(key)
            return self.kept[key][0]

    def pop(self, key: Hashable) -> Any:
        """The value, which is kept no longer, or None."""
        with self._lock:
            return self._drop(key)

    def clear(self) -> None:
        """Keep nothing of what there is."""
        with self._lock:
            self.kept.clear()
            self.bytes = 0

    def put(self, key: Hashable, value: Any, size: int) -> None:
        most = settings().cache_mb * 2**20 if self.max_bytes is None else self.max_bytes
        with self._lock:
            self._drop(key)
            self.kept[key] = (value, size)
            self.bytes += size
            while len(self.kept) > 1 and (self.bytes > most or len(self.kept) > self.most):
                self._drop(next(iter(self.kept)))

    def _drop(self, key: Hashable) -> Any:
        value, size = self.kept.pop(key, (None, 0))
        self.bytes -= size
        return value
