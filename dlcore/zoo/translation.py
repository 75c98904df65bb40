"""Train english-french: a Transformer on sentence pairs of Tatoeba.

``python -m dlcore.zoo.train english-french --data FOLDER``, where FOLDER/translation holds
``tatoeba-eng-fra-3to12.tsv.gz``: 100,000 pairs of 3 to 12 English words with a header, english and french. It runs on any
backend of Keras (``KERAS_BACKEND=jax``), and wants a GPU. What it writes is measured by the app's own evaluation, which
needs TensorFlow: where that is not the backend, call it again with it, and the weights that are there are measured.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import time
from pathlib import Path
from typing import Any

from dlcore.zoo import card

PAIRS = "tatoeba-eng-fra-3to12.tsv.gz"
EPOCHS, BATCH = 18, 256
PEAK, WARM = 2e-3, 0.05
"""The highest learning rate, and the share of steps in which it is reached."""
SMOOTHING = 0.1
"""Label smoothing (Szegedy et al. 2016): the truth is one of several ways to say it."""


def pairs(data: Path) -> list[tuple[str, str]]:
    """All pairs, cleaned as a visitor's own are."""
    from dlcore.datasets.own_pairs import clean

    with gzip.open(data / "translation" / PAIRS, "rt", encoding="utf-8", newline="") as lines:
        _, *rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    return clean([row[0] for row in rows], [row[1] for row in rows])


def smoothed(true: Any, shares: Any) -> Any:
    """Cross-entropy with label smoothing, of each token."""
    from keras import ops

    logs = ops.log(ops.maximum(shares, 1e-9))
    truth = ops.take_along_axis(logs, ops.cast(true, "int32")[..., None], axis=-1)[..., 0]
    return -(1 - SMOOTHING) * truth - SMOOTHING * ops.mean(logs, axis=-1)


def main(folder: Path, data: Path, epochs: int = EPOCHS) -> None:
    """Train from nothing, write weights and vocabularies into ``folder``, and measure them."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    from dlcore.models import VOCABULARY, packed, save
    from dlcore.recipe import Recipe

    recipe = Recipe.stored(json.loads((folder / "recipe.json").read_text()))
    split = recipe.dataset.split(pairs(data), recipe.training.seed)
    if not (folder / "weights.safetensors").exists():
        train, validation = split.train, split.validation
        print(f"{len(train):,} pairs to learn from, {len(split.test):,} held out", flush=True)
        model = recipe.build()
        steps = epochs * -(-len(train) // BATCH)
        warm = round(WARM * steps)
        rate = keras.optimizers.schedules.CosineDecay(
            1e-5, steps - warm, alpha=0.01, warmup_target=PEAK, warmup_steps=warm
        )
        model.compile(
            optimizer=keras.optimizers.AdamW(
                rate, weight_decay=0.01, beta_2=0.98, global_clipnorm=1.0, use_ema=True, ema_momentum=0.999
            ),
            loss=smoothed,
            weighted_metrics=["accuracy"],
        )
        keras.utils.set_random_seed(recipe.training.seed)
        started = time.perf_counter()
        log = model.fit(
            train.kept,
            train.y,
            batch_size=BATCH,
            epochs=epochs,
            validation_data=(validation.kept, validation.y),
            verbose=2,
        ).history
        seconds = time.perf_counter() - started
        on = f"{keras.backend.backend()}, {keras.distribution.list_devices()[0]}"
        weights = save(model, half=True)
        (folder / "weights.safetensors").write_bytes(weights)
        (folder / VOCABULARY).write_text(json.dumps(packed(split.vocabularies)))
        history = [
            {"epoch": i + 1} | {name: round(values[i], 4) for name, values in log.items()}
            for i in range(0, epochs, max(1, epochs // 10))
        ]
        card.note(
            folder,
            history=history,
            parameters=model.count_params(),
            bytes=len(weights),
            trained=card.trained("english-french", on, seconds, epochs=epochs),
        )
    if keras.backend.backend() == "tensorflow":
        _measure(folder, recipe, split)


def _measure(folder: Path, recipe: Any, split: Any) -> None:
    """The metrics of the weights as shipped, on all test pairs."""
    from safetensors.numpy import load

    from dlcore.models import set_weights

    model = recipe.build()
    set_weights(model, load((folder / "weights.safetensors").read_bytes()))
    result = recipe.task.evaluate(model, recipe, split, **recipe.task.thorough)
    metrics = {name: round(value, 4) for name, value in result["metrics"].items()}
    card.note(folder, metrics=metrics, views=result["views"])
