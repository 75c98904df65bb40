"""What a network has to solve: what goes in, and what comes out. Data sets say it, architectures read it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from dlcore.layers import Dense, Embedding, Layer, Output, Shape


@dataclass(frozen=True)
class Problem:
    """The shape of one example, and either the names of its classes or the shape of the numbers to predict."""

    input_shape: Shape
    classes: tuple[str, ...] = ()
    target_shape: Shape = ()
    """Of what is predicted where there are no classes: () one number, (24,) the next 24 of a series."""
    unit: str = ""
    """Of those numbers, such as "°C"."""
    vocabulary: int = 0
    """Where an example is tokens, the number there are, known before any is learned; 0 is padding, and a network
    masks it. 0: an example is numbers."""
    continues: bool = False
    """Whether at every token of an example the next one is to be predicted."""
    target_vocabulary: int = 0
    """The same of a text that is to be written; 0: something else is to be answered."""

    @property
    def binary(self) -> bool:
        return len(self.classes) == 2

    def embedding(self, width: int) -> list[Layer]:
        """What a network begins with: vectors of ``width`` numbers for tokens, nothing where examples are numbers."""
        return [Embedding(input_dim=self.vocabulary, output_dim=width)] if self.vocabulary else []

    def output(self) -> Dense:
        """The last layer. Two classes: one sigmoid unit, the probability of the second; more: a softmax;
        numbers: linear units, as many."""
        if not self.classes:
            return Dense(units=prod(self.target_shape), activation="linear")
        if self.binary:
            return Output(units=1, activation="sigmoid")
        return Output(units=len(self.classes), activation="softmax")
