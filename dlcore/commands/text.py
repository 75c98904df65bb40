"""Commands on text. Keras is imported once all that can be wrong before has been looked at."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from dlcore.commands.common import Mistake, Options, argument, command, quiet_jobs, show
from dlcore.language.catalog import Task, TextModel
from dlcore.language.files import CheckpointError
from dlcore.models import UnknownModel
from dlcore.runs.store import open_store
from dlcore.settings import settings
from dlcore.uploads.text_table import TableError, text_lines

if TYPE_CHECKING:
    from dlcore.language.sampling import Sampling

ANY_MODEL = "a shipped model, a Hugging Face Hub name, or a folder with a checkpoint"


def _text_model(model: str, task: Task) -> TextModel:
    """The network called so; downloaded, with a count of its bytes, where it is not at hand."""
    from dlcore.language.catalog import find
    from dlcore.language.checkpoint import read_config
    from dlcore.language.hub import HubError, download

    def report(done: int, total: int) -> None:
        print(f"\r{done / 1e6:.0f} of {total / 1e6:.0f} MB", end="", file=sys.stderr, flush=True)

    try:
        info = find(model, task, store=open_store(), allow_folders=True)
        if info.trained is None:
            folder = info.folder or download(info.name, report)
            read_config(folder)
            info = replace(info, folder=folder)
        return info
    except (UnknownModel, HubError, CheckpointError) as error:
        raise Mistake(str(error)) from error


@command(
    "is a text positive or negative?",
    argument("texts", nargs="*", help="texts, each in quotes"),
    argument("--file", help="a file with one text a line, - for standard input"),
    argument("--model", default="sentiment", help=ANY_MODEL),
)
def sentiment(options: Options) -> None:
    texts = list(options.texts)
    if options.file:
        try:
            standard = options.file == "-"
            data = sys.stdin.buffer.read() if standard else Path(options.file).read_bytes()
        except OSError as error:
            raise Mistake(f"{options.file}: {error.strerror}") from error
        try:
            lines, note = text_lines(data)
        except TableError as error:
            raise Mistake(f"{options.file}: {error}") from error
        if note:
            print(f"dlcore: {options.file}: {note}", file=sys.stderr)
        texts += lines
    if not texts:
        raise Mistake("sentiment: expected a text, or --file FILE")
    quiet_jobs()
    model = _text_model(options.model, "sentiment")
    from dlcore.language.jobs import text_classifier

    try:
        answers = text_classifier(model).classify(texts)
    except (CheckpointError, UnknownModel) as error:
        raise Mistake(str(error)) from error
    for row in answers:
        answer = f"{row['score']:.1%}" if row["value"] is None else f"{row['value']:.4g}"
        show(options, row, f"{row['label']:9} {answer}  {row['text']}")
        if row["note"] and not options.json:
            print(f"dlcore: {row['note']}", file=sys.stderr)


@command(
    "write on",
    argument("prompt", help="the beginning, in quotes"),
    argument("--model", default="storyteller-gpt", help=ANY_MODEL),
    argument("--tokens", type=int, default=60, help="how many to write"),
    argument("--temperature", type=float, default=0.8, help="0: always the likeliest"),
    argument("--top-k", type=int, default=0, help="0: draw among all tokens"),
    argument("--top-p", type=float, default=0.95, help="share of probability to draw from"),
    argument("--repetition-penalty", type=float, default=1.0, help="1: none"),
    argument("--beams", type=int, default=1, help="above 1: beam search, no drawing"),
    argument("--samples", type=int, default=1, help="how many texts"),
    argument("--seed", type=int, default=0),
    argument("--stop", action="append", default=[], help="end where this text appears"),
)
def generate(options: Options) -> None:
    how = _sampling(options)
    quiet_jobs()
    model = _text_model(options.model, "generation")
    from dlcore.language.beams import Beams, search
    from dlcore.language.jobs import writer_of

    try:
        network = writer_of(model)
        prompt = network.encode(options.prompt)
    except (CheckpointError, UnknownModel) as error:
        raise Mistake(str(error)) from error
    stop = tuple(text for text in options.stop if text)
    if options.beams > 1:
        beams = search(network, Beams.start(prompt, options.beams), tokens=options.tokens, stop=stop)
        written = [row[len(prompt) :] for row in beams.texts[: options.samples]]
    else:
        alone = options.samples == 1 and not options.json
        typist = Typist(options.prompt, partial(network.continuation, prompt)) if alone else None
        written = network.write(
            [prompt] * options.samples,
            how,
            seed=options.seed,
            tokens=options.tokens,
            stop=stop,
            on_token=typist and typist.on_token,
        )["tokens"]
        if typist:
            typist.end()
            return
    for tokens in written:
        text = network.continuation(prompt, tokens)
        about = {
            "prompt": options.prompt,
            "text": options.prompt + text,
            "continuation": text,
            "tokens": len(tokens),
            "model": options.model,
        }
        show(options, about, options.prompt + text)


def _sampling(options: Options) -> Sampling:
    """How tokens are drawn. Raises Mistake where this or another number is out of its range."""
    from pydantic import ValidationError

    from dlcore.language.sampling import Sampling

    limit = settings().max_tokens
    ranges = (("tokens", 1, limit), ("samples", 1, 16), ("beams", 1, 16), ("seed", 0, 2**31 - 1))
    for name, low, high in ranges:
        value = getattr(options, name)
        if not low <= value <= high:
            raise Mistake(f"--{name}: expected {low} to {high}, received {value}")
    if 1 < options.beams < options.samples:
        raise Mistake(
            f"--samples: expected at most as many as --beams, {options.beams}, received {options.samples}"
        )
    try:
        return Sampling(**{name: getattr(options, name) for name in Sampling.model_fields})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise Mistake(f"--{name}: {first['msg']}, received {first['input']}") from error


class Typist:
    """One text that goes out as it is written, but for a character that is not whole yet."""

    def __init__(self, prompt: str, continuation: Callable[[list[int]], str]):
        self.continuation = continuation
        self.row: list[int] = []
        self.printed = 0
        print(prompt, end="", flush=True)

    def on_token(self, new: list[int]) -> None:
        self.row.append(new[0])
        text = self.continuation(self.row).rstrip("\ufffd")
        print(text[self.printed :], end="", flush=True)
        self.printed = max(self.printed, len(text))

    def end(self) -> None:
        print(self.continuation(self.row)[self.printed :])
