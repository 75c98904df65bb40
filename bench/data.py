"""Memory of a data set of CIFAR-10's size, above that of a worker without it."""

from __future__ import annotations

from bench.result import Result
from bench.servers import fresh_process

LIMIT = 0.4e9


def measure() -> list[Result]:
    held = once() | once("alone")
    empty = held["empty"] / 1e6
    return [
        within("50,000 + 10,000 images of 32×32×3 while they are loaded, most", held["loading"], empty),
        within("the same while the course's CNN learns them for an epoch, most", held["training"], empty),
        Result("of that the network itself, with 1,000 such images", "", f"{held['network'] / 1e6:.0f} MB"),
    ]


def once(*arguments: str) -> dict[str, float]:
    """Each in a process of its own: memory that has been used once is not given back."""
    held: dict[str, float] = fresh_process("bench.data_once", *arguments)
    return held


def within(what: str, more: float, empty: float) -> Result:
    measured = f"{more / 1e9:.2f} GB above the {empty:.0f} MB of an empty worker"
    return Result(what, f"≤ {LIMIT / 1e9:g} GB", measured, more <= LIMIT)
