"""Whether a number may get alerts by text: its owner's own word, given on the site or by a text message."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from townhall.core.actors import Actor
from townhall.core.db import execute
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.customers.accounts import consents
from townhall.customers.models import Customer
from townhall.engagement.models import TextStop
from townhall.ledger import operations as ledger
from townhall.notifications import addresses
from townhall.notifications.states import Channel, Failing

PURPOSE = "text-alerts"
_STOP = """INSERT INTO engagement_textstop AS was (number, since, ended_at) VALUES (%s, %s, NULL)
    ON CONFLICT (number) DO UPDATE SET since = excluded.since, ended_at = NULL WHERE was.ended_at IS NOT NULL"""


def allow_texts(customer_id: UUID, number: str, *, channel: str, by: Actor, at: datetime) -> None:
    """They want alerts on this number, from now on: a STOP of before is over. Call inside a transaction."""
    _agree(customer_id, channel=channel, by=by, at=at)
    resume(number, by=by, at=at)


def give_again(customer_id: UUID, *, by: Actor, at: datetime) -> None:
    """They texted START. A record that was merged since is left as it is."""
    if Customer.objects.filter(pk=customer_id, merged_into__isnull=True).exists():
        _agree(customer_id, channel="text", by=by, at=at)


def _agree(customer_id: UUID, *, channel: str, by: Actor, at: datetime) -> None:
    version = consents.wordings()[PURPOSE].version
    consents.give(customer_id, PURPOSE, version=version, channel=channel, by=by, at=at)


def resume(number: str, *, by: Actor, at: datetime) -> bool:
    """Texts may go to this number again; False when they might. Call inside a transaction."""
    ended = TextStop.objects.filter(number=number, ended_at__isnull=True).update(ended_at=at)
    lifted = addresses.lift(Channel.TEXT, number, stopped=True, by=by, at=at)
    if ended:
        ledger.record("texts.resumed", about=Subject(kind="text_stop", id=uuid7()), by=by, at=at)
    return bool(ended) or lifted


def stop(number: str, *, everything: bool, by: Actor, at: datetime) -> bool:
    """No alert goes to this number by text; with `everything`, no text at all. False when that held. Call inside a transaction."""
    about = Subject(kind="text_stop", id=uuid7())
    is_new = bool(execute(_STOP, (number, at)))
    if everything:
        asked = addresses.mark(Channel.TEXT, number, Failing.STOPPED, detail="STOP ALL", about=about, at=at)
        is_new = is_new or asked
    if is_new:
        ledger.record("texts.stopped", about=about, by=by, at=at, data={"everything": everything})
    return is_new


def take_back(customer_id: UUID, *, by: Actor, at: datetime) -> None:
    """Their consent to alerts by text is over, by a text. A record that was merged since is left as it is."""
    if Customer.objects.filter(pk=customer_id, merged_into__isnull=True).exists():
        consents.withdraw(customer_id, PURPOSE, channel="text", by=by, at=at)
