"""Find the service, or another thing with words, for what somebody typed: their words, their spelling.

There are tens to hundreds of services, so everything is in memory and every one is scored. Each typed word is matched with
each word of a service (name, keywords, synonyms, misspellings, summary): the same, its beginning, the same when spelled a
little differently, or alike by trigrams. A rare word tells more than a common one. Whole phrases count on top, and are also
compared with the spaces out, so that "pot hole" finds "pothole".
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from townhall.catalogue.pack import ServicePack

_WORD = re.compile(r"[a-z0-9]+")
_SMALL_WORDS = """
a about all an and are as at be been by can do does for from get got had has have he hello help her hi his how i im in into is isnt it its
just keeps me my near need next not of off on or our out outside please really report she so some somebody someone someones that the
their them there theres they this to up us very want was we were what when where who why with would you your
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_MENTIONED = 0.4  # what a thing scores that only mentions every typed word
_REMEMBERED = 2_000  # typed words of which is kept what is like them
_LEAST = 0.34  # a hit scores at least this share of what a perfect answer would
_IN_NAME, _PLAIN, _SAYS_SOMETHING = 0.95, 0.85, 0.2  # how well a typed word is answered: likeness times weight


Item = TypeVar("Item")
Weighted = tuple[float, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Thing(Generic[Item]):
    """Something to be found: what it is called, and what else says what it is, the strongest words first.

    named: texts with what they say about it, 0 to 1; each is also a phrase as a whole. told: texts that say a little.
    mentions: words of a long text, which count only when they are typed as they stand.
    """

    item: Item
    name: str
    named: tuple[Weighted, ...]
    told: tuple[Weighted, ...] = ()
    mentions: str = ""


@dataclass(frozen=True, kw_only=True)
class Found(Generic[Item]):
    item: Item
    score: float


@dataclass(frozen=True, kw_only=True)
class Hit:
    pack: ServicePack
    score: float


@dataclass(frozen=True, kw_only=True)
class _Known(Generic[Item]):
    item: Item
    name: str
    weights: dict[str, float]  # word → how much it says about this thing, 0 to 1
    phrases: tuple[tuple[str, float], ...]  # spaces out
    mentions: frozenset[str]


class Matcher(Generic[Item]):
    """Search over a fixed list of things."""

    def __init__(self, things: Sequence[Thing[Item]]) -> None:
        self._known = [_known(thing) for thing in things]
        self._holders = Counter(word for known in self._known for word in known.weights)
        self._typed: dict[str, dict[str, float]] = {}

    def search(self, text: str, *, limit: int = 10) -> list[Found[Item]]:
        """The best first; none for nothing typed or nothing like it."""
        words = words_of(text[:200])[:12]
        if not words:
            return []
        joined = "".join(words)
        alike = {word: self._alike(word) for word in words}
        hits = [(self._score(known, words, joined, alike), known) for known in self._known]
        found = [(score, known) for score, known in hits if score >= _LEAST]
        found.sort(key=lambda hit: (-hit[0], hit[1].name))
        return [Found(item=known.item, score=score) for score, known in found[:limit]]

    def _alike(self, typed: str) -> dict[str, float]:
        """Every word that says something about a thing and is like the typed one, with how much."""
        found = self._typed.get(typed)
        if found is None:
            found = {word: alike for word in self._holders if (alike := _likeness(typed, word))}
            if len(self._typed) < _REMEMBERED:
                self._typed[typed] = found
        return found

    def _score(
        self, known: _Known[Item], words: Sequence[str], joined: str, alike: Mapping[str, Mapping[str, float]]
    ) -> float:
        total = sum(self._tells(word, known, alike[word]) for word in words) / math.sqrt(len(words))
        phrase = max((weight * _phrase_likeness(joined, phrase) for phrase, weight in known.phrases), default=0.0)
        if known.mentions and all(word in known.mentions or word in known.weights for word in words):
            total = max(total, _MENTIONED)
        elif len(words) == 2 and not phrase and not _is_about(words, known, alike):
            return 0.0
        return total + phrase

    def _tells(self, typed: str, known: _Known[Item], alike: Mapping[str, float]) -> float:
        """How well the best word of this thing answers one typed word."""
        best = 0.0
        for word in alike.keys() & known.weights.keys():
            best = max(best, alike[word] * known.weights[word] * self._rarity(word))
        return best

    def _rarity(self, word: str) -> float:
        return 1.0 / (1.0 + math.log(self._holders[word]))


class Index:
    """Search over a fixed list of services."""

    def __init__(self, packs: Sequence[ServicePack]) -> None:
        self._matcher = Matcher([thing_of(pack, pack) for pack in packs])

    def search(self, text: str, *, limit: int = 10) -> list[Hit]:
        """The best services first; none for nothing typed or nothing like it."""
        return [Hit(pack=one.item, score=one.score) for one in self._matcher.search(text, limit=limit)]


def thing_of(pack: ServicePack, item: Item) -> Thing[Item]:
    """How a service is found, whatever stands for it."""
    return Thing(
        item=item,
        name=pack.name,
        named=((1.0, (pack.name, *pack.misspellings)), (0.9, pack.synonyms), (0.85, pack.keywords)),
        told=((0.25, (pack.summary,)),),
    )


def _known(thing: Thing[Item]) -> _Known[Item]:
    weights: dict[str, float] = {}
    for weight, texts in (*thing.named, *thing.told):
        for text in texts:
            for word in words_of(text):
                weights[word] = max(weights.get(word, 0.0), weight)
    phrases = {
        "".join(words_of(text)): weight for weight, texts in reversed(thing.named) for text in texts if words_of(text)
    }
    return _Known(
        item=thing.item,
        name=thing.name,
        weights=weights,
        phrases=tuple(phrases.items()),
        mentions=frozenset(words_of(thing.mentions)),
    )


def _is_about(words: Sequence[str], known: _Known[Item], alike: Mapping[str, Mapping[str, float]]) -> bool:
    """Whether two words that are no phrase of a thing say it all the same: both do, one of them plainly, or one is in its name.

    "Council tax" shares a word with untaxed cars, and "blue badge" a beginning with badgers.
    """
    says = [
        max(
            (alike[typed][word] * known.weights[word] for word in alike[typed].keys() & known.weights.keys()),
            default=0.0,
        )
        for typed in words
    ]
    return max(says) >= _IN_NAME or (min(says) >= _SAYS_SOMETHING and max(says) >= _PLAIN)


def words_of(text: str) -> list[str]:
    """The telling words, lower case, without accents, apostrophes or endings in -s; all words when every one is small."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode().replace("'", "")
    every = _WORD.findall(plain)
    telling = [word for word in every if word not in _SMALL]
    return [_stem(word) for word in telling]


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


@lru_cache(maxsize=50_000)
def _likeness(typed: str, word: str) -> float:
    """0 to 1. 1 is the same word; a beginning, a slip of the fingers and a shared shape count less, in that order."""
    if typed == word:
        return 1.0
    if len(typed) >= 3 and word.startswith(typed):
        return 0.75 + 0.2 * len(typed) / len(word)
    if len(word) >= 4 and typed.startswith(word):
        return 0.7
    shorter = min(len(typed), len(word))
    if shorter < 4 or typed.isdigit():
        return 0.0
    allowed = 1 if shorter < 6 or typed[0] != word[0] else 2 if shorter < 9 else 3
    if _near(typed, word, allowed) and (slips := _slips(typed, word)) <= allowed:
        return 0.92 - 0.42 * slips / allowed * (1.0 if typed[0] == word[0] else 1.15)
    alike = _trigram(typed, word)
    return 0.6 * alike if alike >= 0.45 else 0.0


def _phrase_likeness(joined: str, phrase: str) -> float:
    """0 to 1.2 for a whole phrase with the spaces out."""
    if joined == phrase:
        return 1.2
    if len(phrase) >= 5 and phrase in joined:
        return 0.7
    if len(joined) >= 4 and phrase.startswith(joined):
        return 0.6
    shorter = min(len(joined), len(phrase))
    allowed = 1 if shorter < 8 else 2
    if shorter >= 6 and _near(joined, phrase, allowed) and _slips(joined, phrase) <= allowed:
        return 0.8
    return 0.0


def _near(one: str, two: str, slips: int) -> bool:
    """Whether so few slips could be enough: a quick no for most pairs, by length and by the letters they hold."""
    return abs(len(one) - len(two)) <= slips and len(_letters(one) ^ _letters(two)) <= 2 * slips


@lru_cache(maxsize=20_000)
def _letters(word: str) -> frozenset[str]:
    return frozenset(word)


def _trigram(one: str, two: str) -> float:
    """The share of three-letter pieces that two words have in common, as PostgreSQL's pg_trgm counts them."""
    first, second = _pieces(one), _pieces(two)
    return len(first & second) / len(first | second)


@lru_cache(maxsize=20_000)
def _pieces(word: str) -> frozenset[str]:
    padded = f"  {word} "
    return frozenset(padded[start : start + 3] for start in range(len(padded) - 2))


@lru_cache(maxsize=50_000)
def _slips(one: str, two: str) -> int:
    """Letters added, dropped, changed or swapped with a neighbour to turn one word into the other."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, first in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, second in enumerate(two, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (first != second))
            if i > 1 and j > 1 and first == two[j - 2] and one[i - 2] == second:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
