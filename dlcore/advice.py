"""What a teacher would say on seeing a recipe, before it is trained or when it has failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlcore.layers import Recurrent, Weighted, size

if TYPE_CHECKING:
    from dlcore.recipe import Recipe

FEW = 15
"""Training images a class below which a network hardly learns more than these very images."""


def advice(recipe: Recipe) -> list[str]:
    """Plain sentences, the most important first; empty if nothing is worth saying."""
    return [*recipe.architecture.advice(recipe), *_steps(recipe)]


def _steps(recipe: Recipe) -> list[str]:
    """Of the training settings, whatever is trained."""
    training, examples = recipe.training, recipe.dataset.training_examples
    advice = []
    limit = {"sgd": 0.5, "momentum": 0.2}.get(training.optimizer, 0.03)
    if training.learning_rate > limit:
        advice.append(
            f"A learning rate of {training.learning_rate:g} is long for {training.optimizer}: "
            "the loss may jump about. Try a tenth of it."
        )
    if training.batch_size > examples:
        advice.append(
            f"A batch of {training.batch_size} holds all {examples} training examples: one step an epoch."
        )
    if training.augmentation.flip and recipe.dataset.handwriting:
        advice.append("Mirrored digits are no digits: mirror only what looks natural that way.")
    return advice


def of_a_predictor(recipe: Recipe) -> list[str]:
    """What is to be said of a network that answers with classes or numbers."""
    rows = recipe.network.rows()
    examples = recipe.dataset.training_examples
    advice = []
    parameters = sum(row.parameters for row in rows)
    ratio = parameters / examples
    if ratio >= 10:
        advice.append(
            f"This is {ratio:,.0f} times more parameters ({parameters:,}) than training examples "
            f"({examples:,}): it can memorise them. Watch the validation curve."
        )
    classes = len(recipe.dataset.classes)
    if recipe.dataset.images and examples < FEW * classes:
        advice.append(
            f"There are {examples / classes:.3g} training images a class ({examples:,} in {classes} classes): few to "
            "tell classes apart by, and test metrics are rough. More images, fewer classes or augmentation help."
        )
    for row in rows:
        if "Pooling2D" in row.type and row.output_shape[:2] == (1, 1):
            advice.append(
                f"{row.name} leaves 1×1: nothing is left of where things were in the picture. "
                "Drop a block or a pooling."
            )
    smallest = min(
        (row for row in rows[:-1] if row.type == "Dense"), default=None, key=lambda row: row.output_shape[0]
    )
    if smallest and smallest.output_shape[0] < len(recipe.dataset.classes) - 1:
        advice.append(
            f"{smallest.name} squeezes everything through {size(smallest.output_shape)} "
            f"neuron(s), but there are {len(recipe.dataset.classes)} classes."
        )
    hidden = [layer for layer in recipe.network.layers[:-1] if isinstance(layer, Weighted | Recurrent)]
    bends = {getattr(layer, "activation", "linear") for layer in recipe.network.layers[:-1]}
    if not hidden:
        kind = "logistic" if classes else "linear"
        advice.append(f"Without a hidden layer this is {kind} regression: only straight borders.")
    elif bends <= {"linear"} and not any(row.type == "MaxPooling2D" for row in rows):
        advice.append("All activations are linear, so these layers are worth only one.")
    saturating = [layer for layer in hidden if getattr(layer, "activation", "") in ("sigmoid", "tanh")]
    if len(saturating) > 4:
        advice.append(
            f"{len(saturating)} layers with sigmoid or tanh: gradients fade on the way back. "
            "Try relu, or batch normalisation."
        )
    return advice
