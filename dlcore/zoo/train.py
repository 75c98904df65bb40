"""Train a shipped model again: ``python -m dlcore.zoo.train NAME --data FOLDER``.

For images FOLDER has the layout of ``KERAS_HOME`` (``datasets/mnist.npz`` and so on); without it Keras
downloads what is missing. The modules in ``OTHERS`` say what they read. The weights and the card in
``dlcore/zoo/NAME`` are replaced.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import time
from pathlib import Path

OTHERS = {
    "sentiment": "minilm",
    "sentiment-small": "sentiment_small",
    "storyteller-gpt": "storyteller",
    "english-french": "translation",
    "cifar10-resnet": "cifar10",
    "mobilenet-v2": "mobilenet",
}
"""Networks that are not trained by their recipe alone, and the module here that makes each."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--data", help="folder with the layout of KERAS_HOME")
    options = parser.parse_args()
    if options.name in OTHERS:
        if not options.data:
            parser.error(f"{options.name} needs --data, see dlcore/zoo/{OTHERS[options.name]}.py")
        module = importlib.import_module(f"dlcore.zoo.{OTHERS[options.name]}")
        module.main(Path(__file__).parent / options.name, Path(options.data))
        return
    if options.data:
        os.environ["KERAS_HOME"] = options.data

    import keras

    from dlcore import models
    from dlcore.compute.device import device
    from dlcore.recipe import Recipe
    from dlcore.training import train
    from dlcore.zoo import card

    folder = models.ZOO / options.name
    recipe = Recipe.parse(json.loads((folder / "recipe.json").read_text()))
    split = recipe.dataset.load(recipe.training.seed)
    started = time.perf_counter()
    history: list[dict[str, float]] = []

    def note(epoch: int, logs: dict[str, float]) -> None:
        history.append({"epoch": epoch + 1} | {k: round(v, 5) for k, v in logs.items()})
        print(history[-1], flush=True)

    log = keras.callbacks.LambdaCallback(on_epoch_end=note)
    trained = train(recipe, split, [log])
    seconds = time.perf_counter() - started

    # The card's numbers are those of the weights as shipped, rounded to half precision.
    packed = models.save(trained.model, half=True)
    from safetensors.numpy import load

    models.set_weights(trained.model, load(packed))
    thorough = recipe.task.thorough | card.read(folder).get("sampling", {})
    result = recipe.task.evaluate(trained.model, recipe, split, **thorough)
    result.pop("errors", None)  # shipped models bring no data
    given = "" if recipe.dataset.source == "embedded" else " --data KERAS_HOME"
    numbers = result | {
        "metrics": {name: round(value, 5) for name, value in result["metrics"].items()},
        "history": history,
        "parameters": trained.model.count_params(),
        "bytes": len(packed),
        "trained": card.trained(options.name, device().name, seconds, given),
    }
    # Both last: weights with half a card would be a shipped model that nothing can be said of.
    card.note(folder, **numbers)
    if split.vocabularies:
        (folder / models.VOCABULARY).write_text(json.dumps(models.packed(split.vocabularies)))
    (folder / "weights.safetensors").write_bytes(packed)


if __name__ == "__main__":
    main()
