"""How a network learns: what a recipe says of its training."""

from __future__ import annotations

from typing import Literal

from dlcore.fields import Strict, choice, number


class Augmentation(Strict):
    """Random changes to training images, so that the network sees each one anew every epoch."""

    flip: bool = choice(False, "Mirror", "Left and right may be swapped. Not for digits.")
    rotation: float = number(0, 0, 45, "Rotation", "Turned by up to this angle, in degrees.", step=1)
    shift: float = number(0, 0, 0.4, "Shift", "Moved by up to this share of the side.", step=0.02)
    zoom: float = number(0, 0, 0.4, "Zoom", "Grown or shrunk by up to this share.", step=0.02)
    noise: float = number(0, 0, 0.4, "Noise", "Standard deviation of added noise.", step=0.02)

    @property
    def active(self) -> bool:
        return self != Augmentation()


class Training(Strict):
    """How the network learns."""

    optimizer: Literal["sgd", "momentum", "rmsprop", "adam", "adamw"] = choice(
        "adam", "Optimiser", "The rule that turns gradients into steps."
    )
    learning_rate: float = number(
        0.001, 1e-5, 1, "Learning rate", "Length of a step. Too long: it jumps about.", log=True
    )
    schedule: Literal["constant", "cosine", "reduce on plateau"] = choice(
        "constant", "Schedule", "How the learning rate changes over the training."
    )
    batch_size: int = number(
        32, 1, 1024, "Batch size", "Examples looked at before each step.", step=1, log=True
    )
    epochs: int = number(60, 1, 500, "Epochs", "How often all the training data is seen.", step=1)
    early_stopping: bool = choice(
        False, "Early stopping", "Stop when the validation loss no longer falls; keep the best.", switch=True
    )
    patience: int = number(5, 1, 50, "Patience", "Epochs to wait for an improvement.", step=1)
    augmentation: Augmentation = choice(
        Augmentation(),
        "Augmentation",
        "Training images are turned, shifted and zoomed a little, anew every epoch.",
        switch=Augmentation(rotation=10, shift=0.1, zoom=0.1).model_dump(),
    )
    seed: int = number(1, 0, 2**31 - 1, "Seed", "The same seed gives the same run.", step=1)
