"""Models and runs: list, train, evaluate."""

from __future__ import annotations

import sys
import time
from typing import Any

from dlcore.commands.common import (
    MODEL,
    RECIPE,
    Mistake,
    Options,
    argument,
    command,
    metric,
    quiet_jobs,
    read_recipe,
    show,
)


@command("list the shipped models and the finished runs")
def models(options: Options) -> None:
    from dlcore.architectures import ARCHITECTURES
    from dlcore.datasets import DATASETS
    from dlcore.language import catalog
    from dlcore.models import available, unusable
    from dlcore.runs.store import open_store

    if problem := open_store().problem():
        print(f"dlcore: {problem}", file=sys.stderr)
    names, kinds = max(map(len, DATASETS)), max(map(len, ARCHITECTURES))
    for info in available(open_store()):
        about: dict[str, Any] = {
            "name": info.name,
            "title": info.title,
            "source": info.source,
            "dataset": info.recipe.dataset.name,
            "architecture": info.recipe.architecture.kind,
            "metrics": info.metrics,
        }
        show(
            options,
            about,
            f"{info.name:16} {info.source:8} {info.recipe.dataset.name:{names}} "
            f"{info.recipe.architecture.kind:{kinds}} {metric(info.metrics):16} {info.title}",
        )
    for damaged in unusable(open_store()):
        print(f"dlcore: {damaged.source} {damaged.name} is left out: {damaged.reason}", file=sys.stderr)
    tasks: tuple[catalog.Task, ...] = ("sentiment", "generation")
    texts = [model for task in tasks for model in catalog.available(task)]
    longest = max(len(model.name) for model in texts)
    for model in texts:
        metrics = model.card.get("metrics", {})
        about = {
            "name": model.name,
            "title": model.title,
            "source": model.source,
            "task": model.task,
            "at_hand": model.at_hand,
            "metrics": metrics,
        }
        first = next((f"{name} {value:g}" for name, value in metrics.items()), "")
        where = "" if model.at_hand else f"{model.size_mb:,.0f} MB to download"
        show(options, about, f"{model.name:{longest}} {model.source:8} {model.task:10} {first or where}")


@command("train a recipe here and now", RECIPE, argument("--name", default="", help="what to call the run"))
def train(options: Options) -> int:
    recipe = read_recipe(options.recipe)

    jobs = quiet_jobs()
    from dlcore.compute.processes import this_process
    from dlcore.runs.progress import Bar
    from dlcore.runs.store import open_store

    store = open_store()
    run = store.create(recipe, "command line", options.name, this_process())
    started = time.perf_counter()
    try:
        state = jobs.train(run, [Bar()])
    except KeyboardInterrupt:
        print(f"\nstopped; run {run} can be resumed in the app", file=sys.stderr)
        return 130
    except Exception:  # the run has the reason; a traceback would hide it
        state = store.run(run).state
    finished = store.run(run)
    result = {
        "run": run,
        "name": finished.name,
        "state": state,
        "metrics": finished.result.get("metrics", {}),
        "seconds": round(time.perf_counter() - started, 2),
    }
    if state != "finished":
        print(f"dlcore: {finished.reason}", file=sys.stderr)
        result["reason"] = finished.reason
    metrics = ", ".join(f"{name} {value:.4f}" for name, value in result["metrics"].items())
    said = f"run {run}: {state} in {result['seconds']} s"
    show(options, result, f"{said}; {metrics}" if metrics else said)
    return 0 if state == "finished" else 1


@command(
    "list the runs, or show one with its metrics",
    argument("run", nargs="?", help="a run's id"),
    argument("--share", action="store_true", help="let every visitor of the app see this run"),
)
def runs(options: Options) -> None:
    from dlcore.runs.store import UnknownRun, open_store

    store = open_store()
    if options.run:
        try:
            run = store.run(options.run)
        except UnknownRun as error:
            raise Mistake(f"run: {error}") from error
        if options.share:
            store.share(run.id, True)
        epochs = store.metrics(run.id, "epoch", 10_000)
        lines = [_line(run), *(f"  {row}" for row in epochs)]
        show(options, _about(run) | {"epochs": epochs, "recipe": run.recipe}, "\n".join(lines))
        return
    if options.share:
        raise Mistake("--share: expected the id of the run to share")
    for run in store.list_runs(limit=1000):
        show(options, _about(run), _line(run))


def _about(run: Any) -> dict[str, Any]:
    return {
        "run": run.id,
        "name": run.name,
        "state": run.state,
        "reason": run.reason,
        "created": run.created,
        "seconds": round(run.seconds, 2),
        "metrics": run.result.get("metrics", {}),
    }


def _line(run: Any) -> str:
    created = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created))
    shown = metric(run.result.get("metrics", {}))
    return f"{run.id}  {created}  {run.state:9} {shown:8} {run.name}  {run.reason}".rstrip()


@command(
    "the metrics of a model on a test split",
    argument("model", help=MODEL),
    argument("--dataset", help="another data set with the same shape and classes"),
)
def evaluate(options: Options) -> None:
    jobs = quiet_jobs()
    from dlcore.datasets import DatasetError
    from dlcore.models import UnknownModel

    try:
        result = jobs.evaluate(options.model, options.dataset)
    except (UnknownModel, ValueError, DatasetError) as error:
        raise Mistake(str(error)) from error
    metrics = "\n".join(f"{name:10} {value:.4f}" for name, value in result["metrics"].items())
    show(options, result, f"{result['model']} on {result['dataset']} ({result['split']})\n{metrics}")
