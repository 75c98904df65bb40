"""Keeps a worker running, and says why where there can be none: Dask's nanny keeps silent, or tries for ever."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from distributed import Nanny, Status

from dlcore.settings import settings

YOUNG = 60.0
"""Seconds of life below which a worker's death is laid to how it starts, not to what it was asked."""
MEMORY = "Close other programs, or use a machine with 2 GB of free memory, and try again."
PACKAGES = "Install the app's packages again (pip install -r requirements.txt) and try again."


class Keeper(Nanny):
    """A nanny that gives up once its worker cannot start, or has died young twice in a row."""

    def __init__(self, *given: Any, **options: Any):
        super().__init__(*given, **options)
        self.given_up: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        """Why there will be no worker, once that is so."""
        self._began, self._young_deaths, self._exit = 0.0, 0, 0

    async def instantiate(self) -> Status:
        """Start the worker, at first and again after its end."""
        if self._began:
            self._young_deaths = self._young_deaths + 1 if time.monotonic() - self._began < YOUNG else 0
        if self._young_deaths > 1:
            self._give_up(f"died twice within a minute of its start; it {_ended(self._exit)}")
            return Status.failed
        self._began = time.monotonic()
        limit = settings().start_seconds
        try:
            status = await asyncio.wait_for(super().instantiate(), limit)
        except TimeoutError:
            self._give_up(f"was not ready after {limit} s. {MEMORY}")
            raise
        except Exception as error:
            self._give_up(_explained(error))
            raise
        if status is not Status.running:
            self._give_up(_ended(self._exit))
        return status

    async def restart(self, *given: Any, **options: Any) -> Any:
        """To be replaced is no death."""
        self._began = 0.0
        return await super().restart(*given, **options)

    def _on_worker_exit_sync(self, exitcode: int) -> None:
        self._exit = exitcode
        super()._on_worker_exit_sync(exitcode)

    def _give_up(self, why: str) -> None:
        if not self.given_up.done():
            self.given_up.set_result(f"The compute engine's worker {why}")


def _ended(exitcode: int) -> str:
    """What became of a worker, and what helps."""
    if exitcode in (-9, -15):
        return f"was killed (signal {-exitcode}), most likely because memory ran out. {MEMORY}"
    if exitcode == -6:
        return "crashed (signal 6): out of memory, or a processor without AVX; the app's terminal says which."
    how = f"crashed (signal {-exitcode})" if exitcode < 0 else f"ended with status {exitcode}"
    return f"{how}. {PACKAGES}"


def _explained(error: BaseException) -> str:
    """The first cause, and what helps."""
    while error.__cause__ is not None:
        error = error.__cause__
    said = " ".join(str(error).split())[:200]
    memory = isinstance(error, MemoryError) or "allocate memory" in said or "failed to map" in said
    return f"cannot start: {type(error).__name__}: {said.rstrip('.')}. {MEMORY if memory else PACKAGES}"
