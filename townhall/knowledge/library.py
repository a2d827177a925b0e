"""What is in use, kept in the process: read again when something of it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from townhall.core.refreshing import Refreshing
from townhall.knowledge.models import Entry


@dataclass(frozen=True, kw_only=True)
class InUse:
    """An entry as it is in use."""

    id: UUID
    code: str
    kind: str
    title: str
    body: str
    version: int
    audience: str
    service_codes: tuple[str, ...]
    topic: str
    keywords: tuple[str, ...]
    form_code: str
    owner_post_id: UUID | None
    review_on: date | None


def _load() -> tuple[InUse, ...]:
    rows = Entry.objects.filter(version__gt=0, withdrawn_at=None).order_by("title", "code")
    return tuple(
        InUse(
            id=one.pk,
            code=one.code,
            kind=one.kind,
            title=one.title,
            body=one.body,
            version=one.version,
            audience=one.audience,
            service_codes=tuple(one.service_codes),
            topic=one.topic,
            keywords=tuple(one.keywords),
            form_code=one.form_code,
            owner_post_id=one.owner_post_id,
            review_on=one.review_on,
        )
        for one in rows
    )


_kept = Refreshing(_load)


def in_use() -> tuple[InUse, ...]:
    """By title, at most a few seconds old."""
    return _kept.get()


def forget() -> None:
    """Read again: now, and when the change is there for others."""
    _kept.forget()
    transaction.on_commit(_kept.forget)
