"""Inputs on which the product once failed: one folder a case, whose README says what is right.

``tests/fixtures/cases`` holds copies of the small ones; a folder ``shared/cases`` beside the repository, where
there is one, holds them all and comes first. ``images.py``, ``tables.py`` and ``text.py`` say how a case is checked.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

Check = Callable[[Path], None]
"""Called with a case's folder, whole or in part: a copy may lack what is too large for the repository."""

TESTS = Path(__file__).resolve().parents[1]
FOLDERS = {
    folder.name: folder
    for root in (TESTS / "fixtures" / "cases", TESTS.parents[1] / "shared" / "cases")
    if root.is_dir()
    for folder in sorted(root.iterdir())
    if folder.is_dir()
}

LATER = {
    "42-next-wav-forms": "sounds are a feature to come",
    "46-next-h5-groups": "reading Keras files is a feature to come",
    "48-next-exif-boxes": "boxes in images are a feature to come",
}
"""Cases that nothing checks yet, and why."""
