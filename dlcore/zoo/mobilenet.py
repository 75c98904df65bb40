"""Make the shipped mobilenet-v2 of the weights that Keras' applications load: the same names, half precision.

``python -m dlcore.zoo.train mobilenet-v2 --data KERAS_HOME`` with ``models/mobilenet_v2_weights_…_1.0_224.h5``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path


def main(folder: Path, data: Path) -> None:
    os.environ["KERAS_HOME"] = str(data)

    import keras
    import numpy as np
    from safetensors.numpy import save

    from dlcore import models
    from dlcore.recipe import Recipe
    from dlcore.zoo import card

    theirs = keras.applications.MobileNetV2(weights="imagenet")
    arrays = {weight.path.removeprefix(f"{theirs.name}/"): np.asarray(weight) for weight in theirs.weights}
    # Statistics stay in single precision: they are few, and some are large.
    arrays = {name: a.astype("float16") if a.ndim > 1 else a for name, a in arrays.items()}
    recipe = Recipe.parse(json.loads((folder / "recipe.json").read_text()))
    ours = recipe.build()
    models.set_weights(ours, arrays)
    x = np.random.default_rng(1).random((4, 224, 224, 3), dtype="float32")
    difference = float(np.abs(ours.predict(x, verbose=0) - theirs.predict(2 * x - 1, verbose=0)).max())
    packed = save(arrays)
    card.note(folder, parameters=ours.count_params(), bytes=len(packed), difference=round(difference, 6))
    (folder / "weights.safetensors").write_bytes(packed)
    print(f"{len(packed):,} bytes; probabilities differ by at most {difference:.1e}")
