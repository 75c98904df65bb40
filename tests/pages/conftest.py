"""Pages in one process with TensorFlow."""

from __future__ import annotations

import gc

import pytest


@pytest.fixture(autouse=True)
def only_new_objects_are_collected() -> None:
    """Streamlit collects garbage after every run of a script, among a million objects of TensorFlow's."""
    gc.freeze()
