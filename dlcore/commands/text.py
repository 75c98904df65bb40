"""Commands on text. Keras is imported once all that can be wrong before has been looked at."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from dlcore.commands.common import Mistake, Options, quiet_jobs, show
from dlcore.language.catalog import Task, TextModel
from dlcore.language.files import CheckpointError
from dlcore.models import UnknownModel
from dlcore.runs.store import open_store
from dlcore.settings import settings
from dlcore.uploads.text_table import TableError, text_lines


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


def generate(options: Options) -> None:
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
    stop = tuple(text for text in options.stop if text)
    try:
        how = Sampling(
            temperature=options.temperature,
            top_k=options.top_k,
            top_p=options.top_p,
            repetition_penalty=options.repetition_penalty,
        )
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).replace("_", "-")
        raise Mistake(f"--{name}: {first['msg']}, received {first['input']}") from error
    quiet_jobs()
    model = _text_model(options.model, "generation")
    from dlcore.language.beams import Beams, search
    from dlcore.language.jobs import writer_of

    try:
        network = writer_of(model)
        prompt = network.encode(options.prompt)
    except (CheckpointError, UnknownModel) as error:
        raise Mistake(str(error)) from error
    if options.beams > 1:
        beams = search(network, Beams.start(prompt, options.beams), tokens=options.tokens, stop=stop)
        written = [row[len(prompt) :] for row in beams.texts[: options.samples]]
    else:
        alone = options.samples == 1 and not options.json
        row: list[int] = []
        printed = 0

        def on_token(new: list[int]) -> None:
            """One text goes out as it is written, but for a character that is not whole yet."""
            nonlocal printed
            row.append(new[0])
            text = network.continuation(prompt, row).rstrip("\ufffd")
            print(text[printed:], end="", flush=True)
            printed = max(printed, len(text))

        if alone:
            print(options.prompt, end="", flush=True)
        written = network.write(
            [prompt] * options.samples,
            how,
            seed=options.seed,
            tokens=options.tokens,
            stop=stop,
            on_token=on_token if alone else None,
        )["tokens"]
        if alone:
            print(network.continuation(prompt, row)[printed:])
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
