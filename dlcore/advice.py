"""What a teacher would say on seeing a recipe, before it is trained."""

from __future__ import annotations

from dlcore.layers import size
from dlcore.recipe import Recipe


def advice(recipe: Recipe) -> list[str]:
    """Plain sentences, the most important first; empty if nothing is worth saying."""
    rows = recipe.network.rows()
    found = []
    parameters = sum(row.parameters for row in rows)
    examples = recipe.dataset.training_examples
    ratio = parameters / examples
    if ratio >= 10:
        found.append(
            f"This is {ratio:,.0f} times more parameters ({parameters:,}) than training examples "
            f"({examples:,}): it can learn them by heart. Watch the validation curve."
        )
    for row in rows:
        if "Pooling2D" in row.type and row.output_shape[:2] == (1, 1):
            found.append(
                f"{row.name} leaves 1×1: nothing is left of where things were in the picture. "
                "Drop a block or a pooling."
            )
    smallest = min(
        (row for row in rows[:-1] if row.type == "Dense"),
        default=None,
        key=lambda row: row.output_shape[0],
    )
    if smallest and smallest.output_shape[0] < len(recipe.dataset.classes) - 1:
        found.append(
            f"{smallest.name} squeezes everything through {size(smallest.output_shape)} "
            f"neuron(s), but there are {len(recipe.dataset.classes)} classes."
        )
    hidden = [layer for layer in recipe.network.layers[:-1] if layer.type in ("Dense", "Conv2D")]
    bends = {getattr(layer, "activation", "linear") for layer in recipe.network.layers[:-1]}
    if not hidden:
        found.append("Without a hidden layer this is logistic regression: only straight borders.")
    elif bends <= {"linear"} and not any(row.type == "MaxPooling2D" for row in rows):
        found.append("All activations are linear, so these layers are worth only one.")
    saturating = [
        layer for layer in hidden if getattr(layer, "activation", "") in ("sigmoid", "tanh")
    ]
    if len(saturating) > 4:
        found.append(
            f"{len(saturating)} layers with sigmoid or tanh: gradients fade on the way back. "
            "Try relu, or batch normalisation."
        )
    training = recipe.training
    limit = {"sgd": 0.5, "momentum": 0.2}.get(training.optimizer, 0.03)
    if training.learning_rate > limit:
        found.append(
            f"A learning rate of {training.learning_rate:g} is long for {training.optimizer}: "
            "the loss may jump about. Try a tenth of it."
        )
    if training.batch_size > examples:
        found.append(
            f"A batch of {training.batch_size} holds all {examples} training examples: "
            "one step an epoch."
        )
    if training.augmentation.flip and recipe.dataset.handwriting:
        found.append("Mirrored digits are no digits: mirror only what looks natural that way.")
    return found
