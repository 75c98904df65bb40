"""Own images: what is right for each case."""

from __future__ import annotations

from cases import Check

CHECKS: dict[str, Check] = {}
