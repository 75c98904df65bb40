"""The English prose of Python's own language reference, which comes with Python as the module pydoc_data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache


@lru_cache(maxsize=1)
def python_docs() -> str:
    """The prose of the Python that runs this; other versions have a little more or less."""
    from pydoc_data.topics import topics

    return prose(topics)


@lru_cache(maxsize=1)
def characters() -> int:
    """How many different ones there are in it."""
    return len({*python_docs()})


def prose(topics: Mapping[str, str]) -> str:
    """The paragraphs that are sentences, one a line and each once: no grammar, no headings, no code."""
    lines = []
    for topic in topics.values():
        for paragraph in re.split(r"\n\s*\n", topic):
            line = " ".join(paragraph.split())
            sentences = re.fullmatch(r"[\"'‘“(*]*[A-Z].*[.:?!][\"')*]*", line)
            words = len(re.findall(r"\b[a-z]+\b", line))
            if sentences and words >= 8 and not re.search(r"::=|>>>|\.\.\. ", line):
                lines.append(line)
    return "\n".join(dict.fromkeys(lines)) + "\n"
