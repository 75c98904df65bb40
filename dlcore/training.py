"""Train a recipe: the only place that calls ``fit``."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dlcore.compute.device import device
from dlcore.datasets.base import Part, Split
from dlcore.datasets.memory import is_aligned
from dlcore.parts import mapped
from dlcore.previews import outputs
from dlcore.recipe import Augmentation, Recipe, Training

if TYPE_CHECKING:
    import keras
    import numpy as np
    import tensorflow as tf

LARGE = 2**24
"""Bytes of an array of which no copy is made for a training."""


@dataclass(frozen=True)
class Trained:
    """A model after ``fit``. ``history`` maps metric names to one value an epoch."""

    model: keras.Model
    history: dict[str, list[float]]
    best_epoch: int = 0
    """Whose weights early stopping has kept; 0: it was off. Of the epochs since a resumption, which are those it has seen."""


def train(recipe: Recipe, split: Split, callbacks: list[Any] | None = None) -> Trained:
    """Build, compile and fit the recipe's network.

    Everything random depends on the recipe's seed alone, so the same recipe gives the same weights and,
    on a CPU, the same losses, whatever else the process is doing.

    Args:
        recipe: What to train.
        split: Its data, from ``recipe.dataset.load(seed)``.
        callbacks: More Keras callbacks, for reporting and control.
    """
    settings, task = recipe.training, recipe.task
    parts = [task.taught(recipe, part) for part in (split.train, split.validation)]
    with device().strategy():
        model = compiled(recipe)

    def fit(parts: list[Part], epochs: int, callbacks: list[Any], done: int = 0) -> keras.callbacks.History:
        learned, watched = parts
        return model.fit(
            batches(learned, settings, shuffle=True, itself=task.itself),
            validation_data=batches(watched, settings, shuffle=False, itself=task.itself),
            initial_epoch=done,
            epochs=done + epochs,
            shuffle=False,  # `batches` has done it
            verbose=0,
            callbacks=callbacks,
        )

    callbacks = callbacks or []
    first = None
    done = max((getattr(callback, "phase_one", 0) for callback in callbacks), default=0)
    if not done:
        first = fit(_features(recipe, model, parts), settings.epochs, [*schedules(settings), *callbacks])
        done = 1 + max(first.epoch, default=settings.epochs - 1)
        model._initial_epoch = None  # what a resumed run has set holds for one phase
    history, best = (first.history, _best(settings, first)) if first else ({}, 0)
    stopped = any(getattr(callback, "stopped", False) for callback in callbacks)
    if stopped or not (tuning := recipe.architecture.tuning):
        return Trained(model, history, best)
    recipe.architecture.tune(model)
    slower = settings.model_copy(update={"learning_rate": tuning.learning_rate})
    task.compile(model, recipe.problem, optimizer(slower))
    after = fit(parts, tuning.epochs, callbacks, done).history
    return Trained(model, {name: history.get(name, []) + row for name, row in after.items()}, best)


def _best(settings: Training, history: keras.callbacks.History) -> int:
    """The epoch with the lowest validation loss, where early stopping went by it."""
    losses = history.history.get("val_loss")
    if not (settings.early_stopping and losses):
        return 0
    return int(history.epoch[losses.index(min(losses))]) + 1


def _features(recipe: Recipe, model: keras.Model, parts: list[Part]) -> list[Part]:
    """The parts as the model's frozen layers see them, where that stays the same; else the parts."""
    frozen = recipe.architecture.frozen(model)
    if frozen is None or recipe.training.augmentation.active:
        return parts
    return [Part(outputs(frozen, part.kept), part.y) for part in parts]


def compiled(recipe: Recipe) -> keras.Model:
    """The recipe's model with the optimiser of its settings, and the loss and metrics of its task."""
    model = recipe.build(device().precision)
    recipe.task.compile(model, recipe.problem, optimizer(recipe.training))
    return model


def optimizer(settings: Training) -> keras.Optimizer:
    import keras

    rate = settings.learning_rate
    makers = {
        "sgd": lambda: keras.optimizers.SGD(rate),
        "momentum": lambda: keras.optimizers.SGD(rate, momentum=0.9),
        "rmsprop": lambda: keras.optimizers.RMSprop(rate),
        "adam": lambda: keras.optimizers.Adam(rate),
        "adamw": lambda: keras.optimizers.AdamW(rate),
    }
    return makers[settings.optimizer]()


def schedules(settings: Training) -> list[keras.callbacks.Callback]:
    """The callbacks that change the learning rate or end the training early."""
    import keras

    callbacks: list[keras.callbacks.Callback] = []
    if settings.schedule == "cosine":
        callbacks.append(keras.callbacks.LearningRateScheduler(cosine(settings)))
    if settings.schedule == "reduce on plateau":
        callbacks.append(
            keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=max(1, settings.patience // 2))
        )
    if settings.early_stopping:
        callbacks.append(keras.callbacks.EarlyStopping(patience=settings.patience, restore_best_weights=True))
    return callbacks


def cosine(settings: Training) -> Callable[[int, float], float]:
    """The learning rate of an epoch, from its number and the rate of the epoch before.

    Loshchilov and Hutter 2016, without restarts, one step an epoch; ends at a hundredth. A rate that is not
    the schedule's own was set by somebody, and stays.
    """

    def rate(epoch: int) -> float:
        return settings.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * epoch / settings.epochs)) / 2)

    def scheduled(epoch: int, now: float) -> float:
        own = epoch == 0 or math.isclose(now, rate(epoch - 1), rel_tol=1e-5)
        return rate(epoch) if own else now

    return scheduled


def batches(part: Part, settings: Training, *, shuffle: bool, itself: bool = False) -> tf.data.Dataset:
    """Batches of one epoch; shuffled anew every epoch, in an order that the seed decides.

    Only the indices are shuffled, as Keras itself does it for arrays. ``itself``: the target of an example
    is the example.
    """
    import tensorflow as tf

    with tf.device("CPU"):
        x, y = mapped(_tensor, part.kept), tf.constant(part.y)
    indices = tf.data.Dataset.range(len(part))
    if shuffle:
        indices = indices.shuffle(len(part), seed=settings.seed, reshuffle_each_iteration=True)
    size = settings.batch_size if shuffle else max(256, settings.batch_size)

    def batch(chosen: tf.Tensor) -> Any:
        return mapped(lambda array: _scaled(tf.gather(array, chosen)), x), tf.gather(y, chosen)

    dataset = indices.batch(size).map(batch)
    if shuffle and settings.augmentation.active:
        change = augmenter(settings.augmentation, settings.seed)
        dataset = dataset.map(lambda images, labels: (change(images), labels))
    if itself:
        dataset = dataset.map(lambda examples, _: (examples, examples))
    options = tf.data.Options()
    # To rewrite its graph, TensorFlow writes all the data into it: once more as much memory, for nothing here.
    options.experimental_optimization.apply_default_optimizations = False
    # Its own thread for tuning would make the end of one fit in five wait for half a second to one and a half.
    options.autotune.enabled = False
    return dataset.prefetch(2).with_options(options)


def _tensor(array: np.ndarray) -> tf.Tensor:
    """The array as a tensor. A large one stays where it is, if a tensor could begin there: a copy takes twice its size."""
    import tensorflow as tf

    if array.nbytes < LARGE or not is_aligned(array):
        return tf.constant(array)
    return tf.experimental.dlpack.from_dlpack(array.__dlpack__())


def _scaled(x: tf.Tensor) -> tf.Tensor:
    """As :func:`dlcore.datasets.base.scaled`."""
    import tensorflow as tf

    return tf.cast(x, "float32") / 255 if x.dtype == tf.uint8 else x


def augmenter(settings: Augmentation, seed: int) -> Any:
    """A function from images (n, height, width, channels) to changed ones of the same shape."""
    import keras

    layers: list[Any] = []
    if settings.flip:
        layers.append(keras.layers.RandomFlip("horizontal", seed=seed))
    if settings.rotation:
        turn = settings.rotation / 360
        layers.append(keras.layers.RandomRotation(turn, fill_mode="nearest", seed=seed + 1))
    if settings.shift:
        shift = settings.shift
        layers.append(keras.layers.RandomTranslation(shift, shift, fill_mode="nearest", seed=seed + 2))
    if settings.zoom:
        zoom = settings.zoom
        layers.append(keras.layers.RandomZoom((-zoom, zoom), fill_mode="nearest", seed=seed + 3))
    if settings.noise:
        layers.append(keras.layers.GaussianNoise(settings.noise, seed=seed + 4))

    def change(images: Any) -> Any:
        for layer in layers:
            images = layer(images, training=True)
        return images

    return change
