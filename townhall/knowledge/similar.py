"""The approved reply that somebody is about to write in their own words: by the words they share, the rare ones telling more."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from townhall.catalogue.search import words_of
from townhall.knowledge.queries import Reply, replies_for

LEAST = 0.25  # of 1: the same words throughout
_FEWEST = 4  # telling words, below which nothing is compared
LIMIT = 3


@dataclass(frozen=True, kw_only=True)
class Likeness:
    reply: Reply
    share: float  # 0 to 1
    words: tuple[str, ...]  # the telling words that both have
    is_same: bool  # the approved words as they are


def replies_like(text: str, *, service: str = "", limit: int = LIMIT) -> list[Likeness]:
    """Approved replies on the topic of a text, the likest first. No query."""
    replies = replies_for(service=service)
    typed = set(words_of(text[:10_000]))
    if len(typed) < _FEWEST or not replies:
        return []
    sets = {reply.id: set(words_of(f"{reply.topic} {reply.title} {reply.text}")) for reply in replies}
    rarity = _rarity(list(sets.values()))
    plain = " ".join(text.split())
    found = []
    for reply in replies:
        share, shared = _share(typed, sets[reply.id], rarity)
        is_same = " ".join(reply.text.split()) in plain
        if share >= LEAST or is_same:
            found.append(Likeness(reply=reply, share=share, words=shared, is_same=is_same))
    return sorted(found, key=lambda one: (-one.is_same, -one.share, one.reply.title))[:limit]


def _rarity(sets: Sequence[set[str]]) -> dict[str, float]:
    """How much a word tells: one that every reply has tells least."""
    holders = Counter(word for words in sets for word in words)
    return {word: 1.0 + math.log(len(sets) / count) for word, count in holders.items()}


def _share(typed: set[str], words: set[str], rarity: dict[str, float]) -> tuple[float, tuple[str, ...]]:
    """The weight of the shared words in that of the shorter text: a short note on a topic is about it as well."""
    shared = typed & words
    if len(shared) < 2:
        return 0.0, ()
    weight = sum(rarity[word] for word in shared)
    usual = sum(rarity.values()) / len(rarity)
    typed_weight = sum(rarity.get(word, usual) for word in typed)
    of_reply = sum(rarity[word] for word in words)
    telling = sorted(shared, key=lambda word: (-rarity[word], word))
    return weight / math.sqrt(typed_weight * of_reply), tuple(telling[:5])
