"""What each command of the command line does. Keras is imported only by those that need it."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

from dlcore.language.catalog import Task
from dlcore.recipe import Recipe, RecipeError
from dlcore.settings import settings

Options = argparse.Namespace


class Mistake(Exception):
    """Something the user can put right; told in one line, exit status 2."""


def read_recipe(path: str) -> Recipe:
    """The parsed recipe of a file or of standard input. Raises Mistake."""
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text()
        return Recipe.parse(json.loads(text))
    except OSError as error:
        raise Mistake(f"{path}: {error.strerror}") from error
    except RecursionError as error:
        raise Mistake(f"{path}: expected a recipe, received JSON nested too deeply") from error
    except ValueError as error:
        if isinstance(error, RecipeError):
            raise Mistake(f"{path}: {error}") from error
        raise Mistake(f"{path}: expected JSON, {error}") from error


def _jobs() -> Any:
    """:mod:`dlcore.jobs`, without what TensorFlow's libraries write while they are loaded."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        from dlcore import jobs
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
    return jobs


def show(options: Options, value: Any, text: str) -> None:
    """One result: as JSON on one line, or as text."""
    print(json.dumps(value) if options.json else text, flush=True)


def datasets(options: Options) -> None:
    from dlcore.datasets import DATASETS

    for name, kind in DATASETS.items():
        about = {
            "name": name,
            "title": kind.title,
            "modality": kind.modality,
            "task": kind.task,
            "source": kind.source,
            "classes": list(kind().classes),
            "input_shape": list(kind().input_shape),
            "licence": kind.licence,
        }
        show(options, about, f"{name:14} {kind.modality:7} {kind.source:9} {kind.description}")


def architectures(options: Options) -> None:
    from dlcore.architectures import ARCHITECTURES

    for kind, architecture in ARCHITECTURES.items():
        first = (architecture.__doc__ or "").strip().splitlines()[0]
        fields = [name for name in architecture.model_fields if name != "kind"]
        about = {"kind": kind, "description": first, "schema": architecture.model_json_schema()}
        show(options, about, f"{kind:8} {first}\n         {', '.join(fields)}")


def models(options: Options) -> None:
    from dlcore.language import catalog
    from dlcore.models import available
    from dlcore.store import open_store

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
            f"{info.name:16} {info.source:8} {info.recipe.dataset.name:14} "
            f"{info.recipe.architecture.kind:9} {mark(info.metrics):16} {info.title}",
        )
    tasks: tuple[catalog.Task, ...] = ("sentiment", "generation")
    for task in tasks:
        for model in catalog.available(task):
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
            show(options, about, f"{model.name:14} {model.source:8} {task:14} {first or where}")


def describe(options: Options) -> None:
    found = read_recipe(options.recipe).describe()
    lines = []
    for name, part in found.get("parts", {"layer": found}).items():
        lines.append(f"{name:26} {'output shape':>16} {'parameters':>12} {'FLOPs':>14}")
        for row in part["layers"]:
            shape = "×".join(map(str, row["output_shape"]))
            lines.append(f"{row['name']:26} {shape:>16} {row['parameters']:12,} {row['flops']:14,}")
    memory = found["memory"]
    lines.append(
        f"{found['parameters']:,} parameters, {found['flops']:,} FLOPs an example, "
        f"{memory['weights'] / 1e6:.2f} MB of weights, "
        f"{memory['activations'] / 1e6:.2f} MB of activations an example"
    )
    show(options, found, "\n".join(lines))


def train(options: Options) -> int:
    recipe = read_recipe(options.recipe)

    jobs = _jobs()
    from dlcore.processes import this_process
    from dlcore.progress import Bar
    from dlcore.store import open_store

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
    found = store.run(run)
    result = {
        "run": run,
        "name": found.name,
        "state": state,
        "metrics": found.result.get("metrics", {}),
        "seconds": round(time.perf_counter() - started, 2),
    }
    if state != "finished":
        print(f"dlcore: {found.reason}", file=sys.stderr)
        result["reason"] = found.reason
    marks = ", ".join(f"{name} {value:.4f}" for name, value in result["metrics"].items())
    show(options, result, f"run {run}: {state} in {result['seconds']} s; {marks}")
    return 0 if state == "finished" else 1


def runs(options: Options) -> None:
    from dlcore.store import UnknownRun, open_store

    store = open_store()
    if options.run:
        try:
            run = store.run(options.run)
        except UnknownRun as error:
            raise Mistake(f"run: {error}") from error
        epochs = store.metrics(run.id, "epoch", 10_000)
        lines = [_line(run), *(f"  {row}" for row in epochs)]
        show(options, _about(run) | {"epochs": epochs, "recipe": run.recipe}, "\n".join(lines))
        return
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
    made = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.created))
    marks = mark(run.result.get("metrics", {}))
    return f"{run.id}  {made}  {run.state:9} {marks:8} {run.name}  {run.reason}".rstrip()


def mark(metrics: dict[str, float]) -> str:
    """The number that says most, in a few characters: accuracy, or the first there is."""
    if "accuracy" in metrics:
        return f"{metrics['accuracy']:.2%}"
    return next((f"{name} {value:.4g}" for name, value in metrics.items()), "")


def evaluate(options: Options) -> None:
    jobs = _jobs()
    from dlcore.datasets import DatasetError
    from dlcore.models import UnknownModel

    try:
        found = jobs.evaluate(options.model, options.dataset)
    except (UnknownModel, ValueError, DatasetError) as error:
        raise Mistake(str(error)) from error
    marks = "\n".join(f"{name:10} {value:.4f}" for name, value in found["metrics"].items())
    show(options, found, f"{found['model']} on {found['dataset']} ({found['split']})\n{marks}")


def classify(options: Options) -> int:
    from dlcore.models import UnknownModel

    if options.top < 1:
        raise Mistake(f"--top: expected at least 1, received {options.top}")
    pictures = []
    for path in options.images:
        try:
            pictures.append(Path(path).read_bytes())
        except OSError as error:
            raise Mistake(f"{path}: {error.strerror}") from error
    jobs = _jobs()
    try:
        answers = jobs.classify(options.model, pictures, options.top)
    except UnknownModel as error:
        raise Mistake(str(error)) from error
    wrong = 0
    for path, answer in zip(options.images, answers, strict=True):
        if "error" in answer:
            wrong += 1
            print(f"dlcore: {path}: {answer['error']}", file=sys.stderr)
            continue
        labels = answer["labels"]
        text = ", ".join(f"{row['label']} {row['probability']:.1%}" for row in labels)
        about = {"image": path, "model": options.model, "labels": labels}
        show(options, about, f"{path}: {text}")
    return 2 if wrong else 0


def _text_folder(model: str, task: Task) -> Path:
    """The checkpoint called so; downloaded, with a count of its bytes, where it is not at hand."""
    from dlcore.language.catalog import find
    from dlcore.language.checkpoint import CheckpointError, read_config
    from dlcore.language.hub import HubError, download
    from dlcore.models import UnknownModel

    def report(done: int, total: int) -> None:
        print(f"\r{done / 1e6:.0f} of {total / 1e6:.0f} MB", end="", file=sys.stderr, flush=True)

    try:
        found = find(model, task, allow_folders=True)
        folder: Path = found.folder or download(found.name, report)
        read_config(folder)
        return folder
    except (UnknownModel, HubError, CheckpointError) as error:
        raise Mistake(str(error)) from error


def sentiment(options: Options) -> None:
    texts = list(options.texts)
    if options.file:
        try:
            raw = sys.stdin.read() if options.file == "-" else Path(options.file).read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise Mistake(f"{options.file}: {error}") from error
        texts += raw.splitlines()
    if not texts:
        raise Mistake("sentiment: expected a text, or --file FILE")
    _jobs()
    folder = _text_folder(options.model, "sentiment")
    from dlcore.language.checkpoint import CheckpointError
    from dlcore.language.sentiment import sentiment as judge

    try:
        found = judge(folder, texts)
    except CheckpointError as error:
        raise Mistake(str(error)) from error
    for row in found:
        show(options, row, f"{row['label']:9} {row['score']:.1%}  {row['text']}")


def generate(options: Options) -> None:
    from pydantic import ValidationError

    from dlcore.language.sampling import Sampling

    limit = settings().max_tokens
    for name, low, high in (("tokens", 1, limit), ("samples", 1, 16), ("beams", 1, 16)):
        value = getattr(options, name)
        if not low <= value <= high:
            raise Mistake(f"--{name}: expected {low} to {high}, received {value}")
    try:
        how = Sampling(
            temperature=options.temperature,
            top_k=options.top_k,
            top_p=options.top_p,
            repetition_penalty=options.repetition_penalty,
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise Mistake(f"--{name}: {first['msg']}, received {first['input']}") from error
    _jobs()
    folder = _text_folder(options.model, "generation")
    from dlcore.language.beams import Beams, search
    from dlcore.language.checkpoint import CheckpointError
    from dlcore.language.jobs import writer

    try:
        pen = writer(folder)
    except CheckpointError as error:
        raise Mistake(str(error)) from error
    prompt = pen.encode(options.prompt)
    if options.beams > 1:
        beams = search(pen, Beams.start(prompt, options.beams), tokens=options.tokens)
        written = [beams.best[len(prompt) :]]
    else:
        alone = options.samples == 1 and not options.json
        row: list[int] = []
        told = 0

        def heard(new: list[int]) -> None:
            """One text goes out as it is written, but for a character that is not whole yet."""
            nonlocal told
            row.append(new[0])
            text = pen.decode(row).rstrip("\ufffd")
            print(text[told:], end="", flush=True)
            told = max(told, len(text))

        if alone:
            print(options.prompt, end="", flush=True)
        written = pen.write(
            [prompt] * options.samples, how, seed=options.seed, tokens=options.tokens,
            stop=tuple(options.stop), heard=heard if alone else None,
        )["tokens"]  # fmt: skip
        if alone:
            print(pen.decode(row)[told:])
            return
    for tokens in written:
        text = pen.decode(tokens)
        about = {
            "prompt": options.prompt,
            "text": options.prompt + text,
            "continuation": text,
            "tokens": len(tokens),
            "model": options.model,
        }
        show(options, about, options.prompt + text)


def sample(options: Options) -> None:
    """Examples of a generative model: a PNG for pictures; a PNG or a CSV file for points."""
    how = {
        name: getattr(options, name)
        for name in ("steps", "sampler", "eta", "guidance")
        if getattr(options, name) is not None
    }
    out = Path(options.out)
    if out.suffix.lower() not in (".png", ".csv"):
        raise Mistake(f"--out: expected a file that ends in .png or .csv, received {options.out!r}")
    if not out.parent.is_dir():
        raise Mistake(f"--out: there is no folder {out.parent}")
    jobs = _jobs()
    from dlcore.contact_sheet import png
    from dlcore.models import UnknownModel

    try:
        found = jobs.sample(
            options.model, options.count, options.seed, options.label, options.truncation, **how
        )
    except (UnknownModel, ValueError) as error:
        raise Mistake(str(error)) from error
    made = found["samples"]
    points = made.ndim == 2
    if out.suffix.lower() == ".csv":
        if not points:
            raise Mistake("--out: expected a file that ends in .png, because these are pictures")
        out.write_text("x,y\n" + "".join(f"{x:.5f},{y:.5f}\n" for x, y in made))
    else:
        from dlcore.thumbnails import dots

        out.write_bytes(dots(made) if points else png(made))
    about = {
        "model": options.model,
        "count": len(made),
        "seed": options.seed,
        "labels": found["labels"],
        "out": str(out),
        "seconds": found["seconds"],
    }
    show(options, about, f"{len(made)} samples of {options.model} in {found['seconds']} s: {out}")


def code(options: Options) -> None:
    from dlcore.codegen import notebook, script

    text = (script if options.format == "script" else notebook)(read_recipe(options.recipe))
    show(options, {"format": options.format, "code": text}, text.rstrip("\n"))


def engine(options: Options) -> None:
    from dlcore.engine import serve

    if not options.listen and sys.stdin.isatty():
        raise Mistake("engine: expected --listen ADDRESS, such as --listen tls://0.0.0.0:8786")
    if options.workers < 1:
        raise Mistake(f"--workers: expected at least 1, received {options.workers}")
    serve(options.listen, options.workers)


def doctor(options: Options) -> None:
    """Start an engine, ask it, and look at everything a run needs."""
    import psutil

    from dlcore.client import client
    from dlcore.datasets import DATASETS, Downloaded

    limits = settings()
    started = time.perf_counter()
    worker = client().ask("status").result(120)
    engine_seconds = time.perf_counter() - started
    store = client().store
    found = {
        "python": platform.python_version(),
        "packages": {
            name: _version(name)
            for name in (
                "streamlit",
                "tensorflow",
                "tensorflow-cpu",
                "keras",
                "distributed",
                "plotly",
            )
        },
        "device": worker["device"],
        "advice": worker["advice"],
        "memory_free_mb": psutil.virtual_memory().available // 2**20,
        "worker_memory_mb": worker["memory_mb"],
        "store": {"database": limits.database_url, "runs": store.count()},
        "artifacts": limits.artifacts_url,
        "downloaded": [
            name
            for name, kind in DATASETS.items()
            if issubclass(kind, Downloaded) and kind().at_hand
        ],
        "engine": {
            "scheduler": limits.scheduler or "own",
            "seconds_to_first_answer": round(engine_seconds, 1),
        },
    }
    client().close()
    show(options, found, "\n".join(f"{name:16} {value}" for name, value in found.items()))


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
