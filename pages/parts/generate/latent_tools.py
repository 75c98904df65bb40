"""What to do with latent vectors: that of an image, the interpolation between two images, class arithmetic."""

from __future__ import annotations

import numpy as np
import streamlit as st

from dlcore.models import ModelInfo
from pages.parts.generate.class_arithmetic import class_arithmetic
from pages.parts.generate.interpolation import interpolation
from pages.parts.generate.latent_picture import picture
from pages.parts.generate.latent_state import State
from pages.parts.widgets import one_of


def tools(info: ModelInfo, state: State, label: str | None, now: np.ndarray) -> None:
    """Draw one of the three; ``now`` is what the latent vector decodes to."""
    parts = {"A picture": picture, "Interpolation": interpolation, "Class arithmetic": class_arithmetic}
    if len(info.recipe.dataset.classes) < 2:
        del parts["Class arithmetic"]
    st.divider()
    chosen = one_of("With the latent vector", list(parts), "generate.tool", label_visibility="collapsed")
    parts.get(chosen, picture)(info, state, label, now)
