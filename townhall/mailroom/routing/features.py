"""What the classifier looks at in a text: its words, pairs of words, and pieces of words, which forgive misspelling."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import pairwise

MOST_WORDS = 400  # of one text: what comes after them rarely says what it is about
PIECES = (3, 4, 5)  # letters
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")


def words_of(text: str) -> list[str]:
    """In lower case; a number is as many noughts as it has digits, five at most, so that none is learnt by heart."""
    found = (one.casefold() for one in _WORD.findall(text)[:MOST_WORDS])
    return ["0" * min(len(one), 5) if one.isdigit() else one for one in found]


def features_of(text: str) -> Counter[str]:
    """How often each stands in the text: "w:bin", "p:missed bin", and pieces of words with their edges, "<bi"."""
    words = words_of(text)
    found = Counter(f"w:{one}" for one in words)
    found.update(f"p:{first} {second}" for first, second in pairwise(words))
    for one in words:
        found.update(_pieces(one))
    return found


@lru_cache(maxsize=100_000)
def _pieces(word: str) -> tuple[str, ...]:
    edged = f"<{word[:40]}>"
    return tuple(edged[at : at + size] for size in PIECES for at in range(len(edged) - size + 1))


def share_of_words(text: str, weights: dict[str, float]) -> dict[str, float]:
    """What each word of a text brings, when each of its features brings its weight: a pair's is shared, a piece's goes to its word."""
    words = list(dict.fromkeys(words_of(text)))
    found = dict.fromkeys(words, 0.0)
    for one in words:
        found[one] += sum(weights.get(name, 0.0) for name in (f"w:{one}", *set(_pieces(one))))
    for first, second in dict.fromkeys(pairwise(words_of(text))):
        brought = weights.get(f"p:{first} {second}", 0.0) / 2
        found[first] += brought
        found[second] += brought
    return found
