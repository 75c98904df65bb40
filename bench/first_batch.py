"""How long a bare Keras script takes to its first batch: ``python -m bench.first_batch DATASET``."""

from __future__ import annotations

import sys
import time
from typing import Any

from dlcore.export import codegen
from dlcore.recipe import Recipe


def first_batch(dataset: str) -> float:
    """Seconds from building the network to the end of the first batch; imports and data before it."""
    import keras

    class Ended(Exception):
        pass

    class End(keras.callbacks.Callback):
        async_safe = False

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            raise Ended

    setup, data, network, training, _ = dict(codegen.cells(Recipe.parse({"dataset": dataset}))).values()
    names: dict[str, Any] = {"end": End()}
    exec(setup, names)
    exec(data, names)
    began = time.perf_counter()
    exec(network, names)
    try:
        exec(training.replace("    epochs=", "    callbacks=[end],\n    epochs=", 1), names)
    except Ended:
        return time.perf_counter() - began
    raise RuntimeError("no batch was trained")


if __name__ == "__main__":
    print(f"\n{first_batch(sys.argv[1])}")
