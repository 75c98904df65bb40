"""What a slider on Build asks of the web process where the network is deep, without the browser."""

from __future__ import annotations

import time

from bench.result import Result, seconds
from dlcore.charts.diagram import diagram
from dlcore.export.codegen import script
from dlcore.recipe import Recipe

DEEP = {"kind": "resnet", "stages": 3, "blocks": 8}
"""A ResNet of 50 layers with weights on the way through, as He et al. count them."""
WIDTHS = range(4, 65, 4)


def recipe(width: int) -> Recipe:
    return Recipe.parse({"dataset": "digits", "architecture": DEEP | {"width": width}})


def measure() -> list[Result]:
    took = []
    for width in WIDTHS:
        began = time.perf_counter()
        moved = recipe(width)
        moved.describe()
        diagram(moved.network)
        script(moved)
        took.append(time.perf_counter() - began)
    return [seconds("description, drawing and code of a ResNet of 50 layers, in the web process", 0.3, took)]
