"""The compute engine: Dask's scheduler and one worker that holds Keras, in processes of their own.

The app starts it as a child, ``python -m dlcore engine``. Certificates go in through its standard input,
so that nobody else on the machine can talk to it; its address comes out of its standard output; it ends
when its standard input does, that is when the app ends, however that happens. A lab runs the same command
with ``--listen`` and points ``DLCORE_SCHEDULER`` at it.
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
    "distributed.scheduler.http.routes": [],  # no page of Dask's own, nothing to look at or ask
    "distributed.worker.http.routes": [],
    "distributed.comm.timeouts.connect": "20s",
}


def call(name: str, arguments: dict[str, Any]) -> Any:
    """Run ``dlcore.jobs.NAME(**arguments)``: what the client sends, so that it needs no jobs itself."""
    return getattr(importlib.import_module("dlcore.jobs"), name)(**arguments)


# -- the child ------------------------------------------------------------------------------------


def _announce_once() -> Callable[[str], None]:
    """Write one line to standard output, and no more.

    The parent reads that line and then nothing, and a pipe that nobody reads fills up and stops whoever
    writes, such as a worker that prints how far a download is. So workers inherit standard error instead.
    """
    output = os.dup(1)  # not inherited
    os.dup2(2, 1)

    def announce(line: str) -> None:
        os.write(output, line.encode())
        os.close(output)

    return announce


async def _serve(security: Any, listen: str, workers: int, until_eof: bool) -> None:
    from distributed import Nanny, Scheduler

    announce = _announce_once()
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
        nannies = [
            Nanny(
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
        announce(json.dumps({"address": scheduler.address}) + "\n")
        starting = [asyncio.ensure_future(_started(nanny)) for nanny in nannies]
        try:
            if until_eof:
                await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
            else:
                await scheduler.finished()
        finally:
            logging.getLogger("distributed.nanny").setLevel(logging.CRITICAL)  # it is meant to end
            for task in starting:
                task.cancel()
            with contextlib.suppress(TimeoutError):
                await asyncio.gather(*(nanny.kill(timeout=3) for nanny in nannies))


async def _started(nanny: Any) -> None:
    await nanny


def serve(listen: str = "", workers: int = 1) -> None:
    """Run an engine until the end of standard input (as the app's child) or for good (``listen``)."""
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
        asyncio.run(_serve(security, listen, workers, until_eof=False))
        return
    os.nice(5)  # who trains and who looks share one machine: a page answers first
    security = Security(**json.loads(sys.stdin.readline()), require_encryption=True)
    asyncio.run(_serve(security, "127.0.0.1", workers, until_eof=True))


# -- the parent -----------------------------------------------------------------------------------


class EngineError(RuntimeError):
    """The engine did not start, or is gone."""


class Engine:
    """An engine that this process has started."""

    def __init__(self, process: subprocess.Popen[str], address: str, security: Any):
        self.process, self.address, self.security = process, address, security

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
            with process.stdout:
                address = json.loads(process.stdout.readline())["address"]
        except (OSError, ValueError) as error:
            process.kill()
            raise EngineError(
                "The compute engine did not start; the terminal of the app says why."
            ) from error
        return cls(process, address, security)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

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
