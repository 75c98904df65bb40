"""A small server on a free port of the loopback."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self


class Handler(BaseHTTPRequestHandler):
    owner: ClassVar[Any]
    """Whose requests it answers."""

    def log_message(self, *_: object) -> None:
        pass


class Loopback:
    """From ``with`` to its end; ``url`` is its address."""

    handler: ClassVar[type[Handler]]

    def __enter__(self) -> Self:
        mine = type("Mine", (self.handler,), {"owner": self})
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), mine)
        self.http.daemon_threads = True
        self.http.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients may go
        self.port = self.http.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Answer nobody any more."""
        self.http.shutdown()
        self.http.server_close()
