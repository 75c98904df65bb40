"""How alike written texts and true ones are: chrF (Popović 2015) and BLEU (Papineni et al. 2002).

Both are those of sacreBLEU (Post 2018) with its usual settings, of a whole corpus: chrF2 of up to six characters without
spaces; BLEU of up to four words, cut by mteval's rule 13a, smoothed "exp". From 0 to 100.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

CHARACTERS, WORDS = 6, 4
RECALL = 2
"""How much more chrF weighs recall than precision (β)."""
Count = tuple[int, int, int]
"""Of n-grams: those written, those of the truth, those in both."""


def chrf(written: Sequence[str], true: Sequence[Sequence[str]]) -> float:
    """chrF2 of texts, each with one truth or several, of which the most alike counts."""
    totals = [[0, 0, 0] for _ in range(CHARACTERS)]
    for text, truths in zip(written, true, strict=True):
        counts = max((_characters(text, truth) for truth in truths), key=_f_score)
        for total, count in zip(totals, counts, strict=True):
            total[:] = [a + b for a, b in zip(total, count, strict=True)]
    return 100 * _f_score([(a, b, c) for a, b, c in totals])


def _characters(text: str, truth: str) -> list[Count]:
    one, other = "".join(text.split()), "".join(truth.split())
    counts = []
    for n in range(1, CHARACTERS + 1):
        mine, theirs = Counter(_grams(one, n)), Counter(_grams(other, n))
        counts.append((mine.total(), theirs.total(), (mine & theirs).total()))
    return counts


def _f_score(counts: Sequence[Count]) -> float:
    known = [(same / mine, same / theirs) for mine, theirs, same in counts if mine and theirs]
    if not known:
        return 0.0
    precision, recall = (sum(values) / len(known) for values in zip(*known, strict=True))
    if not precision + recall:
        return 0.0
    return (1 + RECALL**2) * precision * recall / (RECALL**2 * precision + recall)


def bleu(written: Sequence[str], true: Sequence[Sequence[str]]) -> float:
    """BLEU of texts, each with one truth or several."""
    same, counted = [0] * WORDS, [0] * WORDS
    length = wanted = 0
    for text, truths in zip(written, true, strict=True):
        words, others = _words(text), [_words(truth) for truth in truths]
        length += len(words)
        wanted += min((abs(len(other) - len(words)), len(other)) for other in others)[1]
        for n in range(1, WORDS + 1):
            grams, most = Counter(_grams(words, n)), Counter[object]()
            for other in others:
                most |= Counter(_grams(other, n))
            same[n - 1] += (grams & most).total()
            counted[n - 1] += grams.total()
    if not same[0] or not all(counted):
        return 0.0
    logs, missed = 0.0, 1
    for match, count in zip(same, counted, strict=True):
        missed *= 1 if match else 2
        logs += math.log((match or 1 / missed) / count) / WORDS
    return 100 * min(1.0, math.exp(1 - wanted / length)) * math.exp(logs)


def _grams(items: Sequence[str], n: int) -> Iterator[object]:
    return (tuple(items[i : i + n]) for i in range(len(items) - n + 1))


def _words(text: str) -> list[str]:
    """Rule 13a: signs are words, but for a point or a comma within a number."""
    text = f" {text} "
    for pattern, spaced in (
        (r"([\{-\~\[-\` -\&\(-\+\:-\@\/])", r" \1 "),
        (r"([^0-9])([\.,])", r"\1 \2 "),
        (r"([\.,])([^0-9])", r" \1 \2"),
        (r"([0-9])(-)", r"\1 \2 "),
    ):
        text = re.sub(pattern, spaced, text)
    return text.split()
