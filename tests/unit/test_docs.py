"""Documentation that leaves something out is wrong: every setting, command and page is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dlcore import models
from dlcore.__main__ import _parser
from pages.parts.shell import PAGES

ROOT = Path(__file__).parents[2]
DOCS = {path.stem: path.read_text() for path in (ROOT / "docs").glob("*.md")}


def test_every_setting_is_documented():
    source = (ROOT / "dlcore" / "settings.py").read_text()
    names = re.findall(r'_(?:text|whole)\(\s*"([A-Z_]+)"', source)
    assert len(names) > 10
    missing = [name for name in names if f"DLCORE_{name}`" not in DOCS["deploy"]]
    assert not missing


def test_every_command_is_documented():
    (commands,) = [a for a in _parser()._actions if getattr(a, "choices", None)]
    missing = [name for name in commands.choices if f"`{name}" not in DOCS["command-line"]]
    assert set(missing) <= {"architectures", "models"}, missing
    assert all(f"`{name}`" in DOCS["command-line"] for name in missing)


@pytest.mark.parametrize("page", sorted(set(PAGES) - {"home"}))
def test_every_page_has_its_own_with_a_screenshot(page: str):
    assert f"screenshots/{page}.png" in DOCS[page]
    assert (ROOT / "docs" / "screenshots" / f"{page}.png").stat().st_size > 20_000


def test_the_shipped_generative_networks_stand_there_with_their_cards_numbers():
    for info in models.shipped():
        if info.recipe.generative:
            metrics = info.card["metrics"]
            row = f"| `{info.name}` | {metrics['confident']:.1%} | {metrics['rarest']:.1%} | {metrics['frechet']:.2f} |"
            assert row in DOCS["generate"]


def test_links_between_documents_lead_somewhere():
    for path in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
            if "://" not in target:
                assert (path.parent / target).exists(), f"{path.name}: {target}"
