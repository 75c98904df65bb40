"""Train the CIFAR-10 ResNet that ships: He et al. 2015, section 4.2, with 1×1 projections, twice as wide.

``KERAS_BACKEND=jax python -m dlcore.zoo.train cifar10-resnet --data ARCHIVE``, or any other backend. ARCHIVE is a
tar file of images in ``train/<class>/`` and ``test/<class>/``. Of the training part 2,500 are held out to watch; the
test part is looked at once, at the end.
"""

from __future__ import annotations

import io
import json
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from dlcore.evaluation import evaluate
from dlcore.zoo import card

HELD_OUT, BATCH, RATE, EPOCHS = 2500, 256, 0.2, 120
HOLE = 8
"""Half the side of the square that is cut out of every training image (DeVries and Taylor 2017)."""
SHIFT = 4


def main(folder: Path, data: Path, epochs: int = EPOCHS, few: int = 0) -> None:
    """Replace the weights and the numbers of the card. ``few`` images and ``epochs`` are for trying it out."""
    import keras
    from safetensors.numpy import save

    from dlcore import models
    from dlcore.recipe import Recipe

    recipe = Recipe.parse(json.loads((folder / "recipe.json").read_text()))
    x, y, x_test, y_test = read(data, recipe.dataset.classes, few)
    x_held, y_held, x, y = x[:HELD_OUT], y[:HELD_OUT], x[HELD_OUT:], y[HELD_OUT:]
    started, steps = time.perf_counter(), -(-len(x) // BATCH)
    model = recipe.build()
    rate = keras.optimizers.schedules.CosineDecay(
        1e-3, (epochs - 2) * steps, alpha=1e-3, warmup_target=RATE, warmup_steps=2 * steps
    )
    optimizer = keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    history = []
    with ThreadPoolExecutor(1) as pool:
        generators = np.random.default_rng(2).spawn(epochs)
        ahead = pool.submit(augmented, x, generators[0])
        for epoch in range(epochs):
            batch = ahead.result()
            if epoch + 1 < epochs:
                ahead = pool.submit(augmented, x, generators[epoch + 1])
            watched = {"validation_data": (x_held / np.float32(255), y_held)} if epoch % 5 == 4 else {}
            logs = model.fit(batch, y, batch_size=BATCH, verbose=0, **watched).history
            history.append({"epoch": epoch + 1} | {name: round(float(v[0]), 5) for name, v in logs.items()})
            print(history[-1], flush=True)
    arrays = {
        name: array.astype("float16") if array.ndim > 1 else array
        for name, array in models.weights_of(model).items()
    }
    models.set_weights(model, arrays)  # the card's numbers are those of the weights as shipped
    predicted = model.predict(x_test / np.float32(255), batch_size=1000, verbose=0)
    packed = save(arrays)
    result = evaluate(predicted, y_test, recipe.dataset.classes)
    numbers = result | {
        "metrics": {name: round(value, 5) for name, value in result["metrics"].items()},
        "history": history,
        "parameters": model.count_params(),
        "bytes": len(packed),
    }
    on, seconds = f"Keras on {keras.backend.backend()}", time.perf_counter() - started
    card.note(folder, trained=card.trained("cifar10-resnet", on, seconds, " --data ARCHIVE"), **numbers)
    (folder / "weights.safetensors").write_bytes(packed)


def read(
    archive: Path, classes: tuple[str, ...], few: int = 0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Images (n, 32, 32, 3) uint8 and labels (n,) of the training part, shuffled, then those of the test part."""
    parts: dict[str, tuple[list[np.ndarray], list[int]]] = {"train": ([], []), "test": ([], [])}
    with tarfile.open(archive) as packed:
        for member in packed:
            names = member.name.split("/")
            if (
                member.isfile()
                and len(names) > 2
                and names[-2] in classes
                and (file := packed.extractfile(member))
            ):
                images, labels = parts[names[-3]]
                images.append(np.asarray(Image.open(io.BytesIO(file.read())).convert("RGB")))
                labels.append(classes.index(names[-2]))
    x, y = (np.array(values) for values in parts["train"])
    order = np.random.default_rng(1).permutation(len(x))[: few + HELD_OUT if few else None]
    x_test, y_test = (np.array(values) for values in parts["test"])
    return x[order], y[order].astype("int32"), x_test, y_test.astype("int32")


def augmented(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Every image mirrored or not, moved by up to four pixels (the rim mirrored), with a hole; float32 in [0, 1]."""
    n, side = x.shape[:2]
    padded = np.pad(x, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)), mode="reflect")
    grid = np.arange(side)
    rows, columns = (rng.integers(0, 2 * SHIFT + 1, (n, 1)) + grid for _ in range(2))
    flip = rng.random(n) < 0.5
    columns[flip] = columns[flip, ::-1]
    moved = padded[np.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]] / np.float32(255)
    down, across = (abs(grid - rng.integers(0, side, (n, 1))) <= HOLE for _ in range(2))
    moved[down[:, :, None] & across[:, None, :]] = 0.47  # about the mean of all pixels
    return moved
