"""How good a classifier is, from its probabilities and the true labels. NumPy only.

Terms: of the examples called class c, *precision* is the share that are c; of the examples that are c,
*recall* is the share called c; *F1* is their harmonic mean. Means over classes count each class alike that
occurs: of many small classes some have no example in the test part.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts of shape (classes, classes): row is the true class, column the predicted one."""
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def evaluate(probabilities: np.ndarray, labels: np.ndarray, names: tuple[str, ...]) -> dict[str, Any]:
    """Metrics of probabilities (n, classes) against labels (n,).

    Returns ``metrics`` (accuracy, loss, precision, recall, f1), ``confusion`` and ``classes``, a row of
    precision, recall, f1 and support for each. A class never predicted has precision 0.
    """
    predicted = probabilities.argmax(axis=1)
    matrix = confusion_matrix(labels, predicted, len(names))
    hits = np.diag(matrix)
    precision = _ratio(hits, matrix.sum(axis=0))
    recall = _ratio(hits, matrix.sum(axis=1))
    f1 = _ratio(2 * precision * recall, precision + recall)
    occurs = matrix.sum(axis=0) + matrix.sum(axis=1) > 0
    # 1e-7 is Keras' epsilon: the loss here is the loss that training printed.
    chosen = np.clip(probabilities[np.arange(len(labels)), labels], 1e-7, 1 - 1e-7)
    return {
        "metrics": {
            "accuracy": float(hits.sum() / len(labels)),
            "loss": float(-np.log(chosen).mean()),
            "precision": float(precision[occurs].mean()),
            "recall": float(recall[occurs].mean()),
            "f1": float(f1[occurs].mean()),
        },
        "confusion": matrix.tolist(),
        "classes": [
            {
                "class": name,
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "support": int(matrix[i].sum()),
            }
            for i, name in enumerate(names)
        ],
    }


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros(len(above)), where=below != 0)
