"""Trainings in a fresh process: ``python -m bench.fit_once WAY RECIPE…``, JSON of their times on the last line.

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
from dlcore.recipe import Recipe

Times = dict[str, float]


def script(recipes: list[Recipe]) -> list[Times]:
    """The scripts that the app exports, as they are."""
    standin.install()
    return [_script(recipe) for recipe in recipes]


def _script(recipe: Recipe) -> Times:
    from dlcore.export import codegen

    (_, setup), (_, data), *learning, (_, test) = codegen.cells(recipe)
    names: dict[str, Any] = {"__name__": "script"}

    def run(code: str) -> None:
        exec(compile(code, "script.py", "exec", dont_inherit=True), names)

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        run(setup)
        run(data)
        clock = standin.Clock()
        for _, code in learning:
            run(code)
        times = clock.read()
        run(test)
    return times | {"whole": clock.read()["fit"]}


def job(recipes: list[Recipe]) -> list[Times]:
    """``dlcore.jobs.train``: store, previews, checkpoints and control, as the command line runs it."""
    standin.install()
    return [_job(recipe) for recipe in recipes]


def _job(recipe: Recipe) -> Times:
    from dlcore import jobs
    from dlcore.compute.processes import this_process
    from dlcore.runs.store import open_store

    store = open_store()
    run = store.create(recipe, "bench", queue=this_process())
    jobs.data(recipe.dataset, recipe.training.seed)
    began = time.perf_counter()
    state = jobs.train(run)
    if state != "finished":
        raise RuntimeError(store.run(run).reason)
    return standin.last_fit() | {"whole": time.perf_counter() - began}


def engine(recipes: list[Recipe]) -> list[Times]:
    """The same handed to the engine, as a click does it; ``whole`` begins with the click."""
    from dlcore.client import client

    here = client()
    dask = here.connect()
    dask.wait_for_workers(1, timeout=120)
    dask.run(standin.install)
    times = [_engine(recipe) for recipe in recipes]
    here.close()
    return times


def _engine(recipe: Recipe) -> Times:
    from dlcore.client import Visitor, client

    here = client()
    here.request("look_at", dataset=recipe.dataset.model_dump(), seed=recipe.training.seed).result(60)
    began = time.perf_counter()
    run = here.submit(recipe, Visitor("bench"))
    while not here.store.run(run).state.is_terminal:
        time.sleep(0.1)
    whole = time.perf_counter() - began
    if here.store.run(run).state != "finished":
        raise RuntimeError(here.store.run(run).reason)
    (fit,) = here.connect().run(standin.last_fit).values()
    return {**fit, "whole": whole}


WAYS = {"script": script, "job": job, "engine": engine}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as home:
        os.environ["DLCORE_HOME"] = str(Path(home))
        times = WAYS[sys.argv[1]]([Recipe.parse(json.loads(text)) for text in sys.argv[2:]])
    print("\n" + json.dumps(times))
