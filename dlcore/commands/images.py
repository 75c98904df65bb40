"""Images in and out: classify them, make some."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from dlcore.commands.common import (
    MODEL,
    Mistake,
    Options,
    argument,
    command,
    quiet_jobs,
    quiet_libraries,
    show,
)


@command(
    "label pictures",
    argument("images", nargs="+", help="picture files"),
    argument("--model", default="digits-cnn", help=MODEL),
    argument("--top", type=int, default=5, help="how many labels"),
    argument(
        "--labels",
        choices=["folder"],
        help="folder: each picture's folder is its true class; prints the accuracy",
    ),
)
def classify(options: Options) -> int:
    from dlcore.models import UnknownModel

    if options.top < 1:
        raise Mistake(f"--top: expected at least 1, received {options.top}")
    images = []
    for path in options.images:
        try:
            images.append(Path(path).read_bytes())
        except OSError as error:
            raise Mistake(f"{path}: {error.strerror}") from error
    jobs = quiet_jobs()
    try:
        with quiet_libraries():
            answers = jobs.classify(options.model, images, max(options.top, 5 if options.labels else 1))
    except UnknownModel as error:
        raise Mistake(str(error)) from error
    wrong = 0
    for path, answer in zip(options.images, answers, strict=True):
        if "error" in answer:
            wrong += 1
            print(f"dlcore: {path}: {answer['error']}", file=sys.stderr)
            continue
        labels = answer["labels"][: options.top]
        text = ", ".join(f"{row['label']} {row['probability']:.1%}" for row in labels)
        about = {"image": path, "model": options.model, "labels": labels}
        show(options, about, f"{path}: {text}")
    if options.labels:
        _accuracy(options, answers)
    return 2 if wrong else 0


def _accuracy(options: Options, answers: list[dict[str, Any]]) -> None:
    """How many answers are the class that a picture's folder is called like."""
    from dlcore.batch import labels_of, report
    from dlcore.models import find
    from dlcore.runs.store import open_store
    from dlcore.uploads.classes import Place
    from dlcore.uploads.listing import Listed

    paths = [Path(name).absolute() for name in options.images]
    listed = [Listed(str(path), Place((path.parent.name,), path.name), path.read_bytes) for path in paths]
    labels = labels_of(listed, find(open_store(), options.model).recipe.dataset.classes)
    for note in labels.notes:
        print(f"dlcore: {note}", file=sys.stderr)
    counts = report(answers, labels.classes)
    if not counts:
        raise Mistake("--labels: expected pictures in folders that are called like classes of the network")
    about = {"model": options.model} | {name: counts[name] for name in ("count", "top1", "top5")}
    text = f"{counts['count']} labelled pictures: top-1 {counts['top1']:.1%}, top-5 {counts['top5']:.1%}"
    show(options, about, text)


@command(
    "examples of a generative model",
    argument("model", help=MODEL),
    argument("--count", type=int, default=16, help="how many"),
    argument("--seed", type=int, default=0, help="the same seed gives the same examples"),
    argument("--out", default="samples.png", help="a PNG file; for points also a CSV file"),
    argument("--label", help="the class of all of them; without, all classes in turn"),
    argument("--truncation", type=float, help="below 1: more typical; as the card advises"),
    argument("--steps", type=int, help="diffusion: steps from noise to example"),
    argument("--sampler", choices=["ddim", "ddpm"], help="diffusion: how it steps"),
    argument("--eta", type=float, help="diffusion: fresh noise in DDIM, 0 to 1"),
    argument(
        "--guidance",
        type=float,
        help="of diffusion and a class-conditional VAE: how strongly the class counts",
    ),
)
def sample(options: Options) -> None:
    """Examples of a generative model: a PNG for images; a PNG or a CSV file for points."""
    how = {
        name: getattr(options, name)
        for name in ("truncation", "steps", "sampler", "eta", "guidance")
        if getattr(options, name) is not None
    }
    out = Path(options.out)
    if out.suffix.lower() not in (".png", ".csv"):
        raise Mistake(f"--out: expected a file that ends in .png or .csv, received {options.out!r}")
    if not out.parent.is_dir():
        raise Mistake(f"--out: there is no folder {out.parent}")
    jobs = quiet_jobs()
    from dlcore.charts.contact_sheet import png
    from dlcore.models import UnknownModel, find
    from dlcore.runs.store import open_store

    try:
        advised = find(open_store(), options.model).card.get("sampling", {})
        answer = jobs.sample(options.model, options.count, options.seed, options.label, **advised | how)
    except (UnknownModel, ValueError) as error:
        raise Mistake(str(error)) from error
    samples = answer["samples"]
    points = samples.ndim == 2
    if out.suffix.lower() == ".csv":
        if not points:
            raise Mistake("--out: expected a file that ends in .png, because these are pictures")
        out.write_text("x,y\n" + "".join(f"{x:.5f},{y:.5f}\n" for x, y in samples))
    else:
        from dlcore.charts.thumbnails import dots

        out.write_bytes(dots(samples) if points else png(samples))
    about = {
        "model": options.model,
        "count": len(samples),
        "seed": options.seed,
        "labels": answer["labels"],
        "out": str(out),
        "seconds": answer["seconds"],
    }
    show(options, about, f"{len(samples)} samples of {options.model} in {answer['seconds']} s: {out}")
