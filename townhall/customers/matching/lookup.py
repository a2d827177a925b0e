"""Finding somebody by a line of words: names, address, town, postcode, in any order and spelling.

Everybody is kept under a key for each two of the words that say who they are and where, as these sound. Whoever shares a few keys with
what was typed is compared with it word by word. So a slip in one word, or two, hides nobody.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import log

from rapidfuzz.distance import OSA, JaroWinkler

from townhall.customers.matching.candidates import sounds
from townhall.customers.typed import folded_name

MOST_WORDS = 16
MOST_OF_KEY = 60  # who share one key; with more of them, it says little
MOST_COMPARED = 80
LIKE = 0.75  # two words at least this alike may be one
FILLERS = """
the of and at upper lower street st road rd lane ln avenue ave av close cl court ct drive dr crescent cres cr place pl terrace ter tce
gardens gdns grove gr way square sq flat unit apartment apt house hse floor rear mr mrs ms miss mx sir
"""
FILLER = frozenset(FILLERS.split())


def words_of(text: str) -> list[str]:
    """The words to look for or keep, folded; each once."""
    return list(dict.fromkeys(folded_name(text).split()))[:MOST_WORDS]


def keys_of(words: Sequence[str]) -> set[int]:
    """A number for each two words that tell something, in whichever order: 32 bits, with a sign."""
    telling = [word for word in words if word not in FILLER] or list(words)
    heard = sorted({word if word.isdigit() else sounds(word) for word in telling})
    pairs = [f"{one} {other}" for one, other in combinations(heard, 2)] or heard
    return {zlib.crc32(pair.encode()) - 2**31 for pair in pairs}


def best(typed: Sequence[str], people: Sequence[Sequence[str]]) -> list[tuple[float, int]]:
    """(how much of what was typed they have, 0 to 1; their place in `people`), the best first.

    A word that few of them have tells them apart, so it counts for more.
    """
    having = Counter(word for words in people for word in set(words))
    worth = {word: _worth(word, having, len(people)) for word in typed}
    everything = sum(worth.values()) or 1.0
    scored = [
        (sum(worth[word] * _has(word, words) for word in typed) / everything, -len(words), -place)
        for place, words in enumerate(people)
    ]
    return [(score, -place) for score, _length, place in sorted(scored, reverse=True)]


def _worth(word: str, having: Counter[str], people: int) -> float:
    telling = 0.25 if word in FILLER else 1.0
    return telling * (1.0 + log((people + 1) / (having[word] + 1)))


def _has(word: str, words: Sequence[str]) -> float:
    """How well the best of their words fits."""
    if word in words:
        return 1.0
    return max((_alike(word, other) for other in words), default=0.0)


def _alike(typed: str, kept: str) -> float:
    if typed.isdigit() or kept.isdigit():
        if sorted(typed) == sorted(kept):
            return 0.7
        return 0.6 if len(typed) > 2 and OSA.distance(typed, kept, score_cutoff=1) <= 1 else 0.0
    if len(typed) > 1 and kept.startswith(typed):  # not yet typed to its end
        return 0.95
    if len(kept) > 1 and typed.startswith(kept):  # two words typed as one
        return 0.8
    alike = max(JaroWinkler.similarity(typed, kept), OSA.normalized_similarity(typed, kept))
    return alike if alike >= LIKE else 0.0
