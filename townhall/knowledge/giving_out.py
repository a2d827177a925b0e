"""An officer's own address, case by case: allowed for a place with a reason and an end, and written down when it is given to somebody."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import SYSTEM, Actor
from townhall.core.db import insert_unless_there
from townhall.core.errors import BadInput, NotFound
from townhall.core.ids import uuid7
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.knowledge import personal, published, tasks
from townhall.knowledge.published_models import Allowance, GivenOut, Personal
from townhall.knowledge.states import TaskState
from townhall.ledger import operations as ledger
from townhall.notifications.recipients import email_address

ALLOW: Final = "addresses.allow"
LONGEST: Final = timedelta(days=366)
LONGEST_REASON: Final = 500


@transaction.atomic
def allow(
    address: str, *, reason: str, until_on: date | None, by: Actor, at: datetime, found_id: UUID | None = None
) -> Allowance:
    """Let an address stand in the place where it was found, or, with no place, anywhere. Raises NotAllowed, NotFound, BadInput."""
    require(by, ALLOW)
    row = Personal.objects.select_for_update().filter(pk=found_id, gone_at=None).first() if found_id else None
    if found_id and row is None:
        raise NotFound
    address = (row.address if row else address).strip().casefold()
    today, problems = council_date(at), {}
    if not email_address(address):
        problems["address"] = _("Enter an email address in the correct format, like name@example.com")
    if not reason.strip() or len(reason) > LONGEST_REASON:
        problems["reason"] = _("Enter why, in up to %(most)d characters") % {"most": LONGEST_REASON}
    if until_on is None or not today <= until_on <= today + LONGEST:
        problems["until_on"] = _("Enter a day from today to a year from now")
    if problems:
        raise BadInput(problems)
    assert until_on is not None
    made = Allowance.objects.create(
        address=address,
        kind=row.kind if row else "",
        key=row.key if row else "",
        place=row.title if row else "",
        reason=reason.strip(),
        until_on=until_on,
        allowed_by=by.id,
        allowed_at=at,
    )
    for one in [row] if row else list(Personal.objects.select_for_update().filter(address=address, gone_at=None)):
        _settle(one, made, at=at)
    ledger.record("address_allowance.made", about=made.subject, by=by, at=at, data={"until_on": until_on.isoformat()})
    return made


def _settle(row: Personal, made: Allowance, *, at: datetime) -> None:
    row.allowance = made
    if row.task is not None and row.task.state == TaskState.OPEN:
        row.task = tasks.end(row.task.pk, is_done=False, answer=made.reason, by=SYSTEM, at=at)
    row.save(update_fields=["allowance", "task"])


@transaction.atomic
def end(allowance_id: UUID, *, by: Actor, at: datetime) -> None:
    """It may no longer stand there: where it does, the next scan makes a task of it. Raises NotAllowed, NotFound."""
    require(by, ALLOW)
    row = Allowance.objects.select_for_update().filter(pk=allowance_id, ended_at=None).first()
    if row is None:
        raise NotFound
    row.ended_at, row.ended_by = at, by.id
    row.save(update_fields=["ended_at", "ended_by"])
    ledger.record("address_allowance.ended", about=row.subject, by=by, at=at)


def warned_of(words: str, *, at: datetime) -> list[str]:
    """Personal addresses in an answer that nobody has allowed to be given out: whoever writes it is asked whether they mean it."""
    found = [one.address for one in personal.seen_in(words)]
    return [one for one in found if published.allowance_of(one, at=at) is None]


def warning(address: str) -> str:
    return _(
        "%(address)s is an officer's own address. Give a shared mailbox; if you mean to give it, that is written down."
    ) % {"address": address}


def record(
    words: str, *, about: Subject, by: Actor, at: datetime, case_id: UUID | None = None, customer_id: UUID | None = None
) -> int:
    """An answer with these words went out: write down each personal address in it; how many. Call inside a transaction."""
    count = 0
    for seen in personal.seen_in(words):
        allowance = published.allowance_of(seen.address, at=at)
        row = {
            "id": uuid7(),
            "address": seen.address,
            "subject_kind": about.kind,
            "subject_id": about.id,
            "case_id": case_id,
            "allowance_id": allowance.pk if allowance else None,
            "given_by": by.id,
            "at": at,
        }
        count += insert_unless_there(GivenOut._meta.db_table, row)
    if count:
        data: dict[str, object] = {"addresses": count}
        ledger.record(
            "personal_address.given_out", about=about, by=by, at=at, case_id=case_id, customer_id=customer_id, data=data
        )
    return count
