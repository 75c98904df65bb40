"""The compute engine: Dask's scheduler and one worker that holds Keras, in processes of their own.

The app starts it as a child, ``python -m dlcore engine``. Certificates go in through its standard input,
so that nobody else on the machine can talk to it; its address comes out of its standard output, and so does
why it ends where its worker cannot start; else it ends when its standard input does, that is when the app
ends, however that happens. A lab runs the same command with ``--listen`` and points ``DLCORE_SCHEDULER`` at it.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from typing import Any

import psutil

from dlcore.compute.processes import is_alive
from dlcore.settings import ROOT, settings

DASK = {
    "distributed.scheduler.allowed-failures": 0,  # a worker that died would die again
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.memory.target": False,  # nothing of ours can be spilled to disk
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": 0.95,
    "distributed.worker.preload": ["dlcore.jobs"],  # TensorFlow is there before the first job
    # Each tick takes the interpreter from a training; 50 a second, as Dask has it, cost one 8 % more CPU.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "5s",
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.worker.profile.enabled": False,
    # Dask also lowers MALLOC_TRIM_THRESHOLD_: a training then gives its memory back and asks for it again batch by
    # batch, three times as many page faults and 8 % more CPU for a small transformer. Its other variables stay.
    "distributed.nanny.pre-spawn-environ": dict.fromkeys(
        ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), 1
    ),
    "distributed.scheduler.http.routes": [],  # no page of Dask's own, nothing to look at or ask
    "distributed.worker.http.routes": [],
    "distributed.comm.timeouts.connect": "20s",
}


def call(name: str, arguments: dict[str, Any]) -> Any:
    """Run ``dlcore.jobs.NAME(**arguments)``: what the client sends, so that it needs no jobs itself."""
    return getattr(importlib.import_module("dlcore.jobs"), name)(**arguments)


# -- the child ------------------------------------------------------------------------------------


def _announcer() -> Callable[..., None]:
    """Writes JSON lines to standard output: the address, and at most one more when it gives up.

    The parent reads no more than that, and a pipe that nobody reads fills up and stops whoever writes,
    such as a worker that prints how far a download is. So workers inherit standard error instead.
    """
    output = os.dup(1)  # not inherited
    os.dup2(2, 1)

    def announce(**said: str) -> None:
        os.write(output, json.dumps(said).encode() + b"\n")

    return announce


async def _serve(security: Any, listen: str, workers: int, until_eof: bool) -> str:
    """Run until the end; returns why, where no worker can start."""
    from distributed import Scheduler

    from dlcore.compute.keeper import Keeper

    announce = _announcer()
    protocol = "tls" if security else "tcp"
    host, _, port = listen.removeprefix("tls://").removeprefix("tcp://").partition(":")
    async with Scheduler(
        protocol=protocol,
        host=host,
        port=int(port or 0),
        security=security,
        dashboard=False,
        dashboard_address="127.0.0.1:0",
    ) as scheduler:
        keepers = [
            Keeper(
                scheduler.address,
                protocol=protocol,
                host=host,
                nthreads=2,
                resources={"train": 1},
                security=security,
                dashboard=False,
            )
            for _ in range(workers)
        ]
        announce(address=scheduler.address)
        starting = [asyncio.ensure_future(_started(keeper)) for keeper in keepers]
        end = asyncio.ensure_future(_end_of_input() if until_eof else scheduler.finished())
        none_left = asyncio.gather(*(keeper.given_up for keeper in keepers))
        try:
            await asyncio.wait([end, none_left], return_when=asyncio.FIRST_COMPLETED)
            reason = none_left.result()[-1] if none_left.done() else ""
            if reason:
                announce(problem=reason)
            return reason
        finally:
            logging.getLogger("distributed.nanny").setLevel(logging.CRITICAL)  # it is meant to end
            for task in starting:
                task.cancel()
            # AssertionError: of a nanny whose worker hangs as it starts; it ends with this process.
            with contextlib.suppress(TimeoutError, AssertionError):
                await asyncio.gather(*(keeper.kill(timeout=3) for keeper in keepers))


async def _started(keeper: Any) -> None:
    with contextlib.suppress(Exception):  # it has said so by giving up
        await keeper


async def _end_of_input() -> None:
    """Wait in a thread that holds up no end, and with no lock of Python's own."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def wait() -> None:
        while os.read(0, 1024):
            pass
        with contextlib.suppress(RuntimeError):  # it has ended for another reason
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=wait, daemon=True).start()
    await ended.wait()


def serve(listen: str = "", workers: int = 1) -> str:
    """Run an engine until the end of standard input (as the app's child) or for good (``listen``).

    Returns why it ended, where that is because no worker can start.
    """
    import dask
    from distributed.security import Security

    os.umask(0o077)  # what it writes is for this user of the machine alone
    options = settings()
    place = options.home if os.access(options.home, os.W_OK) else tempfile.gettempdir()
    dask.config.set(DASK | {"temporary-directory": str(place)})
    if listen:
        security = None
        if listen.startswith("tls://"):
            security = Security(
                tls_ca_file=options.tls_ca,
                tls_scheduler_cert=options.tls_cert,
                tls_scheduler_key=options.tls_key,
                tls_worker_cert=options.tls_cert,
                tls_worker_key=options.tls_key,
                require_encryption=True,
            )
        return asyncio.run(_serve(security, listen, workers, until_eof=False))
    os.nice(5)  # who trains and who looks share one machine: a page answers first
    security = Security(**json.loads(sys.stdin.readline()), require_encryption=True)
    return asyncio.run(_serve(security, "127.0.0.1", workers, until_eof=True))


# -- the parent -----------------------------------------------------------------------------------


class EngineError(RuntimeError):
    """The engine did not start, or is gone."""


class Engine:
    """An engine that this process has started."""

    def __init__(self, process: subprocess.Popen[str], address: str, security: Any):
        self.process, self.address, self.security = process, address, security
        self.problem = ""
        """Why it gave up, once it has."""

    def _listen(self) -> None:
        """Wait for the one line that may still come, or the end."""
        assert self.process.stdout
        with self.process.stdout as output, contextlib.suppress(ValueError):  # no line, or half of one
            self.problem = json.loads(output.readline())["problem"]

    @classmethod
    def start(cls) -> Engine:
        """Start a child and wait for its address; its worker comes up by itself.

        Raises EngineError with the last line the child wrote.
        """
        from distributed.security import Security

        security = Security.temporary()
        keys = (
            "tls_ca_file",
            *(f"tls_{r}_{k}" for r in ("scheduler", "worker", "client") for k in ("cert", "key")),
        )
        certificates = {key: getattr(security, key) for key in keys}
        process = subprocess.Popen(
            [sys.executable, "-m", "dlcore", "engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=os.environ | {"DASK_LOGGING__DISTRIBUTED": "error"},
            text=True,
            start_new_session=True,  # Ctrl-C goes to the app, which then closes our input
        )
        assert process.stdin and process.stdout
        try:
            process.stdin.write(json.dumps(certificates) + "\n")
            process.stdin.flush()
            address = json.loads(process.stdout.readline())["address"]
        except (OSError, ValueError) as error:
            process.kill()
            process.stdout.close()
            raise EngineError(
                "The compute engine did not start; the terminal of the app says why."
            ) from error
        engine = cls(process, address, security)
        threading.Thread(target=engine._listen, daemon=True).start()
        return engine

    @property
    def alive(self) -> bool:
        return not self.problem and self.process.poll() is None

    def kill(self, worker: str) -> bool:
        """End a worker at once. False, and nothing else, if the process is not one of this engine's."""
        if not is_alive(worker):
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                if worker.split("/")[1] == str(child.pid):
                    child.kill()
                    return True
        return False

    def stop(self) -> None:
        """End the engine and its worker; returns when they are gone."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
