"""The command line: ``python -m dlcore COMMAND``. Everything a page can do, scriptable.

``--json`` prints one JSON document per result on standard output; messages go to standard error. The exit
status is 0 on success, 2 on a user's mistake (one line says which) and 1 where something else failed.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any, NoReturn

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow's greetings are no messages of ours

from dlcore.settings import SettingError

try:
    from dlcore import commands
    from dlcore.commands import Mistake
    from dlcore.runs.database import StoreError
except SettingError as mistake:  # two extensions of one name
    print(f"dlcore: {mistake}", file=sys.stderr)
    sys.exit(2)


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Mistake(f"{message} (python -m dlcore --help lists the commands)")


def main(arguments: list[str] | None = None) -> int:
    try:
        options = _parser().parse_args(arguments)
        result: int | None = options.action(options)
        return result or 0
    except (Mistake, SettingError) as mistake:
        print(f"dlcore: {mistake}", file=sys.stderr)
        return 2
    except StoreError as error:
        print(f"dlcore: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `| head` has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="dlcore", description=__doc__)
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)

    def command(name: str, action: Any, help: str) -> argparse.ArgumentParser:
        sub = subparsers.add_parser(name, help=help, description=help)
        sub.set_defaults(action=action)
        if name != "engine":
            sub.add_argument("--json", action="store_true", help="print JSON")
        return sub

    sub = command("datasets", commands.datasets, "list the data sets, or make one of your own")
    sub.add_argument(
        "--pictures",
        metavar="PATH",
        nargs="+",
        help="make a data set of picture files, zips or a folder with a folder for each class",
    )
    sub.add_argument("--side", type=int, default=28, help="cut the pictures to 16, 28 or 32 pixels")
    sub.add_argument("--colour", action="store_true", help="keep their colours")
    sub.add_argument(
        "--table", metavar="FILE", help="make a data set of a CSV file: predict one column from others"
    )
    sub.add_argument("--target", metavar="COLUMN", default="", help="of a table: the column to predict")
    sub.add_argument(
        "--series", metavar="FILE", help="make a data set of a CSV file: predict what comes next"
    )
    sub.add_argument(
        "--texts",
        metavar="FILE",
        help="make a data set of a CSV file, or of a zip of folders: texts in classes",
    )
    sub.add_argument("--text", metavar="COLUMN", default="", help="of texts: their column")
    sub.add_argument("--label", metavar="COLUMN", default="", help="of texts: the column of labels")
    sub.add_argument("--predict", metavar="COLUMN", default="", help="of a series: the column to predict")
    sub.add_argument("--window", type=int, default=0, help="of a series: rows that are seen")
    sub.add_argument("--horizon", type=int, default=1, help="of a series: rows that are predicted")
    sub.add_argument(
        "--pairs", metavar="FILE", help="make a data set of two columns of a CSV or TSV file, to translate"
    )
    sub.add_argument("--columns", metavar="NAME", nargs=2, help="of --pairs: what is read, what is written")
    command("architectures", commands.architectures, "list the architectures and their fields")
    command("models", commands.models, "list the shipped models and the finished runs")
    sub = command("describe", commands.describe, "layers, shapes, parameters, FLOPs, memory")
    sub.add_argument("recipe", help="a recipe's JSON file, - for standard input")
    sub = command("train", commands.train, "train a recipe here and now")
    sub.add_argument("recipe", help="a recipe's JSON file, - for standard input")
    sub.add_argument("--name", default="", help="what to call the run")
    sub = command("runs", commands.runs, "list the runs, or show one with its metrics")
    sub.add_argument("run", nargs="?", help="a run's id")
    sub.add_argument("--share", action="store_true", help="let every visitor of the app see this run")
    sub = command("evaluate", commands.evaluate, "the metrics of a model on a test split")
    sub.add_argument("model", help="a shipped model, a run's id or name")
    sub.add_argument("--dataset", help="another data set with the same shape and classes")
    sub = command("classify", commands.classify, "label pictures")
    sub.add_argument("images", nargs="+", help="picture files")
    sub.add_argument("--model", default="digits-cnn", help="a shipped model, a run's id or name")
    sub.add_argument("--top", type=int, default=5, help="how many labels")
    sub.add_argument(
        "--labels",
        choices=["folder"],
        help="folder: each picture's folder is its true class; prints the accuracy",
    )
    sub = command("sentiment", commands.sentiment, "is a text positive or negative?")
    sub.add_argument("texts", nargs="*", help="texts, each in quotes")
    sub.add_argument("--file", help="a file with one text a line, - for standard input")
    _text_model(sub, "sentiment")
    sub = command("generate", commands.generate, "write on")
    sub.add_argument("prompt", help="the beginning, in quotes")
    _text_model(sub, "storyteller-gpt")
    sub.add_argument("--tokens", type=int, default=60, help="how many to write")
    sub.add_argument("--temperature", type=float, default=0.8, help="0: always the likeliest")
    sub.add_argument("--top-k", type=int, default=0, help="0: draw among all tokens")
    sub.add_argument("--top-p", type=float, default=0.95, help="share of probability to draw from")
    sub.add_argument("--repetition-penalty", type=float, default=1.0, help="1: none")
    sub.add_argument("--beams", type=int, default=1, help="above 1: beam search, no drawing")
    sub.add_argument("--samples", type=int, default=1, help="how many texts")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--stop", action="append", default=[], help="end where this text appears")
    sub = command("translate", commands.translate, "write the text that belongs to another")
    sub.add_argument("texts", nargs="+", help="texts, each in quotes")
    sub.add_argument("--model", default="dates-seq2seq", help="a shipped model, a run's id or name")
    sub.add_argument("--beams", type=int, default=1, help="above 1: beam search, the best so many texts")
    sub = command("sample", commands.sample, "examples of a generative model")
    sub.add_argument("model", help="a shipped model, a run's id or name")
    sub.add_argument("--count", type=int, default=16, help="how many")
    sub.add_argument("--seed", type=int, default=0, help="the same seed gives the same examples")
    sub.add_argument("--out", default="samples.png", help="a PNG file; for points also a CSV file")
    sub.add_argument("--label", help="the class of all of them; without, all classes in turn")
    sub.add_argument("--truncation", type=float, help="below 1: more typical; as the card advises")
    sub.add_argument("--steps", type=int, help="diffusion: steps from noise to example")
    sub.add_argument("--sampler", choices=["ddim", "ddpm"], help="diffusion: how it steps")
    sub.add_argument("--eta", type=float, help="diffusion: fresh noise in DDIM, 0 to 1")
    sub.add_argument(
        "--guidance",
        type=float,
        help="of diffusion and a class-conditional VAE: how strongly the class counts",
    )
    sub = command("code", commands.code, "the recipe as Keras code")
    sub.add_argument("recipe", help="a recipe's JSON file, - for standard input")
    sub.add_argument("--format", choices=["script", "notebook"], default="script")
    sub = command("engine", commands.engine, "run the compute engine, for a lab")
    sub.add_argument("--listen", default="", help="address, such as tls://0.0.0.0:8786")
    sub.add_argument("--workers", type=int, default=1, help="worker processes")
    command("doctor", commands.doctor, "device, versions, memory, caches, store, engine")
    return parser


def _text_model(sub: argparse.ArgumentParser, default: str) -> None:
    sub.add_argument(
        "--model",
        default=default,
        help="a shipped model, a Hugging Face Hub name, or a folder with a checkpoint",
    )


if __name__ == "__main__":
    sys.exit(main())
