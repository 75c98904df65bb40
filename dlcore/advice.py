"""What a teacher would say on seeing a recipe, before it is trained or when it has failed."""

from __future__ import annotations

from typing import Any

from dlcore.layers import size
from dlcore.recipe import Recipe

FEW = 15
"""Training images a class below which a network hardly learns more than these very images."""


def advice(recipe: Recipe) -> list[str]:
    """Plain sentences, the most important first; empty if nothing is worth saying."""
    return [*(_generative(recipe) if recipe.generative else _classifier(recipe)), *_steps(recipe)]


def cure(recipe: Recipe, learning_rate: float) -> str:
    """Why a loss has become infinite or no number, and what to do, as the middle of a sentence."""
    architecture: Any = recipe.architecture
    why = "the steps are too long. Lower the learning rate"
    if architecture.kind != "gan":
        return f"{why} (it was {learning_rate:g})"
    if architecture.loss == "wasserstein" and not architecture.gradient_penalty:
        return (
            "nothing holds the discriminator's scores back. Set the gradient penalty to 10, or lower "
            f"the learning rate (it was {learning_rate:g})"
        )
    rate = learning_rate * architecture.discriminator_rate
    return f"{why} of the generator (it was {learning_rate:g}) or the discriminator's (it was {rate:g})"


def _generative(recipe: Recipe) -> list[str]:
    architecture: Any = recipe.architecture
    found = []
    if architecture.kind == "vae":
        if architecture.beta == 0:
            found.append(
                "With β = 0 nothing orders the latent space: it will reconstruct well, but what it "
                "makes of random latent numbers means nothing."
            )
        if architecture.beta > 4:
            found.append(
                f"β = {architecture.beta:g} weighs order over likeness: expect blurred examples that "
                "look alike."
            )
    if architecture.kind == "gan":
        wasserstein = architecture.loss == "wasserstein"
        if wasserstein and not (architecture.gradient_penalty or architecture.spectral_normalization):
            found.append(
                "Wasserstein's loss needs a gradient penalty (10 is usual) or spectral normalisation; "
                "without, the discriminator's scores grow without end."
            )
        if wasserstein and architecture.label_smoothing:
            found.append("Label smoothing does nothing with Wasserstein's loss.")
    return found


def _classifier(recipe: Recipe) -> list[str]:
    rows = recipe.network.rows()
    examples = recipe.dataset.training_examples
    found = []
    parameters = sum(row.parameters for row in rows)
    ratio = parameters / examples
    if ratio >= 10:
        found.append(
            f"This is {ratio:,.0f} times more parameters ({parameters:,}) than training examples "
            f"({examples:,}): it can learn them by heart. Watch the validation curve."
        )
    classes = len(recipe.dataset.classes)
    if recipe.dataset.modality == "image" and examples < FEW * classes:
        found.append(
            f"There are {examples / classes:.3g} training images a class ({examples:,} in {classes} classes): few to "
            "tell classes apart by, and test metrics are rough. More images, fewer classes or augmentation help."
        )
    for row in rows:
        if "Pooling2D" in row.type and row.output_shape[:2] == (1, 1):
            found.append(
                f"{row.name} leaves 1×1: nothing is left of where things were in the picture. "
                "Drop a block or a pooling."
            )
    smallest = min(
        (row for row in rows[:-1] if row.type == "Dense"), default=None, key=lambda row: row.output_shape[0]
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
    saturating = [layer for layer in hidden if getattr(layer, "activation", "") in ("sigmoid", "tanh")]
    if len(saturating) > 4:
        found.append(
            f"{len(saturating)} layers with sigmoid or tanh: gradients fade on the way back. "
            "Try relu, or batch normalisation."
        )
    return found


def _steps(recipe: Recipe) -> list[str]:
    """Of the training settings, whatever is trained."""
    training, examples = recipe.training, recipe.dataset.training_examples
    found = []
    limit = {"sgd": 0.5, "momentum": 0.2}.get(training.optimizer, 0.03)
    if training.learning_rate > limit:
        found.append(
            f"A learning rate of {training.learning_rate:g} is long for {training.optimizer}: "
            "the loss may jump about. Try a tenth of it."
        )
    if training.batch_size > examples:
        found.append(
            f"A batch of {training.batch_size} holds all {examples} training examples: one step an epoch."
        )
    if training.augmentation.flip and recipe.dataset.handwriting:
        found.append("Mirrored digits are no digits: mirror only what looks natural that way.")
    return found
