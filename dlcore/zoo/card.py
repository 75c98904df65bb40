"""The card of a network that ships, and what every training of one begins with."""

from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any


def begin(folder: Path) -> float:
    """Set the seed and half precision; the time at which the training begins."""
    import keras

    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("mixed_bfloat16")
    folder.mkdir(parents=True, exist_ok=True)
    return time.perf_counter()


def trained(name: str, on: str, seconds: float, data: str = " --data FOLDER", **more: Any) -> dict[str, Any]:
    """What the card says of the training."""
    minutes, command = round(seconds / 60, 1), f"python -m dlcore.zoo.train {name}{data}"
    return {"on": on, "minutes": minutes, **more, "date": date.today().isoformat(), "command": command}


def read(folder: Path) -> dict[str, Any]:
    path = folder / "card.json"
    card: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return card


def note(folder: Path, **more: Any) -> None:
    """Write into the card; what only people can write (data, limits) is there already, and stays."""
    card = read(folder) | more
    (folder / "card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    if "metrics" in more:
        print(more["metrics"])
