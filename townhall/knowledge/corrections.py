"""A fault of a link becomes a request for correction: a row of its register with an owner and a day, and a mail to an outside body."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from townhall.accounts import directory
from townhall.core.actors import SYSTEM
from townhall.core.time import council_date
from townhall.knowledge.models import Link, LinkPlace
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.registers import operations as registers
from townhall.registers import queries
from townhall.registers.models import Row
from townhall.registers.states import ActionState, RowState

REGISTER: Final = "link-corrections"
DAYS: Final = timedelta(days=14)


def ask(link: Link, place: LinkPlace, *, fault: str, at: datetime) -> Row | None:
    """Have it put right; once, until it was. None where the register is not loaded."""
    if REGISTER not in queries.definitions():
        return None
    key = _key(link, place)
    row = Row.objects.filter(register_id=REGISTER, key=key).first()
    if row is not None and (row.state == RowState.OPEN or row.outcome == "dropped"):
        return row
    given = {"link": link.url[:300], "where": f"{place.title}, {place.path}"[:300], "fault": fault}
    email = _email_of(place)
    if email:
        given["asked"] = council_date(at).isoformat()
    if row is None:
        title = _("%(where)s: %(link)s") % {"where": place.title[:120], "link": link.url[:150]}
        row = registers.open_row(REGISTER, title=title, given=given, key=key, by=SYSTEM, at=at)
    else:
        row = registers.reopen_row(row.pk, by=SYSTEM, at=at)
        row = registers.change_row(row.pk, title=row.title, given=given, version=row.version, by=SYSTEM, at=at)
    registers.set_action(
        row.pk,
        title=_("Have it put right") if email else _("Put it right"),
        due_on=council_date(at) + DAYS,
        owner_post=_owner(place.owner),
        by=SYSTEM,
        at=at,
    )
    if email:
        _mail(row, link, place, fault=fault, email=email, at=at)
    return row


def settle(link: Link, place: LinkPlace, *, at: datetime) -> None:
    """It was looked at again and is right, or does not stand there any more."""
    row = Row.objects.filter(register_id=REGISTER, key=_key(link, place), state=RowState.OPEN).first()
    if row is None:
        return
    for action in row.actions.filter(state=ActionState.OPEN):
        registers.end_action(action.pk, is_done=True, words=_("Looked at again: it is right."), by=SYSTEM, at=at)
    registers.close_row(row.pk, outcome="fixed", words="", by=SYSTEM, at=at)


def _key(link: Link, place: LinkPlace) -> str:
    return f"{link.pk}:{place.kind}:{place.key}"


def _owner(code: str) -> str:
    try:
        return directory.post(code).code if code else ""
    except directory.UnknownCode:
        return ""


def _email_of(place: LinkPlace) -> str:
    """Of an outside body whose listing it is; empty for a page of ours."""
    if place.kind != "listing":
        return ""
    listing = queries.open_row_of("outside-listings", UUID(place.key))
    return str(listing.values.get("email", "")) if listing else ""


def _mail(row: Row, link: Link, place: LinkPlace, *, fault: str, email: str, at: datetime) -> None:
    listing = queries.open_row_of("outside-listings", UUID(place.key))
    field = queries.definition_of(REGISTER).field("fault")
    notifications.send(
        "knowledge/correction",
        to=Recipient(name=place.title, email=email),
        about=row.subject,
        key=f"correction-{row.pk}-{row.version}",
        context={
            "page": link.url,
            "shows": str(listing.values.get("shows", "")) if listing else "",
            "wrong": field.label_of(fault) if field else fault,
            "site": settings.PUBLIC_URL,
        },
        at=at,
    )
