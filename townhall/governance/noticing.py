"""Looks at records that are worth a question, each with its reason in words; and what came of asking.

None of them is an offence by itself: a colleague may share a surname with a caller, and an emergency comes at night.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from townhall.accounts import permissions
from townhall.clocks import operations as clocks
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound
from townhall.core.paging import Page, page_of, read_cursor
from townhall.customers.models import Customer
from townhall.forms.typed import clean_text
from townhall.governance.models import Question
from townhall.governance.seeds import EXPLAIN
from townhall.governance.states import QuestionState, check_question
from townhall.ledger import operations as ledger

SEE, ASK = "audit.see", "looks.question"
MANY, WITHIN = 40, timedelta(hours=1)  # records of different customers by one person
NEAR = timedelta(hours=12)  # a contact or a case this near gives a reason
FIRST_HOUR, LAST_HOUR = 7, 20  # London; outside is out of hours, as are weekends
LONGEST = 2_000
SIZE = 50

KINDS: Final[dict[str, StrOrPromise]] = {
    "surname": gettext_lazy("Of the colleague’s own surname"),
    "address": gettext_lazy("Of the colleague’s own address"),
    "own": gettext_lazy("Probably the colleague’s own record"),
    "many": gettext_lazy("Many records in an hour"),
    "nothing": gettext_lazy("No contact or case near that time"),
    "night": gettext_lazy("Out of hours"),
}


@dataclass(frozen=True, kw_only=True)
class Unusual:
    """A look that is worth a question. `asked`: somebody has asked about it."""

    id: UUID
    at: datetime
    staff_id: UUID
    staff: str
    customer_id: UUID
    page: str
    reason: str
    kind: str
    asked: bool

    @property
    def words(self) -> str:
        return str(KINDS[self.kind])


# A colleague as a customer is known by their verified staff email among somebody's contact points: their own record, and so their address.
_LOOKS = """
    SELECT l.id, l.at, u.id AS staff_id, u.name AS staff, u.email, l.customer_id, l.page, l.reason
    FROM ledger_look l JOIN accounts_user u ON u.id::text = l.actor_id
    WHERE l.actor_kind = 'staff' AND l.customer_id IS NOT NULL AND l.at >= %(since)s AND l.at < %(until)s
      AND l.page IN ('customer.record', 'customer.details', 'customer.account', 'account.seen', 'property', 'api.customer')"""
_MINE = """SELECT p.customer_id FROM customers_contactpoint p
           WHERE p.kind = 'email' AND p.ended_at IS NULL AND p.normalised = lower(k.email)"""
_CHECKS: Final[dict[str, str]] = {
    "own": f"k.customer_id IN ({_MINE})",
    "surname": """EXISTS (SELECT 1 FROM customers_customer c WHERE c.id = k.customer_id AND c.kind = 'person'
        AND split_part(lower(k.staff), ' ', -1) = split_part(c.search_name, ' ', -1) AND position(' ' IN k.staff) > 0)""",
    "address": f"""EXISTS (SELECT 1 FROM customers_customeraddress a JOIN customers_customeraddress b ON b.uprn = a.uprn
        WHERE a.uprn <> '' AND a.customer_id = k.customer_id AND a.until_on IS NULL AND b.until_on IS NULL
          AND b.customer_id IN ({_MINE}) AND b.customer_id <> k.customer_id)""",  # noqa: S608 - constants of ours
    "many": """(SELECT count(DISTINCT m.customer_id) FROM ledger_look m WHERE m.actor_id = k.staff_id::text
        AND m.customer_id IS NOT NULL AND m.at > k.at - %(within)s::interval AND m.at <= k.at) >= %(many)s""",
    "nothing": """NOT EXISTS (SELECT 1 FROM contacts_contact x WHERE x.customer_id = k.customer_id
          AND x.started_at BETWEEN k.at - %(near)s::interval AND k.at + %(near)s::interval)
        AND NOT EXISTS (SELECT 1 FROM cases_case c WHERE c.customer_id = k.customer_id
          AND (c.closed_at IS NULL OR c.closed_at > k.at - %(near)s::interval) AND c.opened_at < k.at + %(near)s::interval)""",
    "night": """(extract(isodow FROM k.at AT TIME ZONE 'Europe/London') > 5
        OR extract(hour FROM k.at AT TIME ZONE 'Europe/London') NOT BETWEEN %(first)s AND %(last)s - 1)""",
}


def unusual(
    *, since: datetime, until: datetime, by: Actor, kind: str = "", after: str = "", size: int = SIZE
) -> Page[Unusual]:
    """Looks from `since` on and before `until`, newest first, one line for each reason. Raises NotAllowed. One statement."""
    permissions.require(by, SEE)
    wanted = [kind] if kind in KINDS else list(KINDS)
    each = " UNION ALL ".join(f"SELECT k.*, '{one}' AS kind FROM k WHERE {_CHECKS[one]}" for one in wanted)  # noqa: S608
    statement = f"""WITH k AS MATERIALIZED ({_LOOKS}), found AS ({each})
        SELECT f.id, f.at, f.staff_id, f.staff, f.customer_id, f.page, f.reason, f.kind,
          EXISTS (SELECT 1 FROM governance_question q WHERE q.look_id = f.id AND q.why = f.kind)
        FROM found f WHERE (f.at, f.id, f.kind) < (%(at)s, %(id)s, %(key)s)
        ORDER BY f.at DESC, f.id DESC, f.kind DESC LIMIT %(size)s"""  # noqa: S608 - constants of ours
    at, look_id, key = _cursor(after, until)
    with connection.cursor() as cursor:
        cursor.execute(
            statement,
            {
                "since": since,
                "until": until,
                "within": f"{WITHIN.total_seconds()} seconds",
                "many": MANY,
                "near": f"{NEAR.total_seconds()} seconds",
                "first": FIRST_HOUR,
                "last": LAST_HOUR,
                "at": at,
                "id": look_id,
                "key": key,
                "size": size + 1,
            },
        )
        rows = [_row(row) for row in cursor.fetchall()]
    return page_of(rows, size=size, key=lambda one: (one.at.isoformat(), one.id, one.kind))


def _row(row: Sequence[Any]) -> Unusual:
    names = ("id", "at", "staff_id", "staff", "customer_id", "page", "reason", "kind", "asked")
    return Unusual(**dict(zip(names, row, strict=True)))


def _cursor(after: str, until: datetime) -> tuple[datetime, UUID, str]:
    values = read_cursor(after, length=3) if after else None
    try:
        if values is not None:
            return datetime.fromisoformat(values[0]), UUID(values[1]), str(values[2])
    except ValueError:
        pass
    return until, UUID(int=(1 << 128) - 1), "~"


@transaction.atomic
def ask(look_id: UUID, kind: str, *, looked_at: datetime, by: Actor, at: datetime) -> Question:
    """Ask the colleague why. They have five working days; they are told on their own page. Twice is once. Raises NotAllowed, NotFound."""
    permissions.require(by, ASK)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor_id, customer_id, at FROM ledger_look WHERE id = %s AND at = %s AND actor_kind = 'staff'",
            (look_id, looked_at),
        )
        row = cursor.fetchone()
    if row is None or kind not in KINDS:
        raise NotFound
    there = Question.objects.filter(look_id=look_id, why=kind).first()
    if there is not None:
        return there
    if row[0] == by.id:
        raise NotAllowed(_("Somebody else has to ask about what you looked at yourself."))
    customer = row[1] if Customer.objects.filter(pk=row[1]).exists() else None
    made = Question.objects.create(
        look_id=look_id,
        staff_id=UUID(row[0]),
        customer_id=customer,
        why=kind,
        looked_at=row[2],
        asked_by=UUID(by.id),
        asked_at=at,
    )
    clocks.start(EXPLAIN, about=made.subject, at=at)
    ledger.record("look.asked", about=made.subject, by=by, at=at, data={"staff": row[0], "why": kind})
    return made


@transaction.atomic
def explain(question_id: UUID, *, words: str, by: Actor, at: datetime) -> Question:
    """The colleague says why. Raises NotFound for another's question, BadInput, WrongState when it was explained."""
    question = _locked(question_id)
    if str(question.staff_id) != by.id:
        raise NotFound
    words = clean_text(words)[:LONGEST]
    if not words:
        raise BadInput({"words": _("Enter why you looked")})
    check_question(question.state, QuestionState.EXPLAINED)
    question.explanation, question.explained_at, question.state = words, at, QuestionState.EXPLAINED
    question.save(update_fields=["explanation", "explained_at", "state"])
    clocks.finish(EXPLAIN, about=question.subject, at=at)
    ledger.record("look.explained", about=question.subject, by=by, at=at)
    return question


@transaction.atomic
def close(question_id: UUID, *, outcome: str, by: Actor, at: datetime) -> Question:
    """What came of it. Raises NotAllowed, also to whoever is asked, NotFound, BadInput, WrongState."""
    permissions.require(by, ASK)
    question = _locked(question_id)
    if str(question.staff_id) == by.id:
        raise NotAllowed(_("Somebody else has to say what came of a question to you."))
    check_question(question.state, QuestionState.CLOSED)
    outcome = clean_text(outcome)[:LONGEST]
    if not outcome:
        raise BadInput({"outcome": _("Enter what came of it")})
    if question.state == QuestionState.ASKED:
        clocks.stop(EXPLAIN, about=question.subject, at=at)
    question.outcome, question.closed_by, question.closed_at = outcome, UUID(by.id), at
    question.state = QuestionState.CLOSED
    question.save(update_fields=["outcome", "closed_by", "closed_at", "state"])
    ledger.record("look.closed", about=question.subject, by=by, at=at)
    return question


def asked_of(user_id: str) -> QuerySet[Question]:
    """What this colleague is asked and has not said yet, oldest first."""
    return Question.objects.filter(staff_id=user_id, state=QuestionState.ASKED).order_by("asked_at", "id")


def questions(*, limit: int = 200) -> list[Question]:
    """Those not closed, oldest first."""
    return list(Question.objects.exclude(state=QuestionState.CLOSED).order_by("asked_at", "id")[:limit])


def _locked(question_id: UUID) -> Question:
    found = Question.objects.select_for_update().filter(pk=question_id).first()
    if found is None:
        raise NotFound
    return found
