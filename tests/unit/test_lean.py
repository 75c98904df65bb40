"""Keras in less memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

from dlcore.settings import ROOT

pytestmark = pytest.mark.slow

CODE = """
import sys
import dlcore.compute.lean
print({"pandas", "sklearn"} & sys.modules.keys())
import keras, numpy, pandas, sklearn.datasets
print(len(pandas.DataFrame({"a": [1, 2]})), len(sklearn.datasets.load_iris().target))
model = keras.Sequential([keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(numpy.ones((4, 2)), numpy.ones(4), verbose=0)
dlcore.compute.lean.give_back()
print(model.predict(numpy.ones((3, 2)), verbose=0).shape)
"""


def test_pandas_stays_out_until_it_is_asked_for_and_keras_works() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.splitlines() == ["set()", "2 150", "(3, 1)"], done.stderr
