"""Names for processes, so that another process can tell later whether one still lives."""

from __future__ import annotations

import socket

import psutil


def this_process() -> str:
    """host/pid/start time: a pid alone is used again, the three together are not."""
    process = psutil.Process()
    return f"{socket.gethostname()}/{process.pid}/{process.create_time():.2f}"


def is_alive(name: str) -> bool | None:
    """Whether the process lives; None if it is, or was, on another machine."""
    host, _, rest = name.partition("/")
    pid, _, created = rest.partition("/")
    if host != socket.gethostname() or not pid:
        return None
    try:
        process = psutil.Process(int(pid))
        return process.status() != psutil.STATUS_ZOMBIE and (f"{process.create_time():.2f}" == created)
    except psutil.NoSuchProcess:
        return False
