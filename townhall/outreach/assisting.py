"""Assisted digital: what staff did online with somebody, what keeps people from it, and who would like help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.contacts import operations as contacts
from townhall.contacts.models import Contact
from townhall.contacts.operations import WrapUp
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput
from townhall.core.paging import Page, page_of, read_cursor
from townhall.core.subjects import Subject
from townhall.ledger import operations as ledger
from townhall.outreach import codes, counting, nudging
from townhall.outreach.models import Assisted, Nudge

RUN = "sessions.run"
YEAR = timedelta(days=365)
PAGE = 50


@dataclass(frozen=True, kw_only=True)
class More:
    """What a wrap-up adds. `said`: the nudge that the adviser said; `code`: one printed on material that they named."""

    was_assisted: bool = False
    barrier: str = ""
    wants_help: bool = False
    said: str = ""
    code: str = ""


@transaction.atomic
def wrap_up(contact_id: UUID, answers: WrapUp, more: More, *, by: Actor, at: datetime) -> Contact | None:
    """End a contact as `contacts.wrap_up` does, and keep what it taught us. Raises as that, and BadInput for a code we never gave out."""
    problems = {}
    if more.barrier and more.barrier not in Assisted.Barrier.values:
        problems["barrier"] = _("Select what keeps them from it")
    coded = codes.behind(more.code) if more.code else None
    if more.code and coded is None:
        problems["campaign_code"] = _("There is no such code. Leave it out when they are not sure")
    if problems:
        raise BadInput(problems)
    further = contacts.wrap_up(contact_id, answers, by=by, at=at)
    contact = Contact.objects.get(pk=contact_id)
    if more.was_assisted or more.barrier or more.wants_help:
        _keep(contact, more, by=by, at=at)
    if coded is not None:
        codes.named(contact_id, coded.code, at=at)
    if more.said:
        _note_said(contact, more.said, at=at)
    return further


def _keep(contact: Contact, more: More, *, by: Actor, at: datetime) -> None:
    Assisted.objects.update_or_create(
        contact_id=contact.pk,
        defaults={
            "customer_id": contact.customer_id,
            "service_code": contact.service_code,
            "was_assisted": more.was_assisted,
            "barrier": more.barrier,
            "wants_help": more.wants_help,
            "by_id": by.id,
            "at": at,
        },
    )
    data: dict[str, object] = {"assisted": more.was_assisted, "barrier": more.barrier, "wants_help": more.wants_help}
    about = Subject(kind="contact", id=contact.pk)
    ledger.record("contact.assisted", about=about, by=by, at=at, customer_id=contact.customer_id, data=data)


def _note_said(contact: Contact, code: str, *, at: datetime) -> None:
    """Only what was there to be said to them: the one that was on the adviser's screen."""
    chosen = script_for(contact)
    if chosen is not None and chosen.code == code:
        counting.shown(
            chosen.id,
            Nudge.Place.SCRIPT,
            about=contact.pk,
            at=at,
            service=contact.service_code,
            customer_id=contact.customer_id,
            email=contact.given_email,
        )


def script_for(contact: Contact) -> nudging.Live | None:
    """The line for an adviser to say in this conversation; None for none. At most one query, and only when there is one to say."""
    if not any(Nudge.Place.SCRIPT in one.places for one in nudging.live()):
        return None
    return nudging.choose(
        Nudge.Place.SCRIPT,
        about=contact.pk,
        channel=contact.channel_id,
        has_account=contact.customer_id is not None and nudging.has_account(contact.customer_id),
    )


@dataclass(frozen=True, kw_only=True)
class Needing:
    """A resident who needs help: since when, how often it was noted, the barriers, and whether they asked for it."""

    customer_id: UUID
    name: str
    last_at: datetime
    times: int
    barriers: tuple[str, ...]
    wants_help: bool
    booked_on: datetime | None


_NEEDING = """
    SELECT s.customer_id, c.name, max(s.at) AS last_at, count(*), array_agg(DISTINCT s.barrier) FILTER (WHERE s.barrier <> ''),
      bool_or(s.wants_help),
      (SELECT min(e.starts_at) FROM outreach_booking b JOIN outreach_session e ON e.id = b.session_id
       WHERE b.customer_id = s.customer_id AND b.state = 'booked' AND e.state = 'planned' AND e.starts_at > %(at)s)
    FROM outreach_assisted s JOIN customers_customer c ON c.id = s.customer_id AND c.merged_into_id IS NULL
    WHERE s.at > %(since)s AND (s.wants_help OR s.barrier NOT IN ('', 'prefers_people', 'website'))
      AND (%(barrier)s = '' OR s.barrier = %(barrier)s)
      AND NOT EXISTS (SELECT 1 FROM outreach_booking b JOIN outreach_session e ON e.id = b.session_id
        WHERE b.customer_id = s.customer_id AND b.state = 'attended' AND e.starts_at > s.at)
    GROUP BY s.customer_id, c.name
    HAVING %(last)s::timestamptz IS NULL OR (max(s.at), s.customer_id) < (%(last)s::timestamptz, %(id)s::uuid)
    ORDER BY max(s.at) DESC, s.customer_id DESC LIMIT %(size)s"""


def needing_help(*, by: Actor, at: datetime, barrier: str = "", after: str = "", size: int = PAGE) -> Page[Needing]:
    """Residents whom a barrier keeps from it or who asked for help in the last year, and have not come to a session since.

    The latest first. That it was looked at is written down. One query. Raises NotAllowed.
    """
    require(by, RUN)
    ledger.looked(by=by, at=at, customer_id=None, page="outreach.needing_help", reason="assisted digital")
    last, row_id = read_cursor(after, length=2) or (None, None)
    try:
        cursor = (datetime.fromisoformat(last), UUID(row_id)) if last and row_id else (None, None)
    except ValueError:
        cursor = (None, None)
    given = {"at": at, "since": at - YEAR, "barrier": barrier, "last": cursor[0], "id": cursor[1], "size": size + 1}
    rows = [
        Needing(
            customer_id=row[0],
            name=row[1],
            last_at=row[2],
            times=row[3],
            barriers=tuple(row[4] or ()),
            wants_help=row[5],
            booked_on=row[6],
        )
        for row in fetch_all(_NEEDING, given)
    ]
    return page_of(rows, size=size, key=lambda one: (one.last_at.isoformat(), one.customer_id))


@dataclass(frozen=True, kw_only=True)
class Month:
    """Contacts of a month with staff that were assisted, of all that staff wrapped up; and why."""

    month: str  # 2026-03
    contacts: int
    assisted: int
    barriers: int

    @property
    def percent(self) -> float:
        return 100 * self.assisted / self.contacts if self.contacts else 0.0


_MONTHS = """
    SELECT to_char(date_trunc('month', k.started_at AT TIME ZONE 'Europe/London'), 'YYYY-MM') AS month, count(*),
      count(*) FILTER (WHERE s.was_assisted), count(*) FILTER (WHERE s.barrier <> '')
    FROM contacts_contact k LEFT JOIN outreach_assisted s ON s.contact_id = k.id
    WHERE k.adviser_id IS NOT NULL AND k.ended_at IS NOT NULL AND k.started_at > %s GROUP BY month ORDER BY month DESC"""
_BARRIERS = """SELECT barrier, count(*), count(*) FILTER (WHERE wants_help) FROM outreach_assisted
    WHERE at > %s AND barrier <> '' GROUP BY barrier ORDER BY count(*) DESC, barrier"""
_CAME = """SELECT count(*) FILTER (WHERE b.state IN ('booked', 'attended', 'missed')), count(*) FILTER (WHERE b.state = 'attended'),
      count(*) FILTER (WHERE b.state = 'missed'),
      count(*) FILTER (WHERE b.state = 'attended' AND EXISTS (SELECT 1 FROM customers_accountlink l
        WHERE l.customer_id = b.customer_id AND l.role = 'self' AND l.since > b.booked_at AND l.since < e.ends_at + interval '28 days'))
    FROM outreach_booking b JOIN outreach_session e ON e.id = b.session_id WHERE e.starts_at > %s AND e.state <> 'cancelled'"""


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The last twelve months. `barriers`: code, times, of these wanting help. `opened`: came, and had an account within four weeks."""

    months: Sequence[Month]
    barriers: Sequence[tuple[str, int, int]]
    booked: int
    came: int
    missed: int
    opened: int


def figures(*, at: datetime) -> Figures:
    """Three queries."""
    months = [
        Month(month=row[0], contacts=row[1], assisted=row[2], barriers=row[3])
        for row in fetch_all(_MONTHS, (at - YEAR,))
    ]
    barriers = [(str(Assisted.Barrier(row[0]).label), row[1], row[2]) for row in fetch_all(_BARRIERS, (at - YEAR,))]
    ((booked, came, missed, opened),) = fetch_all(_CAME, (at - YEAR,))
    return Figures(months=months, barriers=barriers, booked=booked, came=came, missed=missed, opened=opened)
