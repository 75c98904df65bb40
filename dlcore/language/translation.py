"""Translate with a trained pair network: what a page shows of it, as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import inference, models
from dlcore.cache import Cache
from dlcore.language.translator import Translator, Written
from dlcore.language.vocabulary import UNKNOWN, Vocabulary
from dlcore.models import ModelInfo, UnknownModel
from dlcore.runs.store import Store, open_store

MOST_BEAMS = 8
_vocabularies = Cache(most=20)


def translate(model: str, text: str, beams: int = 1) -> dict[str, Any]:
    """What a model writes for a text: as a job, see :func:`translated`."""
    store = open_store()
    return translated(store, models.find(store, model), text, beams)


def translated(store: Store, info: ModelInfo, text: str, beams: int = 1) -> dict[str, Any]:
    """The likeliest text, or several by beam search.

    Returns ``source``, the pieces that were read; ``note``, what was not; and ``texts``, the best first, each with its
    ``text``, its ``score`` (the mean log probability of a token) and ``steps``: a ``piece``, its ``probability``, the
    ``candidates`` at its place and its ``attention`` to each piece of the source. Raises UnknownModel where the model
    does not translate.
    """
    if info.recipe.on_texts != "translation":
        raise UnknownModel(f"model: {info.name} does not translate; choose a network trained on pairs")
    known = _vocabularies.of(
        (info.source, info.name, info.version), lambda: models.vocabularies(store, info), lambda _: 1
    )
    longest = info.recipe.problem.input_shape[0]
    tokens = known["source"].encode(" ".join(text.split()))
    notes = [] if tokens else ["There is nothing in it to read."]
    notes += [f"Only the first {longest} of {len(tokens)} tokens are read."] if len(tokens) > longest else []
    tokens = tokens[:longest]
    if strange := tokens.count(UNKNOWN):
        which = (
            "nothing of it is" if strange == len(tokens) else f"{strange} of its {len(tokens)} tokens are not"
        )
        notes.append(
            f"{which[:1].upper()}{which[1:]} in the network's vocabulary: what it writes is a guess."
        )
    answer: dict[str, Any] = {"source": known["source"].pieces(tokens), "note": " ".join(notes), "texts": []}
    if tokens:
        row = np.zeros(longest, "int32")
        row[: len(tokens)] = tokens
        written = Translator(inference.cached_model(store, info)).beams(row, max(1, min(beams, MOST_BEAMS)))
        answer["texts"] = [_shown(text, known["target"], len(tokens)) for text in written]
    return answer


def _shown(text: Written, vocabulary: Vocabulary, read: int) -> dict[str, Any]:
    """A text as plain data; the token that ends it is its last step."""
    pieces = vocabulary.pieces
    steps = [
        {
            "piece": pieces([step.token])[0],
            "probability": round(step.probability, 5),
            "candidates": [
                {"piece": pieces([token])[0], "probability": round(share, 5)}
                for token, share in step.candidates
            ],
            "attention": [round(float(share), 4) for share in step.attention[:read]],
        }
        for step in text.steps
    ]
    return {"text": vocabulary.decode(text.tokens), "score": round(text.score, 4), "steps": steps}
