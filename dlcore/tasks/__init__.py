"""One file per task. A new one is a file here: it is found by lying here."""

from __future__ import annotations

from dlcore.registry import discover
from dlcore.tasks.base import Task, View
from dlcore.tasks.metric import Metric

TASKS: dict[str, Task] = {name: kind() for name, kind in discover("tasks", Task, "name").items()}


def headline(metrics: dict[str, float]) -> str:
    """The one metric that says most, with its name: of a run in a list. Empty where there is none."""
    first = [task.metrics[0] for task in TASKS.values()]
    others = [metric for task in reversed(TASKS.values()) for metric in task.metrics[1:]]
    shown = next((metric for metric in (*first, *others) if metric.key in metrics), None)
    return f"{shown.title} {shown.text(metrics[shown.key])}" if shown else ""


__all__ = ["TASKS", "Metric", "Task", "View", "headline"]
