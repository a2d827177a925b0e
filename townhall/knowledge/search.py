"""One search over all that can be found, for staff and public: synonyms, misspelling, and a list of what nobody found.

Everything is in memory, read again when something changed; a search asks the database nothing, but for writing down a miss.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import get_close_matches
from uuid import UUID

from django.db import transaction

from townhall.accounts.permissions import require
from townhall.catalogue import queries as catalogue
from townhall.catalogue.pack import ServicePack
from townhall.catalogue.search import Matcher, Thing, words_of
from townhall.core.actors import Actor
from townhall.core.db import execute
from townhall.core.errors import NotFound
from townhall.core.ids import uuid7
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject
from townhall.core.time import aware
from townhall.knowledge import synonyms
from townhall.knowledge.models import Missed
from townhall.knowledge.permissions import WRITE
from townhall.knowledge.things import Listed, every_thing
from townhall.ledger import operations as ledger

LIMIT = 20
_SAME = 0.9  # how much less a word counts that only means the same
KEPT = timedelta(days=90)  # how long a miss is kept that came once or twice
MOST_MISSES = 5_000  # kept unsettled: whoever plays with the search fills no disk
_MOST_WORDS = 6
_MISSED = """
    INSERT INTO knowledge_missed (id, words, door, times, first_at, last_at, settled_by)
    SELECT %s, %s, %s, 1, %s, %s, ''
    WHERE (SELECT count(*) FROM knowledge_missed WHERE settled_at IS NULL) < %s
       OR EXISTS (SELECT FROM knowledge_missed WHERE words = %s AND door = %s)
    ON CONFLICT (words, door) DO UPDATE
    SET times = knowledge_missed.times + 1, last_at = EXCLUDED.last_at, settled_at = NULL, settled_by = ''"""


@dataclass(frozen=True, kw_only=True)
class _Library:
    things: tuple[Thing[Listed], ...]
    everything: Matcher[Listed]
    public: Matcher[Listed]
    spelt: dict[str, str]  # a misspelt word that a service lists → that word as it is spelt


_held: _Library | None = None


def _look() -> _Library:
    """What there is, its matchers made anew only when something of it changed."""
    global _held  # noqa: PLW0603 - what was read last
    things = tuple(every_thing())
    if _held is None or _held.things != things:
        _held = _Library(
            things=things,
            everything=Matcher(things),
            public=Matcher([thing for thing in things if thing.item.is_public]),
            spelt=_spelt(catalogue.services()),
        )
    return _held


def _spelt(packs: Iterable[ServicePack]) -> dict[str, str]:
    found: dict[str, str] = {}
    for pack in packs:
        right = [word for text in (pack.name, *pack.synonyms, *pack.keywords) for word in words_of(text)]
        for word in (word for text in pack.misspellings for word in words_of(text)):
            for alike in get_close_matches(word, right, n=1, cutoff=0.8) if word not in right else ():
                found.setdefault(word, alike)
    return found


_kept = Refreshing(_look)
forget = _kept.forget


def find(text: str, *, door: Missed.Door, limit: int = LIMIT) -> list[Listed]:
    """The best first. The public finds only what everybody may read."""
    library = _kept.get()
    matcher = library.public if door is Missed.Door.PUBLIC else library.everything
    best: dict[Listed, float] = {one.item: one.score for one in matcher.search(text, limit=limit)}
    respelt = " ".join(library.spelt.get(word, word) for word in words_of(text[:200])[:12])
    for variant in [respelt, *synonyms.variants(text), *synonyms.variants(respelt)]:
        for one in matcher.search(variant, limit=limit):
            best[one.item] = max(best.get(one.item, 0.0), one.score * _SAME)
    return sorted(best, key=lambda item: (-best[item], item.title))[:limit]


def listed(kind: str, key: str) -> Listed:
    """What a content task or a link is about, by its kind and key. Raises NotFound."""
    found = next((one.item for one in _kept.get().things if (one.item.about_kind, one.item.key) == (kind, key)), None)
    if found is None:
        raise NotFound
    return found


def missed(text: str, *, door: Missed.Door, at: datetime) -> None:
    """Write down that nothing was found, in plain words: nothing with a figure or an @ in it, as that could be somebody's own."""
    given = [part for part in text.lower().split() if "@" not in part and not any(one.isdigit() for one in part)]
    words = " ".join(words_of(" ".join(given))[:_MOST_WORDS])[:80]
    if words:
        moment = aware(at)
        execute(_MISSED, (uuid7(), words, door.value, moment, moment, MOST_MISSES, words, door.value))


def misses(*, limit: int = 100) -> list[Missed]:
    """What is not settled, the most frequent first. One query."""
    return list(Missed.objects.filter(settled_at=None).order_by("-times", "-last_at")[:limit])


@transaction.atomic
def settle(missed_id: UUID, *, by: Actor, at: datetime) -> Missed:
    """It is found now, or need not be. It comes back when somebody misses it again. Raises NotAllowed, NotFound."""
    require(by, WRITE)
    row = Missed.objects.select_for_update().filter(pk=missed_id, settled_at=None).first()
    if row is None:
        raise NotFound
    row.settled_at, row.settled_by = at, by.id
    row.save(update_fields=["settled_at", "settled_by"])
    ledger.record("knowledge.miss_settled", about=Subject(kind="knowledge_missed", id=row.pk), by=by, at=at)
    return row


def settle_found(*, by: Actor, at: datetime) -> list[Missed]:
    """Settle every miss that finds something by now; which."""
    forget()
    found = [one for one in misses(limit=500) if find(one.words, door=Missed.Door(one.door), limit=1)]
    return [settle(one.pk, by=by, at=at) for one in found]


def forget_old(at: datetime) -> int:
    """Sweep: what was missed once or twice is not kept for long."""
    return Missed.objects.filter(last_at__lt=at - KEPT, times__lt=3).delete()[0]
