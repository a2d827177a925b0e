"""Changing when the council is open: a date with other hours."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.places import opening
from townhall.places.models import HoursException, Site
from townhall.places.opening import Where

LONGEST_REASON = 200


@transaction.atomic
def add_exception(
    where: Where,
    *,
    on: date,
    opens: time | None,
    closes: time | None,
    reason: str = "",
    by: Actor,
    at: datetime,
) -> HoursException:
    """Other hours on one date, or closed all day without times. An empty `where` is the whole council. Raises BadInput."""
    problems: dict[str, str] = {}
    if on < council_date(at):
        problems["on"] = _("The date must be today or later")
    if (opens is None) != (closes is None):
        problems["opens"] = _("Enter both times, or neither for closed all day")
    if opens and closes and closes <= opens:
        problems["closes"] = _("It must close after it opens")
    if len(reason) > LONGEST_REASON:
        problems["reason"] = _("The reason must be %(most)d characters or fewer") % {"most": LONGEST_REASON}
    if where.site and not Site.objects.filter(pk=where.site).exists():
        problems["where"] = _("Select where it holds")
    if problems:
        raise BadInput(problems)
    made = HoursException.objects.create(
        site_id=where.site or None,
        service_code=where.service,
        channel=where.channel,
        on=on,
        opens=opens,
        closes=closes,
        reason=reason.strip(),
    )
    _record("hours.exception_added", made, by=by, at=at)
    return made


@transaction.atomic
def remove_exception(exception_id: UUID, *, by: Actor, at: datetime) -> None:
    """The usual hours hold again on that date. Raises NotFound."""
    found = HoursException.objects.select_for_update().filter(pk=exception_id).first()
    if found is None:
        raise NotFound
    _record("hours.exception_removed", found, by=by, at=at)
    found.delete()


def _record(verb: str, one: HoursException, *, by: Actor, at: datetime) -> None:
    ledger.record(
        verb,
        about=Subject(kind="hours_exception", id=one.pk),
        by=by,
        at=at,
        data={
            "site": one.site_id or "",
            "service": one.service_code,
            "channel": one.channel,
            "on": one.on.isoformat(),
            "opens": one.opens.isoformat() if one.opens else "",
            "closes": one.closes.isoformat() if one.closes else "",
        },
    )
    transaction.on_commit(opening.forget)
