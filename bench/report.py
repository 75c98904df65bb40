"""Results as tables in docs/performance.md, one for each benchmark, between markers of their own."""

from __future__ import annotations

import importlib.metadata
import platform
import re
import time
from pathlib import Path

import psutil

from bench.result import Result
from bench.servers import ROOT

PAGE = ROOT / "docs" / "performance.md"


def table(results: list[Result]) -> str:
    lines = ["| what | limit | measured | verdict |", "|---|---|---|---|"]
    lines += [f"| {r.what} | {r.limit} | {r.measured} | {r.verdict} |" for r in results]
    return "\n".join(lines)


def write(name: str, results: list[Result]) -> None:
    """Replace what stands between the benchmark's markers; a new benchmark comes to the end."""
    text = PAGE.read_text()
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    block = f"{begin}\n{table(results)}\n\n{machine()}\n{end}"
    if begin in text:
        text = re.sub(f"{re.escape(begin)}.*?{re.escape(end)}", lambda _: block, text, flags=re.S)
    else:
        text = f"{text.rstrip()}\n\n{block}\n"
    PAGE.write_text(text)


def machine() -> str:
    """Where and with what this was measured, in one line."""
    memory = psutil.virtual_memory().total / 2**30
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}"
        for name in ("streamlit", "keras", _tensorflow(), "distributed")
    )
    return (
        f"*{time.strftime('%Y-%m-%d')}, {_processor()}, {psutil.cpu_count()} cores, {memory:.0f} GB, "
        f"load {psutil.getloadavg()[0]:.1f} from everything on it; "
        f"Python {platform.python_version()}, {versions}*"
    )


def _tensorflow() -> str:
    """The CPU build is a package of another name."""
    try:
        importlib.metadata.version("tensorflow-cpu")
    except importlib.metadata.PackageNotFoundError:
        return "tensorflow"
    return "tensorflow-cpu"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor() or platform.machine()
    match = re.search(r"model name\s*: (.*)", text)
    return match[1].strip() if match else platform.machine()
