"""One Tab stop for many buttons of a component: its text goes before the component's own."""

from __future__ import annotations

from pathlib import Path

ROVING = Path(__file__).with_suffix(".js").read_text()
