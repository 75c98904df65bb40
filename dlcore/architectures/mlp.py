"""Multilayer perceptron: dense layers in a row (Rumelhart, Hinton and Williams 1986)."""

from __future__ import annotations

from typing import ClassVar, Literal

from dlcore.architectures.base import Predictor, activated, batch_normalization_field, dropout_field
from dlcore.fields import Strict, choice, number, rows
from dlcore.layers import ACTIVATION_HELP, ActivationName, Dense, Flatten, GlobalAveragePooling1D, Layer
from dlcore.problem import Problem


class Hidden(Strict):
    """One hidden layer."""

    units: int = number(32, 1, 512, "Width", "Neurons in this layer.")
    activation: ActivationName = choice("relu", "Activation", ACTIVATION_HELP)

    def layers(self, *, batch_normalization: bool, dropout: float) -> list[Layer]:
        dense = Dense(units=self.units, activation=self.activation)
        return activated(dense, self.activation, batch_normalization=batch_normalization, dropout=dropout)


class MLP(Predictor):
    """A feedforward network: every neuron sees all neurons of the layer before."""

    title: ClassVar[str] = "Dense layers"
    order: ClassVar[int] = 10
    reads_tokens: ClassVar[bool] = True
    kind: Literal["mlp"] = "mlp"
    embedding: int = number(
        32,
        2,
        256,
        "Embedding",
        "Numbers of the vector that stands for a token; their mean stands for a text.",
        step=2,
    )
    hidden: list[Hidden] = rows(
        [Hidden(), Hidden(), Hidden()], 1, 8, "Hidden layers", "Depth: layers between input and answer."
    )
    dropout: float = dropout_field(0, "Share of neurons silenced at random in training.")
    batch_normalization: bool = batch_normalization_field()

    def idle(self, problem: Problem) -> tuple[str, ...]:
        return () if problem.vocabulary else ("embedding",)

    def hidden_layers(self, problem: Problem) -> list[Layer]:
        layers: list[Layer] = [] if len(problem.input_shape) == 1 else [Flatten()]
        if problem.vocabulary:  # the order of words is lost: a bag of words
            layers = [*problem.embedding(self.embedding), GlobalAveragePooling1D()]
        for hidden in self.hidden:
            layers += hidden.layers(batch_normalization=self.batch_normalization, dropout=self.dropout)
        return layers
