"""What a classifier shows of the test part: which classes it takes for which, and where it is wrong."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.charts import plots
from dlcore.charts.thumbnails import grid
from pages.parts.views.drawing import View, chart, draws, title


@draws("confusion")
def _confusion(view: View, key: str) -> None:
    st.markdown("**Confusion matrix**")
    matrix, classes = view["matrix"], tuple(view["classes"])
    wrong = sum(map(sum, matrix)) - sum(matrix[i][i] for i in range(len(classes)))
    alt = f"Confusion matrix of {len(classes)} classes with {wrong} mistakes off the diagonal"
    chart(view, key, alt, lambda: plots.confusion(matrix, classes))


@draws("per class")
def _per_class(view: View, key: str) -> None:
    st.markdown("**Per-class metrics**")
    share = st.column_config.ProgressColumn(min_value=0, max_value=1, format="percent")
    st.dataframe(
        pd.DataFrame(view["rows"]),
        hide_index=True,
        column_config={
            "class": "Class",
            "precision": share | {"label": "Precision"},
            "recall": share | {"label": "Recall"},
            "f1": share | {"label": "F1"},
            "support": st.column_config.NumberColumn("Examples", format="localized"),
        },
    )


@draws("roc")
def _roc(view: View, key: str) -> None:
    about = (
        "How many of each class are called the second as the threshold on its probability falls from 1 to 0. "
    )
    st.markdown("**ROC curve**", help=about + "The dotted line: guessing.")
    classes = view["classes"]
    alt = f"ROC curve: share of {classes[1]} found over share of {classes[0]} called {classes[1]}"
    chart(view, key, alt, lambda: plots.roc(view["false"], view["true"], classes))


def _said(answers: View) -> list[str]:
    """What is true and what was predicted, in one line for each example."""
    pairs = zip(answers["true"], answers["predicted"], strict=True)
    lines = [f"{true} → {said}" for true, said in pairs]
    if "probability" in answers:
        lines = [f"{line} {share:.0%}" for line, share in zip(lines, answers["probability"], strict=True)]
    return lines


@draws("gallery")
def _gallery(view: View, key: str) -> None:
    title(view, "Test examples: true class → predicted class, probability.")
    st.html(grid([np.array(image) for image in view["images"]], _said(view["answers"]), size=64))


@draws("wrong points")
def _wrong_points(view: View, key: str) -> None:
    title(
        view,
        "Circled test points are of the circle's colour and were predicted otherwise; pale: the other test points.",
    )
    alt = f"Scatter of {len(view['x'])} test points that are classified wrongly, among the others"
    chart(
        view,
        key,
        alt,
        lambda: plots.wrong_points(
            view["x"], view["answers"]["true"], _said(view["answers"]), view["others"], view["classes"]
        ),
    )
