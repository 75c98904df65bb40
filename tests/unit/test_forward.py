"""A compiled call answers as the network itself does, and is there after the first answers."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import keras
import numpy as np
import pytest

from dlcore import models
from dlcore.forward import forward
from dlcore.runs.store import open_store

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", ["mobilenet-v2", "cifar10-resnet", "digits-cnn"])
def test_compiled_and_not_answer_alike(name: str):
    info = models.find(open_store(), name)
    model = models.load(open_store(), info)
    call = forward(model)
    assert forward(model) is call
    x = np.random.default_rng(1).random((1, *info.recipe.dataset.input_shape)).astype("float32")
    first = call(x)
    assert call._thread.ident is None
    call(x)
    call.wait()
    assert call._compiled is not None
    assert call(x) == pytest.approx(first, abs=1e-5) and call(x).dtype == np.float32


def test_a_model_that_is_let_go_takes_its_call_along():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    call = forward(model)
    for _ in range(2):
        call(np.ones((1, 4), "float32"))
    call.wait()
    gone = weakref.ref(model)
    del model, call
    gc.collect()
    assert gone() is None


@pytest.mark.slow
def test_a_process_that_ends_meanwhile_ends_well():
    ends = (
        "import numpy as np; from dlcore import inference, models; from dlcore.forward import forward; "
        "from dlcore.runs.store import open_store; info = models.find(open_store(), 'mobilenet-v2'); "
        "call = forward(inference.cached_model(open_store(), info)); "
        "x = np.zeros((1, *info.recipe.dataset.input_shape), 'float32'); call(x); call(x)"
    )
    done = subprocess.run([sys.executable, "-c", ends], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
