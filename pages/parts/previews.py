"""How every kind of preview is drawn: what a network has learned after an epoch, over the same examples.

What is drawn is made once for all who watch a run; see :mod:`pages.parts.train.watched`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from dlcore.charts import learned
from dlcore.charts.thumbnails import grid, strips
from dlcore.charts.written_lines import written_lines
from dlcore.recipe import Recipe
from dlcore.runs.store import Run
from pages.parts.train import watched

Json = dict[str, Any]
Classes = tuple[str, ...]
BOX: dict[str, Any] = {"width": learned.BOX, "height": learned.BOX}


class Kind(NamedTuple):
    """How one kind of preview is drawn.

    ``make`` turns preview, examples and classes into what ``draw`` puts on the page under a key; ``caption``
    says how to read a square chart, without and with a ground: the others have their words with them; ``title``
    is its heading, where it is not the task's.
    """

    make: Callable[[Json, Json, Classes], Any]
    draw: Callable[[Any, str, int], None]
    caption: tuple[str, str] = ("", "")
    title: str = ""


def show_preview(run: Run, recipe: Recipe, preview: Json, epoch: int) -> None:
    """Draw what was kept after an epoch."""
    kind = KINDS[preview["kind"]]
    drawn = watched.drawn(kind.make, run.id, run.since, epoch, recipe.dataset.classes)
    kind.draw(drawn, f"{preview['kind']}.{run.id}", epoch)


def is_square(preview: Json) -> bool:
    """Whether it is a square chart, with room for words beside it."""
    return bool(KINDS[preview["kind"]].caption[0])


def title_of(recipe: Recipe, preview: Json) -> str:
    """Its heading."""
    return KINDS[preview["kind"]].title or recipe.task.preview_title


def caption_of(preview: Json) -> str:
    """How to read it, where that is not said with it."""
    return KINDS[preview["kind"]].caption["grid" in preview]


def _square_chart(words: str) -> Callable[[Any, str, int], None]:
    def draw(options: Any, key: str, epoch: int) -> None:
        st.echarts_chart(options, key=key, **BOX, alt=words.format(epoch=epoch))

    return draw


def _guesses(preview: Json, examples: Json, classes: Classes) -> tuple[str, int, int]:
    """Validation images with the network's answers, how many are right, and of how many."""
    predicted, labels = preview["predicted"], examples["y"]
    words = [f"{classes[p]} {share:.0%}" for p, share in zip(predicted, preview["probability"], strict=True)]
    right = [p == label for p, label in zip(predicted, labels, strict=True)]
    return grid([np.array(x) for x in examples["x"]], words, right), sum(right), len(right)


def _draw_guesses(drawn: tuple[str, int, int], key: str, epoch: int) -> None:
    shown, right, of = drawn
    st.caption(f"{right} of these {of} right; an orange frame with ✗ is a mistake.")
    st.html(shown)


def _labelled_texts(preview: Json, examples: Json, classes: Classes) -> tuple[pd.DataFrame, int]:
    """Validation texts, wrong ones first, with their class and the network's."""
    right = [p == label for p, label in zip(preview["predicted"], examples["y"], strict=True)]
    table = pd.DataFrame(
        {
            "": ["✓" if one else "✗" for one in right],
            "predicted": [classes[p] for p in preview["predicted"]],
            "sure": preview["probability"],
            "true": [classes[label] for label in examples["y"]],
            "text": examples["texts"],
        }
    )
    wrong_first = sorted(range(len(right)), key=right.__getitem__)
    return table.iloc[wrong_first], sum(right)


def _draw_labelled_texts(drawn: tuple[pd.DataFrame, int], key: str, epoch: int) -> None:
    table, right = drawn
    st.caption(f"{right} of these {len(table)} right; ✗ is a mistake.")
    columns: dict[str, Any] = {
        "predicted": "Predicted",
        "sure": st.column_config.ProgressColumn(
            "Sure", min_value=0, max_value=1, format="percent", width="small"
        ),
        "true": "True",
        "text": "Text",
    }
    st.dataframe(table, hide_index=True, key=key, column_config=columns, height=280)


def _lines(preview: Json, examples: Json, classes: Classes) -> tuple[str, str]:
    return written_lines(preview["lines"]), written_lines([examples["text"]])


def _draw_lines(drawn: tuple[str, str], key: str, epoch: int) -> None:
    written, real = drawn
    st.html(written)
    st.caption("Drawn token by token from its own probabilities, with the same random numbers every time.")
    with st.expander("The real text, validation data"):
        st.html(real)


def _translations(preview: Json, examples: Json, classes: Classes) -> tuple[pd.DataFrame, int]:
    """The same few sources after every epoch: what the network writes, and what is true."""
    right = [one == two for one, two in zip(preview["written"], examples["target"], strict=True)]
    source, target = examples["titles"]
    columns = {
        "": ["✓" if one else "✗" for one in right],
        source: examples["source"],
        "Written": preview["written"],
        target: examples["target"],
    }
    return pd.DataFrame(columns), sum(right)


def _draw_translations(drawn: tuple[pd.DataFrame, int], key: str, epoch: int) -> None:
    table, right = drawn
    st.caption(f"{right} of these {len(table)} right.")
    alt = f"What the network writes after epoch {epoch}"
    narrow = {"": st.column_config.TextColumn(width=40)}
    st.dataframe(table, hide_index=True, key=key, column_config=narrow, alt=alt)


def _reconstructions(preview: Json, examples: Json, classes: Classes) -> str:
    return strips({"original": examples["x"], "reconstruction": preview["x"]})


def _draw_reconstructions(drawn: str, key: str, epoch: int) -> None:
    st.html(drawn)


def _samples(preview: Json, examples: Json, classes: Classes) -> tuple[str, Json | None]:
    """Images in a square; of a VAE also where validation images are on its first two latent dimensions."""
    images = [np.array(pixels) for pixels in preview["pictures"]]
    square = f'<div style="max-width:340px">{grid(images, [""] * len(images), size=68)}</div>'
    plane = learned.latent(preview["latent"], examples["y"], classes) if "latent" in preview else None
    return square, plane


def _draw_samples(drawn: tuple[str, Json | None], key: str, epoch: int) -> None:
    square, plane = drawn
    if plane is None:
        st.html(square)
        return
    left, right = st.columns([1, 1], gap="medium")
    with left:
        st.html(square)
    with right:
        alt = f"Validation pictures on the first two latent dimensions after epoch {epoch}"
        st.echarts_chart(plane, key=f"latent.{key}", **BOX, alt=alt)
        st.caption("Where real pictures lie in the latent space; colours are classes it was not given.")


def _confusion(preview: Json, examples: Json, classes: Classes) -> tuple[pd.DataFrame, int, int]:
    right = sum(row[i] for i, row in enumerate(preview["matrix"]))
    table = pd.DataFrame(preview["matrix"], index=[*classes], columns=[*classes])
    return table, right, len(examples["y"])


def _draw_confusion(drawn: tuple[pd.DataFrame, int, int], key: str, epoch: int) -> None:
    table, right, of = drawn
    st.caption(f"{right} of these {of} right; rows are the true classes.")
    st.dataframe(table, key=key, width="content", alt=f"Confusion matrix after epoch {epoch}")


def _draw_forecast(options: Json, key: str, epoch: int) -> None:
    alt = f"Forecast one step ahead beside the true series after epoch {epoch}"
    st.echarts_chart(options, key=key, height=260, alt=alt)


BOUNDARY = (
    "The ground has the colour of the network's answer, paler where it is less sure. A point on ground of "
    "another colour is a mistake."
)
PREDICTED = "A point is a validation example. On the dotted line, prediction and truth agree."
KINDS: dict[str, Kind] = {
    "boundary": Kind(
        learned.boundary,
        _square_chart("Decision boundary after epoch {epoch} over the validation points"),
        (BOUNDARY, BOUNDARY),
        "Decision boundary · validation data",
    ),
    "guesses": Kind(_guesses, _draw_guesses),
    "labelled texts": Kind(_labelled_texts, _draw_labelled_texts),
    "translations": Kind(_translations, _draw_translations),
    "cloud": Kind(
        lambda preview, examples, classes: learned.cloud(preview, examples),
        _square_chart("Sampled points over real ones after epoch {epoch}"),
        (
            "Blue are real points, orange are sampled ones: they should lie alike.",
            "Blue are real points, orange are generated ones. The ground is what the discriminator predicts: "
            "blue for real, orange for generated, white where it cannot tell. Arrows show where generated "
            "points would look more real: the generator learns to go there.",
        ),
    ),
    "samples": Kind(_samples, _draw_samples),
    "lines": Kind(_lines, _draw_lines),
    "reconstructions": Kind(_reconstructions, _draw_reconstructions),
    "confusion": Kind(_confusion, _draw_confusion, title="Confusion matrix · validation data"),
    "predicted": Kind(
        lambda preview, examples, classes: learned.predicted(examples["true"], preview["predicted"]),
        _square_chart("Predictions over true values after epoch {epoch}"),
        (PREDICTED, PREDICTED),
    ),
    "forecast": Kind(
        lambda preview, examples, classes: learned.forecast(examples["true"], preview["predicted"]),
        _draw_forecast,
    ),
}
