"""The command line: ``python -m dlcore COMMAND``. Everything a page can do, scriptable.

``--json`` prints one JSON document per result on standard output; messages go to standard error. The exit
status is 0 on success, 2 on a user's mistake (one line says which) and 1 where something else failed.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import NoReturn

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

    for command in commands.COMMANDS:
        name = command.action.__name__
        sub = subparsers.add_parser(name, help=command.help, description=command.help)
        sub.set_defaults(action=command.action)
        for names, options in command.arguments:
            sub.add_argument(*names, **options)
    return parser


if __name__ == "__main__":
    sys.exit(main())
