"""What pages may ask of text networks; part of :mod:`dlcore.jobs`, and like it plain data in and out."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.cache import Cache
from dlcore.fetching import Fetching
from dlcore.language.catalog import Task, TextModel, find
from dlcore.language.hub import HubError, download, size
from dlcore.language.sampling import Sampling
from dlcore.models import UnknownModel
from dlcore.runs.store import open_store

_loaded = Cache()
downloads = Fetching()


def writer(model: str, task: Task = "generation") -> Any:
    """The loaded decoder of a name: of a checkpoint at hand, or of a network that was trained here."""
    return writer_of(find(model, task, store=open_store()))


def writer_of(model: TextModel) -> Any:
    """The same of what the catalogue has found, from memory where it has been used lately."""

    def make() -> Any:
        if model.trained:
            from dlcore.language.trained_writer import writer_of_run

            return writer_of_run(open_store(), model.trained)
        from dlcore.language.generation import Writer

        assert model.folder  # it is at hand
        return Writer.load(model.folder)

    if not model.at_hand:
        raise UnknownModel(f"model: {model.name} has not been downloaded yet")
    key = model.folder or (model.name, model.trained and model.trained.version)
    return _loaded.of(key, make, lambda network: 4 * network.model.count_params())


def fetch(model: str, task: Task) -> dict[str, Any]:
    """Begin to download a model from the Hub, or tell how far that is: see :meth:`Fetching.look`."""
    info = find(model, task)
    return downloads.look(info.name, info.at_hand, lambda report: download(info.name, report))


def model_size(model: str, task: Task) -> dict[str, Any]:
    """Bytes to ``download`` and bytes of ``memory``; ``{"error": …}`` where the Hub gives none."""
    try:
        sizes = size(find(model, task).name)
    except HubError as error:
        return {"error": str(error)}
    return {"download": sizes.download, "memory": sizes.memory}


def tokenize(model: str, text: str) -> dict[str, Any]:
    """How the model's tokenizer cuts a prompt: ``tokens`` and, beside each, its piece of the text."""
    network = writer(model)
    tokens = network.encode(text)
    return {"tokens": tokens, "pieces": network.pieces(tokens), "context": network.context}


def chat_prompt(model: str, messages: list[dict[str, str]], reply: int) -> dict[str, Any]:
    """A conversation as the network reads it: see :func:`dlcore.language.chat.prompt`; with the ``context``."""
    from dlcore.language.chat import prompt

    network = writer(model, "chat")
    return prompt(network, messages, reply)._asdict() | {"context": network.context}


def write(
    model: str,
    rows: list[list[int]],
    how: dict[str, Any],
    seed: int,
    samples: list[int],
    tokens: int,
    seconds: float,
    stop: list[str],
    begin: int,
) -> dict[str, Any]:
    """A slice of writing: see :meth:`dlcore.language.generation.Writer.write`.

    For each row and new token: ``token``, ``piece``, ``probability`` and ``candidates``, each with
    the same three.
    """
    network = writer(model)
    result = network.write(
        rows,
        Sampling.model_validate(how),
        seed=seed,
        samples=samples,
        tokens=tokens,
        seconds=seconds,
        stop=tuple(stop),
        begin=begin,
    )
    added = []
    for row, new, options in zip(rows, result["tokens"], result["candidates"], strict=True):
        so_far, steps = list(row), []
        for token, piece, top in zip(new, network.pieces(row + new, len(row)), options, strict=True):
            candidates = [
                {"token": other, "piece": network.piece(so_far, other), "probability": chance}
                for other, chance in top
            ]
            steps.append(
                {"token": token, "piece": piece, "probability": dict(top)[token], "candidates": candidates}
            )
            so_far.append(token)
        added.append(steps)
    return {"rows": added, "ended": result["ended"], "seconds": result["seconds"]}


def beam_search(
    model: str, beams: dict[str, Any], tokens: int, seconds: float, stop: list[str]
) -> dict[str, Any]:
    """A slice of a beam search: see :mod:`dlcore.language.beams`. ``beams`` is what the slice before
    returned, or ``{"prompt": [...], "count": n}``; ``texts`` are the best so far, with their pieces."""
    from dlcore.language.beams import Beams, search

    network = writer(model)
    state = Beams.start(beams["prompt"], beams["count"]) if "prompt" in beams else Beams(**beams)
    state = search(network, state, tokens=tokens, seconds=seconds, stop=tuple(stop))
    return {
        "beams": state._asdict(),
        "rows": [
            [
                {"token": token, "piece": piece}
                for token, piece in zip(row[state.begin :], network.pieces(row, state.begin), strict=True)
            ]
            for row in state.texts
        ],
        "scores": [score for score, _ in state.done] if state.over else state.scores,
    }


def next_token(model: str, tokens: list[int], top: int = 400) -> dict[str, Any]:
    """What could follow ``tokens``: all logits (half precision), and the pieces of the likeliest."""
    network = writer(model)
    logits = network.logits([tokens])[0]
    order = np.argsort(-logits, kind="stable")[:top]
    return {
        "logits": logits.astype("float32"),
        "pieces": {int(i): network.piece(tokens, int(i)) for i in order},
    }


def attention(model: str, tokens: list[int]) -> np.ndarray:
    """What the last of ``tokens`` looked at, float32 (layers, heads, tokens in the window)."""
    weights: np.ndarray = writer(model).attention(tokens)
    return weights


def sentiment(model: str, texts: list[str]) -> list[dict[str, Any]]:
    """See :meth:`dlcore.language.classifier.Classifier.classify`."""
    return text_classifier(find(model, "sentiment", store=open_store())).classify(texts)


def explain_sentiment(model: str, text: str) -> dict[str, Any]:
    """See :func:`dlcore.language.attribution.explain`."""
    from dlcore.language.attribution import explain

    return explain(text_classifier(find(model, "sentiment", store=open_store())), text)


def text_classifier(model: TextModel) -> Any:
    """The :class:`~dlcore.language.classifier.Classifier` of what the catalogue has found."""
    if model.trained:
        from dlcore.language.trained_classifier import trained

        return trained(open_store(), model.trained)
    if model.folder is None:
        raise UnknownModel(f"model: {model.name} has not been downloaded yet")
    from dlcore.language.sentiment import reader

    return reader(model.folder)
