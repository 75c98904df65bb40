"""The product speaks the language of its field: private words for its terms do not come back."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
INSTEAD = {
    r"wish(es)?": "request, options",
    r"untold|told (the )?class(es)?": "conditional, unconditional",
    r"judgements?|judging|judged": "evaluate, classify, discriminate",
    r"forge[drs]?|forger(y|ies)": "generate, generator",
    r"latent numbers?": "latent vector, latent dimensions",
    r"what it takes for what": "confusion matrix",
    r"class by class": "per-class metrics",
    r"so many (tokens|seconds|epochs|pixels)": "the number of",
    r"held? against": "compare with",
    r"shall": "should, must",
    r"for want of": "without, because … is missing",
}
"""What is not written, as a pattern, and what is written instead."""
FILES = sorted(
    path
    for pattern in (
        "dlcore/**/*.py",
        "pages/**/*.py",
        "pages/**/*.js",
        "bench/**/*.py",
        "docs/*.md",
        "README.md",
    )
    for path in ROOT.glob(pattern)
    if path.name != "sentiment_grammar.py" and "vendor" not in path.parts  # reviews, and code of others
)


def test_the_fields_own_words_are_used():
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {match[0]!r}; write {better}"
        for path in FILES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for pattern, better in INSTEAD.items()
        if (match := re.search(rf"\b({pattern})\b", line, re.IGNORECASE))
    ]
    assert not wrong, "\n".join(wrong)
