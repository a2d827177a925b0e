"""A script for an outside answering service: a link with a secret, for so long, that can be ended; always what is in use."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.time import council_date
from townhall.knowledge import scripts
from townhall.knowledge.models import Entry, Handout, Kind
from townhall.knowledge.permissions import WRITE
from townhall.knowledge.scripts import Script
from townhall.ledger import operations as ledger

LONGEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What the answering service reads."""

    title: str
    version: int
    changed_at: datetime
    service: str
    name: str  # of the answering service
    expires_on: date
    script: Script


@transaction.atomic
def make(entry_id: UUID, *, name: str, expires_on: date, by: Actor, at: datetime) -> tuple[Handout, str]:
    """A link's secret, told this once. Raises NotAllowed, NotFound, BadInput."""
    require(by, WRITE)
    entry = Entry.objects.filter(pk=entry_id, kind=Kind.SCRIPT, version__gt=0, withdrawn_at=None).first()
    if entry is None:
        raise NotFound
    problems = {}
    name = " ".join(name.split())
    if not name or len(name) > 200:
        problems["name"] = _("Enter the name of the answering service")
    if not council_date(at) < expires_on <= council_date(at) + LONGEST:
        problems["expires_on"] = _("Enter a day within a year")
    if problems:
        raise BadInput(problems)
    token = secrets.token_urlsafe(24)
    made = Handout.objects.create(
        entry=entry, name=name, token_hash=_hash(token), made_at=at, made_by=by.id, expires_on=expires_on
    )
    data: dict[str, object] = {"handout": str(made.pk), "until": expires_on.isoformat()}
    ledger.record("knowledge.handed_out", about=entry.subject, by=by, at=at, data=data)
    return made, token


@transaction.atomic
def revoke(handout_id: UUID, *, by: Actor, at: datetime) -> Handout:
    """The link opens nothing any more. Raises NotAllowed, NotFound."""
    require(by, WRITE)
    row = Handout.objects.select_for_update().select_related("entry").filter(pk=handout_id, revoked_at=None).first()
    if row is None:
        raise NotFound
    row.revoked_at = at
    row.save(update_fields=["revoked_at"])
    data: dict[str, object] = {"handout": str(row.pk)}
    ledger.record("knowledge.handout_ended", about=row.entry.subject, by=by, at=at, data=data)
    return row


def shown(token: str, *, at: datetime) -> Shown:
    """What the secret opens; the look is counted. Raises NotFound for a wrong, ended or withdrawn one."""
    row = Handout.objects.select_related("entry").filter(token_hash=_hash(token[:100]), revoked_at=None).first()
    if row is None or row.expires_on < council_date(at) or not row.entry.is_live:
        raise NotFound
    Handout.objects.filter(pk=row.pk).update(seen=F("seen") + 1, last_seen_at=at)
    script = scripts.read(row.entry.body)
    return Shown(
        title=row.entry.title,
        version=row.entry.version,
        changed_at=row.entry.changed_at,
        service=script.service,
        name=row.name,
        expires_on=row.expires_on,
        script=script,
    )


def as_data(found: Shown) -> Mapping[str, Any]:
    """For the answering service's own software."""
    script = msgspec.json.decode(msgspec.json.encode(found.script))
    return {
        "title": found.title,
        "version": found.version,
        "changed_at": found.changed_at.isoformat(timespec="seconds"),
        "service_code": found.service,
        "steps": script["steps"],
    }


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
