"""Exported scripts run with Keras alone: a process of their own, without dlcore on its path."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def run_alone(runner: str, scripts: dict[str, str], folder: Path) -> str:
    """What ``runner`` prints, a program that reads the scripts as JSON from its standard input, run in a folder."""
    ended = subprocess.run(
        [sys.executable, "-c", runner],
        input=json.dumps(scripts),
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return ended.stdout
