"""Where a GPU is, Keras computes LSTM and GRU with cuDNN's fused kernel, if a layer asks for nothing cuDNN lacks."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from dlcore.recipe import Recipe

pytestmark = pytest.mark.slow

BACKEND = importlib.import_module("keras.src.backend.tensorflow.rnn")
TEXTS = {"name": "toy_reviews", "examples": 1000}


@pytest.fixture
def fused(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """As if a GPU were there: the masks with which the kernel was asked for. It then fails, and Keras' loop computes."""
    masks: list[Any] = []

    def kernel(*arguments: Any) -> None:
        masks.append(arguments[-4])
        raise tf.errors.NotFoundError(None, None, "no such kernel on a CPU")

    monkeypatch.setattr(BACKEND, "_is_gpu_available", lambda: True)
    monkeypatch.setattr(BACKEND, "_cudnn_lstm", kernel)
    monkeypatch.setattr(BACKEND, "_cudnn_gru", kernel)
    return masks


def asked(fused: list[Any], dataset: Any, x: np.ndarray, **architecture: Any) -> int:
    """How often one training step's forward pass asks for the fused kernel."""
    model = Recipe.parse({"dataset": dataset, "architecture": architecture}).build("float32")
    fused.clear()
    model(x, training=True)
    return len(fused)


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_recurrent_layers_ask_for_the_fused_kernel(fused: list[Any], kind: str):
    series = np.zeros((2, 24, 1), "float32")
    assert asked(fused, "sine", series, kind=kind, layers=2, dropout=0.2) == 2
    assert asked(fused, "sine", series, kind=kind, layers=1, bidirectional=True) == 2
    assert (
        asked(fused, "sine", series, kind=kind, layers=1, recurrent_dropout=0.2) == 0
    )  # cuDNN has no such thing


@pytest.mark.parametrize("kind", ["lstm", "gru"])
def test_it_can_read_the_masks_of_texts(fused: list[Any], kind: str):
    split = Recipe.parse({"dataset": TEXTS}).dataset.load(1)
    empty = split.vocabularies["text"].rows([""], split.test.x.shape[1])
    texts = np.concatenate([split.test.x[:8], empty])
    assert asked(fused, TEXTS, texts, kind=kind, layers=1)
    BACKEND._assert_valid_mask(fused[0])  # else it raises, where a GPU is
