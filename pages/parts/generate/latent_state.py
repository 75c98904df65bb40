"""What the tools of the latent room share: the vector that is looked at, and answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from dlcore.charts.thumbnails import png
from dlcore.models import ModelInfo
from pages.parts.plain import plain
from pages.parts.request import request

EXAMPLES = 10
State = dict[str, Any]
"""``z`` the latent vector; ``version``, one more each time it is set by anything but the pad; ``look``, a
place on the plane under the pointer; ``request``, an image to encode; ``input``, the encoded one."""


def put(state: State, z: Any) -> None:
    """Set the latent vector from elsewhere than the pad."""
    state["z"] = [float(value) for value in z]
    state["look"] = None
    state["version"] += 1


def side_by_side(shown: Sequence[tuple[np.ndarray, str]]) -> None:
    """Images with a line below each; on a phone the row wraps."""
    with st.container(horizontal=True):
        for pixels, words in shown:
            with st.container(width=160):
                st.image(png(pixels, 224), caption=plain(words), alt=words, width="stretch")


def unanswered(answer: Any) -> bool:
    """Whether there is no answer; an error is shown."""
    if isinstance(answer, dict) and "error" in answer:
        st.error(plain(answer["error"]), icon=":material/error:")
        return True
    return answer is None


def examples_of(info: ModelInfo) -> dict[str, Any] | None:
    examples = request("test_examples", model=info.name, count=EXAMPLES)
    return None if unanswered(examples) else examples
