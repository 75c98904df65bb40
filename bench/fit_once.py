"""One training in a fresh process: ``python -m bench.fit_once WAY EPOCHS``, times as JSON on the last line.

``fit`` is from building the model to the end of ``fit``, ``cpu`` what its process computed meanwhile, and
``whole`` goes on to the metrics on the test data and the saved model. Imports and the loading of the data
are in none of them.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import standin


def script(epochs: int) -> dict[str, float]:
    """The script that the app exports, as it is."""
    from dlcore.export import codegen

    standin.install()
    cells = dict(codegen.cells(standin.recipe(epochs)))
    setup, data, network, training, test = cells.values()
    names: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        exec(setup, names)
        exec(data, names)
        clock = standin.Clock()
        exec(network, names)
        exec(training, names)
        times = clock.read()
        exec(test, names)
    return times | {"whole": clock.read()["fit"]}


def job(epochs: int) -> dict[str, float]:
    """``dlcore.jobs.train``: store, previews, checkpoints and control, as the command line runs it."""
    from dlcore import jobs
    from dlcore.compute.processes import this_process
    from dlcore.runs.store import open_store

    standin.install()
    recipe = standin.recipe(epochs)
    store = open_store()
    run = store.create(recipe, "bench", queue=this_process())
    jobs.data(recipe.dataset, recipe.training.seed)
    began = time.perf_counter()
    state = jobs.train(run)
    if state != "finished":
        raise RuntimeError(store.run(run).reason)
    return standin.last_fit() | {"whole": time.perf_counter() - began}


def engine(epochs: int) -> dict[str, float]:
    """The same handed to the engine, as a click does it; ``whole`` begins with the click."""
    from dlcore.client import Visitor, client

    here = client()
    dask = here.connect()
    dask.wait_for_workers(1, timeout=120)
    dask.run(standin.install)
    recipe = standin.recipe(epochs)
    here.request("look_at", dataset=recipe.dataset.model_dump(), seed=recipe.training.seed).result(60)
    began = time.perf_counter()
    run = here.submit(recipe, Visitor("bench"))
    while not here.store.run(run).state.is_terminal:
        time.sleep(0.1)
    whole = time.perf_counter() - began
    if here.store.run(run).state != "finished":
        raise RuntimeError(here.store.run(run).reason)
    (fit,) = dask.run(standin.last_fit).values()
    here.close()
    return {**fit, "whole": whole}


WAYS = {"script": script, "job": job, "engine": engine}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        os.environ["DLCORE_HOME"] = str(Path(home))
        times = WAYS[sys.argv[1]](int(sys.argv[2]))
    print("\n" + json.dumps(times))
