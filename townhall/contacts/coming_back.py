"""First-contact resolution: whoever comes back about the same service in so many days shows that the earlier contact did not settle it.

standards.md §2.2: FCR = first contacts resolved and not repeated in the window ÷ first contacts. A contact that repeats another is not a
first contact. A month's figures stand still only once its windows are over; the page says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import permissions
from townhall.contacts.models import Contact, RepeatWindow
from townhall.core.actors import Actor
from townhall.core.db import execute, fetch_all, fetch_one
from townhall.core.errors import BadInput
from townhall.core.refreshing import Refreshing
from townhall.core.subjects import Subject, coded
from townhall.core.time import start_of
from townhall.ledger import operations as ledger

USUAL_DAYS = 7
MOST_DAYS = 90
GOAL = 90  # per cent of first contacts
SET = "resolution.set"

# The latest earlier contact of the same customer about this service, other than the one that led straight to it.
_EARLIER: Final = """
    SELECT k.id, k.outcome, k.not_resolved_at FROM contacts_contact k
    WHERE k.customer_id = %s AND (k.started_at, k.id) < (%s, %s) AND k.started_at > %s AND k.service_code = %s
      AND k.ended_at IS NOT NULL AND k.id IS DISTINCT FROM %s
    ORDER BY k.started_at DESC, k.id DESC LIMIT 1"""
_OFTEN: Final = """
    SELECT k.service_code, count(*) FROM contacts_contact k
    LEFT JOIN contacts_repeatwindow w ON w.service_code = k.service_code
    WHERE k.customer_id = %s AND k.started_at > %s - coalesce(w.days, %s) * interval '1 day' AND k.started_at > %s
      AND k.started_at <= %s AND k.service_code <> '' AND k.id IS DISTINCT FROM %s
    GROUP BY k.service_code HAVING count(*) >= %s ORDER BY count(*) DESC, k.service_code LIMIT 5"""
_BY_MONTH: Final = """
    SELECT service_code, date_trunc('month', ended_at AT TIME ZONE 'Europe/London')::date AS month, count(*),
      count(*) FILTER (WHERE repeats_id IS NULL),
      count(*) FILTER (WHERE repeats_id IS NULL AND outcome = 'resolved' AND not_resolved_at IS NULL),
      count(*) FILTER (WHERE repeats_id IS NULL AND outcome = 'referred'), count(not_resolved_at)
    FROM contacts_contact
    WHERE adviser_id IS NOT NULL AND ended_at IS NOT NULL AND ended_at >= %s AND ended_at < %s
    GROUP BY service_code, month ORDER BY month DESC, service_code"""


@dataclass(frozen=True, kw_only=True)
class Often:
    """How often a customer got in touch about one service in its window, the conversation that goes on not counted."""

    service: str
    times: int
    days: int

    @property
    def this_would_be(self) -> int:
        return self.times + 1


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """One service in one month, of contacts with an adviser that ended in it. `reopened`: re-marked as not resolved after all."""

    service: str
    month: date
    contacts: int
    first: int
    resolved: int
    referred: int
    reopened: int

    @property
    def percent(self) -> float:
        return 100 * self.resolved / self.first if self.first else 0.0

    @property
    def meets_goal(self) -> bool:
        return self.percent >= GOAL


_windows: Refreshing[Mapping[str, int]] = Refreshing(
    lambda: dict(RepeatWindow.objects.values_list("service_code", "days"))
)


def days_of(service: str) -> int:
    """The window of a service, in days; at most a few seconds old."""
    return _windows.get().get(service, USUAL_DAYS)


def mark_earlier(contact: Contact, *, by: Actor, at: datetime) -> UUID | None:
    """As `came_back`, for a contact that is being wrapped up."""
    if contact.customer_id is None or contact.repeats_id is not None:
        return None
    contact.repeats_id = came_back(
        contact.pk,
        contact.customer_id,
        contact.service_code,
        by=by,
        at=at,
        started_at=contact.started_at,
        follows_id=contact.follows_id,
    )
    return contact.repeats_id


def came_back(
    contact_id: UUID,
    customer_id: UUID,
    service: str,
    *,
    by: Actor,
    at: datetime,
    started_at: datetime | None = None,
    follows_id: UUID | None = None,
) -> UUID | None:
    """Whether this contact is about a matter of an earlier one; which. The earlier one counts as not resolved from now on.

    Inside the caller's transaction; one statement, and two more where it is so. Nothing is asked for a contact about no service.
    """
    began = started_at or at
    if not service:
        return None
    since = began - timedelta(days=days_of(service))
    row = fetch_one(_EARLIER, (customer_id, began, contact_id, since, service, follows_id))
    if row is None:
        return None
    earlier_id, outcome, marked_at = row
    execute("UPDATE contacts_contact SET repeats_id = %s WHERE id = %s", (earlier_id, contact_id))
    if outcome == Contact.Outcome.RESOLVED and marked_at is None:
        _not_resolved(earlier_id, customer_id, {"came_back": str(contact_id), "service": service}, by=by, at=at)
    return UUID(str(earlier_id))


def _not_resolved(contact_id: UUID, customer_id: UUID, data: dict[str, object], *, by: Actor, at: datetime) -> None:
    marked = "UPDATE contacts_contact SET not_resolved_at = %s WHERE id = %s AND not_resolved_at IS NULL"
    if execute(marked, (at, contact_id)):
        about = Subject(kind="contact", id=contact_id)
        ledger.record("contact.not_resolved", about=about, by=by, at=at, customer_id=customer_id, data=data)


def how_often(customer_id: UUID, *, at: datetime, besides: UUID | None = None, least: int = 2) -> list[Often]:
    """About which services they got in touch so often in the services' windows, the most first. One statement."""
    rows = fetch_all(_OFTEN, (customer_id, at, USUAL_DAYS, at - timedelta(days=MOST_DAYS), at, besides, least))
    return [Often(service=service, times=times, days=days_of(service)) for service, times in rows]


def by_month(*, since: date, until: date) -> list[Resolved]:
    """Each service and month of contacts that ended from `since` on and before `until`, the latest month first. One statement."""
    rows = fetch_all(_BY_MONTH, (start_of(since), start_of(until)))
    return [
        Resolved(
            service=row[0],
            month=row[1],
            contacts=row[2],
            first=row[3],
            resolved=row[4],
            referred=row[5],
            reopened=row[6],
        )
        for row in rows
    ]


@transaction.atomic
def set_days(service: str, days: int, *, by: Actor, at: datetime) -> RepeatWindow:
    """In how many days a repeat counts for a service, for contacts from now on. Raises NotAllowed, BadInput."""
    permissions.require(by, SET)
    if not service:
        raise BadInput({"service": _("Select a service")})
    if not 1 <= days <= MOST_DAYS:
        raise BadInput({"days": _("Enter a number of days from 1 to %(most)d") % {"most": MOST_DAYS}})
    row, _made = RepeatWindow.objects.update_or_create(
        service_code=service,
        defaults={"days": days, "set_by_id": UUID(by.id) if by.is_staff else None, "set_at": at},
    )
    about = coded("repeat_window", service)
    ledger.record("resolution.window_set", about=about, by=by, at=at, data={"service": service, "days": days})
    _windows.forget()
    return row
