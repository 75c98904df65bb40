"""Downloading the networks of :mod:`dlcore.applications`; part of :mod:`dlcore.jobs`, and like it plain data."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path
from typing import Any

from dlcore.applications import APPLICATIONS, Application
from dlcore.downloads import BrokenOff, Damaged, alone, opened, reason
from dlcore.fetching import Fetching, Report
from dlcore.runs.failures import disk_is_full

SPARE = 200 * 10**6
"""Bytes of the disk, and of memory, that stay free."""
downloads = Fetching()


class DownloadError(RuntimeError):
    """A network cannot be had; the message says in one line what happened, why, and what to do."""


def fetch_network(name: str) -> dict[str, Any]:
    """Begin to download a network, or tell how far that is: see :meth:`dlcore.fetching.Fetching.look`."""
    application = APPLICATIONS[name]
    return downloads.look(name, application.at_hand, lambda report: fetch(application, report))


def stop_network(name: str) -> dict[str, Any]:
    """Stop such a download; what has arrived is kept."""
    downloads.stop(name)
    return {"stopped": name}


def network_room(name: str) -> dict[str, Any]:
    """``problem``: why a network does not fit on disk or in memory here; empty where it does."""
    return {"problem": lacks_room(APPLICATIONS[name])}


def lacks_room(application: Application) -> str:
    """Why a network would not fit; empty where it would."""
    free = shutil.disk_usage(_existing(application.target.parent)).free - SPARE
    needed = application.size - application.download().arrived
    if free < needed:
        return (
            f"The disk has no room: {needed / 1e6:,.0f} MB are needed, {max(0, free) / 1e6:,.0f} MB are left. "
            "Make room or choose a smaller network."
        )
    free = free_memory() - SPARE
    if free < application.memory:
        return (
            f"There is not enough memory: {application.title} takes {application.memory / 1e6:,.0f} MB, "
            f"{max(0, free) / 1e6:,.0f} MB are free. Choose a smaller network."
        )
    return ""


def free_memory() -> int:
    """Bytes that this process may still take, of the machine or of its container."""
    import psutil

    free: int = psutil.virtual_memory().available
    try:
        most = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
        stat = dict(line.split() for line in Path("/sys/fs/cgroup/memory.stat").read_text().splitlines())
        if most != "max":
            free = min(free, int(most) - used + int(stat["inactive_file"]))
    except (OSError, ValueError, KeyError):
        pass  # no container, or one of another kind
    return free


def fetch(application: Application, report: Report) -> None:
    """Download a network's weights, whole or not at all. Raises DownloadError."""
    from filelock import FileLock
    from httpx2 import HTTPError

    if problem := lacks_room(application):
        raise DownloadError(problem)
    target = application.target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = application.download()
        with alone(FileLock(f"{target}.lock"), lambda: report(file.arrived, file.size)):
            if application.at_hand:
                return
            target.unlink(missing_ok=True)  # the beginning of a download that was cut off
            file = application.download(_size(application.address))
            file.fetch(partial(opened, application.address), lambda: report(file.arrived, file.size))
        if not application.at_hand:
            target.unlink(missing_ok=True)
            raise Damaged(f"{target.name} is no file of weights and was thrown away")
    except (BrokenOff, Damaged, OSError, HTTPError) as error:
        again = "What has arrived is kept: try again." if application.download().arrived else "Try again."
        raise DownloadError(
            f"{application.title} could not be downloaded ({_why(error, target)}). {again}"
        ) from error


def _why(error: BaseException, target: Path) -> str:
    if disk_is_full(error):
        return "the disk is full"
    if isinstance(error, PermissionError):
        return f"{target.parent} cannot be written; KERAS_HOME can name another folder"
    return reason(error)


def _size(address: str) -> int:
    """Bytes that the server states; 0 where it does not."""
    with opened(address, {"Accept-Encoding": "identity"}) as response:
        return int(response.headers.get("Content-Length", 0))


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())
