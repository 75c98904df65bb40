"""Text that somebody else wrote: names of data sets, runs, models, classes and files, and messages about them.

Streamlit reads Markdown wherever it shows text, with LaTeX, icons, links and images, also in labels,
captions and buttons. Whatever is no sentence of ours goes through :func:`plain` before it is shown there.
Where Streamlit shows text as it is (``st.text``, ``st.code``, ``st.dataframe``, options of a
``st.selectbox``, ``alt``, ``placeholder``) nothing has to be done.
"""

from __future__ import annotations

import re

MARKS = re.compile(r"[\\`*_\[\]<$~&]|^(?:\d+(?=[.)]))?[#>+=.)-]")
"""What Markdown and LaTeX begin with, anywhere and at the beginning."""
REPLACED = re.compile(r"(?<=[:@])(?=\S)|(?<=www)(?=\.)|(?<=[<>~-])(?=[->=])", re.IGNORECASE)
"""Where Streamlit would put in an emoji, an icon, a link or an arrow after Markdown has been read."""
TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
JOINER = "\N{WORD JOINER}"


def plain(text: object) -> str:
    """The text on one line, to be shown as it is where Streamlit reads Markdown.

    Controls and marks that turn the direction of writing go: they could make a name look like another.
    """
    line = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]", " ", TURNS.sub("", str(text))).split())
    return MARKS.sub(lambda mark: f"{mark[0][:-1]}\\{mark[0][-1]}", REPLACED.sub(JOINER, line))
