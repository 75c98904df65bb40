"""Short reviews put together by a grammar, so that whether they are positive is known.

Negation turns a word round ("not good", "hardly boring") and of two opinions one counts ("dull, but the acting
was moving"): the same words in another order mean the opposite, and counting words is not enough.
"""

from __future__ import annotations

import random

WORDS = (
    "film story acting plot music ending dialogue cast script camera humour book show novel",
    "good great wonderful funny moving clever charming gripping fresh brilliant warm lovely witty superb",
    "bad dull boring awful silly slow weak predictable cold lifeless tedious terrible clumsy poor ugly",
)
THINGS, GOOD, BAD = (words.split() for words in WORDS)
DEGREES = ["", "", "", "very", "really", "quite", "so", "truly"]
NEGATIONS = ["not", "never", "hardly", "not at all", "by no means", "anything but"]
FILLERS = (
    "i saw it on a friday night",
    "we went with the whole family",
    "it runs for two hours",
    "a friend had given me the tickets",
    "the room was almost empty",
    "i had read the book before",
    "it is based on a true story",
    "my sister chose it",
)


def clause(rng: random.Random, positive: bool, thing: str = "") -> str:
    """One opinion, with the word for it or with its opposite negated."""
    thing = thing or rng.choice(THINGS)
    if rng.random() < 0.3:
        return f"the {thing} was {rng.choice(NEGATIONS)} {rng.choice(BAD if positive else GOOD)}"
    return " ".join(f"the {thing} was {rng.choice(DEGREES)} {rng.choice(GOOD if positive else BAD)}".split())


def opinion(rng: random.Random, positive: bool) -> str:
    """One clause, or two that contradict each other, of which one counts."""
    first, second = rng.sample(THINGS, 2)
    counts, other = clause(rng, positive, first), clause(rng, not positive, second)
    return rng.choice(
        (
            clause(rng, positive),
            clause(rng, positive),
            f"{other} , but {counts}",
            f"although {other} , {counts}",
            f"{counts} , even if {other}",
            f"i had heard that {other} , but {counts}",
            f"{counts} , and i do not care that {other}",
        )
    )


def reviews(count: int, seed: int) -> tuple[list[str], list[int]]:
    """Reviews and whether each is positive (1) or negative (0), half of them each."""
    rng = random.Random(seed)
    texts, labels = [], []
    for i in range(count):
        positive = i % 2 == 1
        sentences = [opinion(rng, positive)]
        if rng.random() < 0.5:
            sentences.insert(rng.randrange(2), rng.choice(FILLERS))
        texts.append(" . ".join(sentences) + " .")
        labels.append(int(positive))
    return texts, labels
