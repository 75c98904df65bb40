"""``python -m bench [NAME…] [--print]``: run the benchmarks and note what came out in docs/performance.md."""

from __future__ import annotations

import argparse
import importlib
import sys

from bench import report

NAMES = (
    "first_paint",
    "slider",
    "deep",
    "memory",
    "data",
    "live",
    "store",
    "training",
    "training_text",
    "text",
    "redraw",
    "generate",
    "sessions",
    "classify",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--print", action="store_true", help="leave the page as it is")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"expected {', '.join(NAMES)}; received {', '.join(sorted(unknown))}")
    missed = 0
    for name in options.names or NAMES:
        print(f"{name} …", file=sys.stderr)
        results = importlib.import_module(f"bench.{name}").measure()
        print(report.table(results), flush=True)
        missed += sum(result.met is False for result in results)
        if not options.print:
            report.write(name, results)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
