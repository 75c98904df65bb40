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
    precision, recall, f1 and support for each. A class never predicted has precision 0. Of two classes that
    both occur also the metric auc, and ``roc``, see :func:`roc_curve`.
    """
    predicted = probabilities.argmax(axis=1)
    result = of_counts(confusion_matrix(labels, predicted, len(names)), names)
    # 1e-7 is Keras' epsilon: the loss here is the loss that training printed.
    chosen = probabilities[np.arange(len(labels)), labels].astype("float64").clip(1e-7, 1 - 1e-7)
    result["metrics"]["loss"] = float(-np.log(chosen).mean())
    if len(names) == 2 and 0 < labels.sum() < len(labels):
        scores = probabilities[:, 1]
        result["metrics"]["auc"] = auc(scores[labels == 0], scores[labels == 1])
        result["roc"] = roc_curve(scores, labels)
    return result


def of_counts(matrix: np.ndarray, names: tuple[str, ...]) -> dict[str, Any]:
    """The same of a confusion matrix: what it says without the probabilities."""
    hits = np.diag(matrix)
    precision = _ratio(hits, matrix.sum(axis=0))
    recall = _ratio(hits, matrix.sum(axis=1))
    f1 = _ratio(2 * precision * recall, precision + recall)
    occurs = matrix.sum(axis=0) + matrix.sum(axis=1) > 0
    return {
        "metrics": {
            "accuracy": float(hits.sum() / matrix.sum()),
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


def auc(negative: np.ndarray, positive: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a positive example scores higher; a tie counts half."""
    order = np.sort(negative)
    below = np.searchsorted(order, positive, "left")
    upto = np.searchsorted(order, positive, "right")
    return float((below + upto).mean() / 2 / len(negative))


def roc_curve(scores: np.ndarray, labels: np.ndarray, most: int = 200) -> dict[str, list[float]]:
    """False and true positive rates as the threshold falls from above all scores to below all.

    The corners of the curve alone, and of more than ``most`` an even choice.
    """
    order = np.argsort(-scores, kind="stable")
    hits = labels[order] == 1
    last = np.append(np.diff(scores[order]) != 0, True)  # equal scores pass the threshold together
    true = np.append(0, np.cumsum(hits)[last])
    false = np.append(0, np.cumsum(~hits)[last])
    bends = np.diff(false[:-1]) * np.diff(true[1:]) != np.diff(false[1:]) * np.diff(true[:-1])
    corners = np.flatnonzero(np.concatenate([[True], bends, [True]]))
    if len(corners) > most:
        corners = corners[np.linspace(0, len(corners) - 1, most).round().astype(int)]
    rates = {"false": false[corners] / false[-1], "true": true[corners] / true[-1]}
    return {name: rate.round(5).tolist() for name, rate in rates.items()}


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.zeros(len(above)), where=below != 0)
