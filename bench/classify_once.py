"""A network's call on one photo in a fresh process: ``python -m bench.classify_once NAME``, JSON on the last line.

``ours`` are the seconds of the call as the app makes it, ``bare`` of the same Keras model in a ``tf.function``, warm
and in turn, each on the same input.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.servers import ROOT

CALLS, EACH = 20, 5
PHOTO = ROOT / "dlcore/zoo/examples/photos/beagle.jpg"


def seconds(call: Callable[[np.ndarray], Any], x: np.ndarray) -> float:
    """Of one call, the mean of a few."""
    began = time.perf_counter()
    for _ in range(EACH):
        call(x)
    return (time.perf_counter() - began) / EACH


def main(name: str) -> dict[str, list[float]]:
    from dlcore import inference, jobs, models  # noqa: F401  jobs, as in a worker
    from dlcore.forward import forward
    from dlcore.previews import of_outputs
    from dlcore.runs.store import open_store

    import tensorflow as tf  # isort: skip  # after jobs, as in a worker

    info = models.find(open_store(), name)
    seen = inference.prepare(inference.read(PHOTO.read_bytes()), info)[None]
    model = models.load(open_store(), info)
    network = forward(inference.cached_model(open_store(), info))
    compiled = tf.function(lambda x: model(x, training=False), reduce_retracing=True)

    def ours(x: np.ndarray) -> np.ndarray:
        return of_outputs(network(x))

    def bare(x: np.ndarray) -> np.ndarray:
        return np.asarray(compiled(x))

    for _ in range(3):
        ours(seen), bare(seen)
    network.wait()
    times: dict[str, list[float]] = {"ours": [], "bare": []}
    for number in range(CALLS):
        for way in (ours, bare)[:: -1 if number % 2 else 1]:
            times[way.__name__].append(seconds(way, seen))
    return times


if __name__ == "__main__":
    print("\n" + json.dumps(main(sys.argv[1])))
