"""Every case gives what its README says."""

from __future__ import annotations

import pytest
from cases import FOLDERS, LATER, images, tables, text

CHECKS = images.CHECKS | tables.CHECKS | text.CHECKS


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_a_case_gives_what_its_readme_says(name):
    if name in LATER:
        pytest.skip(LATER[name])
    CHECKS[name](FOLDERS[name])


def test_every_case_is_checked_or_listed_as_one_of_later():
    assert set(FOLDERS) <= CHECKS.keys() | LATER.keys()
    assert not CHECKS.keys() & LATER.keys()
