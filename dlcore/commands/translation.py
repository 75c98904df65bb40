"""The command that translates. Keras is imported once all that can be wrong before has been looked at."""

from __future__ import annotations

import sys

from dlcore.commands.common import (
    MODEL,
    Mistake,
    Options,
    argument,
    command,
    quiet_jobs,
    quiet_libraries,
    show,
)

MOST_BEAMS = 8


@command(
    "write the text that belongs to another",
    argument("texts", nargs="+", help="texts, each in quotes"),
    argument("--model", default="dates-seq2seq", help=MODEL),
    argument("--beams", type=int, default=1, help="above 1: beam search, the best so many texts"),
)
def translate(options: Options) -> None:
    from dlcore.models import UnknownModel

    if not 1 <= options.beams <= MOST_BEAMS:
        raise Mistake(f"--beams: expected 1 to {MOST_BEAMS}, received {options.beams}")
    jobs = quiet_jobs()
    for text in options.texts:
        try:
            with quiet_libraries():
                answer = jobs.translate(options.model, text, options.beams)
        except UnknownModel as error:
            raise Mistake(str(error)) from error
        written = [{"text": one["text"], "score": one["score"]} for one in answer["texts"]]
        about = {"source": text, "model": options.model, "texts": written}
        show(options, about, "\n".join(one["text"] for one in written))
        if answer["note"] and not options.json:
            print(f"dlcore: {answer['note']}", file=sys.stderr)
