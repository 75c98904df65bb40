"""Files that an installed package brings, found without importing it (scikit-learn: 1 s and 90 MB)."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def packaged(package: str, *parts: str) -> Path:
    """The path of a file within an installed package."""
    spec = importlib.util.find_spec(package)
    assert spec is not None and spec.submodule_search_locations, f"{package} is missing"
    return Path(spec.submodule_search_locations[0]).joinpath(*parts)
