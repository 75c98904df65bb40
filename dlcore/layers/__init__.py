"""The layers a network is made of, as plain data, and what follows from them without Keras.

The same layers are drawn, counted, checked, printed as code and built: output shapes, parameters and FLOPs
are computed here so that a page answers while a slider moves, and a test compares every one with Keras' own.
"""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from dlcore.layers.bahdanau import BahdanauAttention
from dlcore.layers.base import (
    ACTIVATION_HELP,
    ActivationName,
    Layer,
    LayerError,
    Padding,
    Shape,
    Weighted,
    size,
)
from dlcore.layers.dense import (
    Activation,
    BatchNormalization,
    Dense,
    Dropout,
    Flatten,
    GaussianNoise,
    LeakyReLU,
    Output,
    QuickNormalization,
    ReLU6,
    Reshape,
    Spread,
    ZeroOutput,
)
from dlcore.layers.image import (
    AveragePooling2D,
    Conv2D,
    Conv2DTranspose,
    DepthwiseConv2D,
    GlobalAveragePooling2D,
    ManyConv2D,
    MaxPooling2D,
    OverlappingMaxPooling2D,
    Rescaling,
    Resizing,
    UnbiasedConv2D,
    UpSampling2D,
)
from dlcore.layers.joining import Add, Concatenate, Multiply
from dlcore.layers.recurrent import (
    GRU,
    LSTM,
    GlobalAveragePooling1D,
    Recurrent,
    SimpleRNN,
    StepDense,
    StepOutput,
    StepSoftmax,
    TiedOutput,
)
from dlcore.layers.spectral import Spectral
from dlcore.layers.text import AttentionPooling, Embedding, LayerNormalization, MultiHeadAttention, Positions

AnyLayer = Annotated[
    Dense
    | Conv2D
    | MaxPooling2D
    | AveragePooling2D
    | GlobalAveragePooling2D
    | Flatten
    | Dropout
    | BatchNormalization
    | Activation,
    Field(discriminator="type"),
]
"""Those a visitor may stack one by one."""
LAYER_TYPES: dict[str, type[Layer]] = {
    cls.model_fields["type"].default: cls for cls in get_args(get_args(AnyLayer)[0])
}

__all__ = [
    "ACTIVATION_HELP",
    "GRU",
    "LAYER_TYPES",
    "LSTM",
    "Activation",
    "ActivationName",
    "Add",
    "AnyLayer",
    "AttentionPooling",
    "AveragePooling2D",
    "BahdanauAttention",
    "BatchNormalization",
    "Concatenate",
    "Conv2D",
    "Conv2DTranspose",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Embedding",
    "Flatten",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "Layer",
    "LayerError",
    "LayerNormalization",
    "LeakyReLU",
    "ManyConv2D",
    "MaxPooling2D",
    "MultiHeadAttention",
    "Multiply",
    "Output",
    "OverlappingMaxPooling2D",
    "Padding",
    "Positions",
    "QuickNormalization",
    "ReLU6",
    "Recurrent",
    "Rescaling",
    "Reshape",
    "Resizing",
    "Shape",
    "SimpleRNN",
    "Spectral",
    "Spread",
    "StepDense",
    "StepOutput",
    "StepSoftmax",
    "TiedOutput",
    "UnbiasedConv2D",
    "UpSampling2D",
    "Weighted",
    "ZeroOutput",
    "size",
]
