"""Metrics over the epochs, as plain data for a chart that is redrawn while a training runs."""

from __future__ import annotations

from typing import Any

from dlcore.charts.palette import CLASSES, NEGATIVE, POSITIVE

NEAR = 0.04
"""The share of the axis that an event's words are high."""
NAMES = {
    "kl": "KL",
    "mae": "MAE",
    "generator_loss": "generator",
    "discriminator_loss": "discriminator",
    "real_accuracy": "real ones",
    "fake_accuracy": "generated ones",
}
"""What a line is called, where its metric's name is not a word for people."""
PAIRS = ((POSITIVE, "#8cbfe0"), (NEGATIVE, "#f7c48a"))
"""Colours of two metrics in one chart: training, validation."""

OVERLAID = (POSITIVE, NEGATIVE, *CLASSES[2:])
"""Colours of runs over each other."""


Measured = tuple[list[dict[str, Any]], list[dict[str, Any]], list[tuple[float, str]]]
"""Rows of epochs and of batches, and events, each at an epoch."""


def curve(
    measured: Measured, metric: str, total: int, *, log: bool = False, percent: bool = False
) -> dict[str, Any]:
    """One metric over ``total`` epochs: batches as a thin line, training and validation as thick ones.

    ``columns`` has the epochs done, then a column for each of ``series``, with None where it has no
    value there. Batches are left out where epochs are too short to see inside, and on a logarithmic
    axis values that are not positive.
    """
    epochs, batches, events = measured
    inside = batches if len(batches) >= 3 * len(epochs) else []
    lines = [
        ("training", POSITIVE, 2.5, epochs, metric),
        ("validation", NEGATIVE, 2.5, epochs, f"val_{metric}"),
        ("within the epoch", "#8cbfe0", 1, inside, metric),
    ]
    return _chart(lines, events, total, log, percent)


def together(
    measured: Measured,
    metrics: tuple[str, ...],
    total: int,
    *,
    log: bool = False,
    percent: bool = False,
    validation: bool = True,
) -> dict[str, Any]:
    """Up to two metrics over ``total`` epochs in one chart: training as thick lines, validation as thin.

    The same shape as :func:`curve` gives. During the first epoch its batches are shown instead.
    Without ``validation`` only those of training.
    """
    epochs, batches, events = measured
    rows = epochs or batches
    # Orange is the generator's, whose points are orange.
    pairs = PAIRS[::-1] if metrics[0] == "generator_loss" else PAIRS
    parts = [("", 0, 2.5, ""), (", validation", 1, 1.2, "val_")][: 2 if validation else 1]
    lines = [
        (f"{NAMES.get(metric, metric)}{part}", colours[shade], width, rows, f"{prefix}{metric}")
        for metric, colours in zip(metrics, pairs, strict=False)
        for part, shade, width, prefix in parts
    ]
    return _chart(lines, events, total, log, percent)


def overlaid(
    runs: list[tuple[str, list[dict[str, Any]]]],
    metrics: tuple[str, ...],
    total: int,
    *,
    log: bool = False,
    percent: bool = False,
) -> dict[str, Any]:
    """Metrics of several runs over each other, each run in a colour: validation thick, training thin and dashed.

    ``runs`` are names and rows of epochs; a metric that none of them has a value of is left out.
    """
    measured = {key for _, epochs in runs for row in epochs for key in row}
    lines: list[Line] = []
    for (name, epochs), colour in zip(runs, OVERLAID, strict=False):
        for metric in metrics:
            words = name if len(metrics) == 1 else f"{name}, {NAMES.get(metric, metric)}"
            parts = [(f"val_{metric}", f"{words}, validation", 2.5), (metric, f"{words}, training", 1.2)]
            lines += [(label, colour, width, epochs, key) for key, label, width in parts if key in measured]
    chart = _chart(lines, [], total, log, percent)
    for series in chart["series"]:
        series["dash"] = [5, 4] if series["name"].endswith("training") else []
    return chart


def _readable(events: list[tuple[float, str]], total: int) -> list[list[Any]]:
    """The events, the newest first, without those near a later one: words would lie over each other."""
    spaced: list[list[Any]] = []
    for at, words in reversed(events):
        if not spaced or spaced[-1][0] - at >= NEAR * total:
            spaced.append([at, words])
    return spaced


Line = tuple[str, str, float, list[dict[str, Any]], str]
"""Its name, colour and width, the rows it is read from and the metric in them."""


def _chart(
    lines: list[Line], events: list[tuple[float, str]], total: int, log: bool, percent: bool
) -> dict[str, Any]:
    values = [
        {row["epoch"]: row[name] for row in rows if name in row and not (log and row[name] <= 0)}
        for _, _, _, rows, name in lines
    ]
    x = sorted({0.0}.union(*values))
    return {
        "total": total,
        "log": log,
        "percent": percent,
        "height": 240,
        "series": [{"name": n, "colour": c, "width": w} for n, c, w, _, _ in lines],
        "columns": [x, *([value.get(at) for at in x] for value in values)],
        "events": _readable(events[-12:], total),
    }
