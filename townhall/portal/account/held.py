"""Everything that is held about a customer, for themselves: to read, and to take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from townhall.accounts import queries as accounts
from townhall.admissions import queries as admissions
from townhall.cases.models import Case, Note
from townhall.contacts.models import Contact
from townhall.core.actors import Actor
from townhall.core.time import council_date
from townhall.customers import queries as customers
from townhall.customers.accounts import consents, levels, links
from townhall.customers.merging import also_known_as
from townhall.customers.reasons import words_of
from townhall.ledger.queries import Looked, looks_at_customer
from townhall.notifications.models import Message
from townhall.notifications.queries import apart
from townhall.payments.queries import of_customer
from townhall.permits import queries as permits

MOST = 5_000  # rows of one kind
LOOKS_SHOWN = timedelta(days=730)
_UNSAID = "marker."  # that there is one is said in a letter, or not at all (standards.md 9)
_PAGES = {
    "customer.record": _("Your record"),
    "customer.details": _("Your details"),
    "customer.account": _("Your account and checks"),
    "account.download": _("A copy of everything"),
    "account.seen": _("Your account, as you see it"),
    "customer.standing": _("What you owe or have with other systems"),
    "property": _("What is going on at your address"),
    "desk.lookup": _("A search in which you were found"),
}


@dataclass(frozen=True, kw_only=True)
class LookedAt:
    """Somebody of the council saw the record: in what post, not by what name."""

    at: datetime
    who: str
    page: str
    reason: str


def who_looked(customer_id: UUID, *, at: datetime, after: str = "") -> tuple[Sequence[LookedAt], str]:
    """The last two years, newest first, a page at a time; and the next page's cursor. Two queries."""
    also = also_known_as(customer_id)
    page = looks_at_customer(
        customer_id, since=at - LOOKS_SHOWN, until=at + timedelta(seconds=1), also=also, after=after, size=30
    )
    staff = [UUID(row.actor_id) for row in page.rows if row.actor_kind == "staff"]
    posts = accounts.posts_of(staff, on=council_date(at))
    seen = [
        LookedAt(
            at=row.at,
            who=_who(row, posts),
            page=_PAGES.get(row.page, row.page.replace(".", " ").replace("_", " ")),
            reason=words_of(row.reason).replace("_", " "),
        )
        for row in page.rows
        if not row.page.startswith(_UNSAID)
    ]
    return seen, page.after


def _who(row: Looked, posts: dict[UUID, str]) -> str:
    if row.actor_kind == "customer":
        return _("You, or somebody with your account")
    if row.actor_kind != "staff":
        return _("Another system")
    return posts.get(UUID(row.actor_id), _("A member of staff"))


def everything(customer_id: UUID, *, account_id: UUID, by: Actor, at: datetime) -> dict[str, Any]:
    """As plain values, for a file. A fixed number of queries, each bounded. Raises NotFound for another's record."""
    record = customers.record(customer_id, by=by)
    cases = list(Case.objects.filter(customer_id=customer_id).order_by("opened_at")[:MOST])
    theirs = (Note.Kind.QUESTION, Note.Kind.REPLY, Note.Kind.UPDATE)
    notes = Note.objects.filter(case__in=[case.pk for case in cases], kind__in=theirs).order_by("at")[:MOST]
    looks, _more = who_looked(customer_id, at=at)
    return {
        "made_at": at.isoformat(),
        "council": settings.COUNCIL_NAME,
        "record": msgspec.to_builtins(
            {
                "name": record.name,
                "kind": record.kind,
                "date_of_birth": record.date_of_birth,
                "preferred_channel": record.preferred_channel,
                "language": record.language,
                "since": record.created_at,
                "contact_points": record.points,
                "addresses": record.addresses,
                "roles": record.roles,
                "numbers": record.numbers,
                "needs": record.needs,
                "acting_for_or_with": [{"name": one.name, "relation": one.relation} for one in record.links],
            }
        ),
        "account": [
            {"role": role, "level": level, "level_until": str(until or "")}
            for holder, _name, _email, role, level, until in links.accounts_of(customer_id)
            if holder == account_id
        ],
        "requests": [_case(case) for case in cases],
        "conversations_about_requests": [
            {"reference_id": str(note.case_id), "kind": note.kind, "at": note.at.isoformat(), "words": note.text}
            for note in notes
        ],
        "contacts": [
            {
                "at": row.started_at.isoformat(),
                "channel": row.channel_id,
                "service": row.service_code,
                "name_given": row.given_name,
                "email_given": row.given_email,
                "phone_given": row.given_phone,
            }
            for row in Contact.objects.filter(customer_id=customer_id).order_by("started_at")[:MOST]
        ],
        "messages": [
            {
                "at": row.created_at.isoformat(),
                "channel": row.channel,
                "subject": row.subject_line,
                "words": row.body_text,
            }
            for row in Message.objects.filter(customer_id=customer_id)
            .exclude(subject_kind__in=apart())
            .order_by("created_at")[:MOST]
        ],
        "parking_permits": [
            {
                "number": one.number,
                "vehicle": one.mark,
                "zone": one.zone_code,
                "address": one.address,
                "state": one.state_words,
                "from": str(one.starts_on or ""),
                "until": str(one.ends_on or ""),
                "fee_pence": int(one.price_pence),
            }
            for one in permits.of_customer(customer_id, at=at, limit=MOST)
        ],
        "school_applications": [
            {
                "child": one.child_name,
                "born": one.child_born.isoformat(),
                "round": one.round_name,
                "state": one.state_words,
                "receipt": one.receipt,
                "schools_in_order": [school["name"] for school in one.preferences],
            }
            for one in admissions.of_customer(customer_id, at=at, limit=MOST)
        ],
        "payments": [
            {
                "kind": line.kind,
                "reference": line.reference,
                "pence": int(line.pence),
                "state": line.state_words,
                "at": line.at.isoformat(),
            }
            for line in of_customer(customer_id, limit=MOST)
        ],
        "consents": [
            {
                "purpose": one.purpose,
                "version": one.version,
                "channel": one.channel,
                "given_at": one.given_at.isoformat(),
                "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else "",
            }
            for one in consents.history(customer_id)
        ],
        "checks": [
            {"method": one.method, "level": one.level, "at": one.at.isoformat(), "until": one.until_on.isoformat()}
            for one in levels.checks_of(customer_id, at=at)
        ],
        "seen_by": [{"at": one.at.isoformat(), "who": one.who, "page": str(one.page)} for one in looks],
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": str(case.pk),
        "reference": case.reference,
        "service": case.service_code,
        "state": case.state,
        "opened_at": case.opened_at.isoformat(),
        "closed_at": case.closed_at.isoformat() if case.closed_at else "",
        "words": case.description,
        "answers": case.attributes,
        "address": case.address,
        "outcome": case.outcome_text,
    }
