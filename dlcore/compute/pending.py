"""An answer of the engine that is on its way."""

from __future__ import annotations

import asyncio
import concurrent.futures
import weakref
from typing import Any

from dlcore.compute.engine import EngineError


class Pending:
    """The answer to one question. Any number of threads may wait for it, each as long as it likes.

    Dask gathers the results of many futures in one task that all who wait share, and a wait that times out
    there (``Future.result(timeout)``) cancels it for everybody, for good. So one coroutine a question
    gathers without a limit of time, and who waits here waits for that coroutine.

    A question that nobody holds any more is taken back, unless a worker has begun with it.
    """

    def __init__(self, future: Any):
        loop = future.client.loop.asyncio_loop
        self._answer = asyncio.run_coroutine_threadsafe(_gathered(future), loop)
        weakref.finalize(self, self._answer.cancel).atexit = False

    @property
    def done(self) -> bool:
        return self._answer.done()

    def wait(self, seconds: float) -> bool:
        """Whether the answer, or an error, is there within ``seconds``."""
        return bool(concurrent.futures.wait([self._answer], seconds).done)

    def result(self, timeout: float | None = None) -> Any:
        """The answer, or the error the job ended with, EngineError if its worker went, or TimeoutError."""
        if timeout is not None and not self.wait(timeout):
            raise TimeoutError(f"There was no answer in {timeout:g} s.")
        return self._answer.result()


async def _gathered(future: Any) -> Any:
    from distributed import CancelledError, KilledWorker

    try:
        await future.exception()  # waits until it is done; to be cancelled here harms nobody
        return await asyncio.shield(future.client.gather(future, asynchronous=True))
    except KilledWorker:
        raise EngineError(
            "Its worker ended (killed, or out of memory). A new one starts; try again."
        ) from None
    except CancelledError:
        raise EngineError("The compute engine ended. A new one starts; try again in a moment.") from None
