"""What gated layers do at every step of one series, in NumPy, with the weights of Keras' layer of that name.

Each function takes the series (steps, values) and the layer's weights, and returns arrays of shape
(steps, units) by name.
"""

from __future__ import annotations

import numpy as np

Steps = dict[str, np.ndarray]


def lstm(x: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray) -> Steps:
    """Hochreiter and Schmidhuber 1997; the gates are in Keras' order: input, forget, candidate, output."""
    hidden = cell = np.zeros(len(recurrent), "float32")
    rows = []
    for given in x @ kernel + bias:
        sums = np.split(given + hidden @ recurrent, 4)
        write, forget, output = (sigmoid(sums[i]) for i in (0, 1, 3))
        candidate = np.tanh(sums[2])
        cell = forget * cell + write * candidate
        hidden = output * np.tanh(cell)
        rows.append((forget, write, output, cell, candidate, hidden))
    names = ("forget gate", "input gate", "output gate", "cell state", "candidate", "hidden state")
    return dict(zip(names, np.stack(rows, axis=1), strict=True))


def gru(x: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray) -> Steps:
    """Cho et al. 2014, the reset after the product as in cuDNN; in Keras' order: update, reset, candidate."""
    hidden = np.zeros(len(recurrent), "float32")
    rows = []
    for given in x @ kernel + bias[0]:
        new, old = np.split(given, 3), np.split(hidden @ recurrent + bias[1], 3)
        update, reset = sigmoid(new[0] + old[0]), sigmoid(new[1] + old[1])
        candidate = np.tanh(new[2] + reset * old[2])
        hidden = update * hidden + (1 - update) * candidate
        rows.append((update, reset, hidden, candidate))
    names = ("update gate", "reset gate", "hidden state", "candidate")
    return dict(zip(names, np.stack(rows, axis=1), strict=True))


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e⁻ˣ), without overflow."""
    shares: np.ndarray = 0.5 * (1 + np.tanh(0.5 * x))
    return shares
