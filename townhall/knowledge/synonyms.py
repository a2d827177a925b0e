"""Words that mean the same to a search, kept by whoever looks after the content."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.catalogue.search import words_of
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject
from townhall.knowledge.models import Synonyms
from townhall.knowledge.permissions import WRITE
from townhall.ledger import operations as ledger

MOST_WORDS = 30  # of one set
MOST_VARIANTS = 8  # of one search
Phrase = tuple[str, ...]


def _load() -> tuple[tuple[Phrase, ...], ...]:
    sets = Synonyms.objects.order_by("pk").values_list("words", flat=True)
    return tuple(tuple(phrase for word in words if (phrase := tuple(words_of(word)))) for words in sets)


_kept = Refreshing(_load)


def every() -> list[Synonyms]:
    """By their first word."""
    return sorted(Synonyms.objects.all(), key=lambda one: one.words[0] if one.words else "")


def variants(text: str) -> list[str]:
    """The typed words with the ones that mean the same in their place, best first; without what was typed itself."""
    typed = tuple(words_of(text[:200])[:12])
    found: dict[Phrase, None] = {}
    for phrases in _kept.get():
        for phrase in phrases:
            for start in _places(typed, phrase):
                for other in phrases:
                    if other != phrase:
                        found[typed[:start] + other + typed[start + len(phrase) :]] = None
    found.pop(typed, None)
    return [" ".join(words) for words in list(found)[:MOST_VARIANTS]]


def _places(typed: Phrase, phrase: Phrase) -> list[int]:
    size = len(phrase)
    return [start for start in range(len(typed) - size + 1) if typed[start : start + size] == phrase]


@transaction.atomic
def keep(words: Sequence[str], *, by: Actor, at: datetime, set_id: UUID | None = None) -> Synonyms:
    """Have these mean the same. Raises NotAllowed, NotFound, BadInput."""
    require(by, WRITE)
    cleaned = list(dict.fromkeys(" ".join(word.lower().split())[:80] for word in words if words_of(word)))
    if not 2 <= len(cleaned) <= MOST_WORDS:
        raise BadInput({"words": _("Enter two to %(most)d words or phrases") % {"most": MOST_WORDS}})
    row = Synonyms() if set_id is None else Synonyms.objects.select_for_update().filter(pk=set_id).first()
    if row is None:
        raise NotFound
    row.words, row.changed_at, row.changed_by = cleaned, at, by.id
    row.save()
    ledger.record("knowledge.synonyms_kept", about=_this(row), by=by, at=at, data={"words": len(cleaned)})
    forget()
    return row


@transaction.atomic
def remove(set_id: UUID, *, by: Actor, at: datetime) -> None:
    """They do not mean the same. Raises NotAllowed, NotFound."""
    require(by, WRITE)
    row = Synonyms.objects.select_for_update().filter(pk=set_id).first()
    if row is None:
        raise NotFound
    ledger.record("knowledge.synonyms_removed", about=_this(row), by=by, at=at)
    row.delete()
    forget()


def forget() -> None:
    _kept.forget()
    transaction.on_commit(_kept.forget)


def _this(row: Synonyms) -> Subject:
    return Subject(kind="knowledge_synonyms", id=row.pk)
