"""Everything a case page shows, in two statements: the case that the reader may see, and what hangs on it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from townhall.cases.access import cases_visible_to, sees_at_once
from townhall.cases.models import Case
from townhall.core.actors import Actor
from townhall.core.db import fetch_one
from townhall.core.references import parse_reference
from townhall.street.nearby import Near
from townhall.workspace.presence import LASTS, Here

SHOWN = 100  # of messages, followers and the like; the page says when there are more


class Note(Struct, array_like=True, frozen=True):
    kind: str
    text: str
    by_kind: str
    by_id: str
    at: datetime


class Follower(Struct, array_like=True, frozen=True):
    id: UUID
    name: str
    email: str
    phone: str
    is_reporter: bool
    since: datetime


class Offer(Struct, array_like=True, frozen=True):
    id: UUID
    from_team: UUID
    to_team: UUID
    state: str
    note: str
    reason: str
    offered_at: datetime
    answer_due_at: datetime


class Part(Struct, array_like=True, frozen=True):
    """A task of the case: one service's part."""

    id: UUID
    service: str
    team: UUID
    title: str
    due_on: date
    state: str
    result: str


class Job(Struct, array_like=True, frozen=True):
    id: UUID
    team: UUID
    contract_ref: str
    obligations: str
    due_on: date
    state: str
    scheduled_on: date | None
    last_update: str


class Raised(Struct, array_like=True, frozen=True):
    to_post: UUID
    reason: str
    at: datetime
    seen_at: datetime | None


class Climbed(Struct, array_like=True, frozen=True):
    """A step of the path that a difficult case climbs: who held it, from when to when."""

    step: str
    holder: str
    from_at: datetime
    until_at: datetime | None


class Longer(Struct, array_like=True, frozen=True):
    until_on: date
    reason: str
    at: datetime


class Told(Struct, array_like=True, frozen=True):
    id: UUID
    template: str
    channel: str
    state: str
    name: str
    address: str
    subject_line: str
    body_text: str
    at: datetime
    error: str


class Photo(Struct, array_like=True, frozen=True):
    id: UUID
    purpose: str
    state: str
    name: str
    is_image: bool
    case_id: UUID  # this case, or one that was joined to it


class Delivery(Struct, array_like=True, frozen=True):
    id: UUID
    target: str
    kind: str
    state: str
    external_id: str
    error: str
    at: datetime
    sent_at: datetime | None


class Clock(Struct, array_like=True, frozen=True):
    kind: str
    state: str
    due_at: datetime
    original_due_at: datetime
    finished_at: datetime | None


class Entry(Struct, array_like=True, frozen=True):
    at: datetime
    actor_kind: str
    actor_id: str
    verb: str
    data: dict[str, Any]


class Person(Struct, array_like=True, frozen=True):
    id: UUID
    name: str
    posts: str | None


class Joined(Struct, array_like=True, frozen=True):
    """A report that goes on in this case, directly or by way of another."""

    id: UUID
    reference: str
    opened_at: datetime
    description: str
    address: str
    place_words: str


class Around(Struct, frozen=True):
    """What hangs on a case. The newest come first where only SHOWN are given."""

    notes: list[Note] | None
    followers: list[Follower] | None
    offers: list[Offer] | None
    parts: list[Part] | None
    jobs: list[Job] | None
    raised: list[Raised] | None
    climbed: list[Climbed] | None
    longer: list[Longer] | None
    messages: list[Told] | None
    photos: list[Photo] | None
    deliveries: list[Delivery] | None
    clocks: list[Clock] | None
    entries: list[Entry] | None
    people: list[Person] | None
    here: list[Here] | None
    joined: list[Joined] | None
    into: str | None  # the reference of the case it was joined to
    chased: datetime | None  # when the customer last chased


def _list(values: str, source: str, order: str) -> str:
    return f"(SELECT json_agg(json_build_array({values}) ORDER BY {order}) FROM {source})"  # noqa: S608


def _newest(values: str, source: str, order: str) -> str:
    """As `_list`, of the SHOWN newest rows alone."""
    return (
        f"(SELECT json_agg(json_build_array({values}) ORDER BY {order} DESC) FROM"  # noqa: S608
        f" (SELECT * FROM {source} ORDER BY {order} DESC LIMIT {SHOWN}) x)"
    )


# The case and every report that goes on in it: those joined to it, and those joined to them. And what happened to it: from its first
# day, given as a value, so that the ledger's months before are not even opened.
_FIRST = """WITH RECURSIVE together AS (SELECT %s::uuid AS id UNION
    SELECT m.id FROM cases_case m JOIN together t ON m.merged_into_id = t.id),
happened AS (SELECT id, at, actor_kind, actor_id, verb, data FROM ledger_entry WHERE case_id = %s AND at >= %s
    ORDER BY at DESC, id DESC LIMIT 200) """
_TOGETHER = "SELECT id FROM together"

_PARTS = {
    "notes": _list("n.kind, n.text, n.by_kind, n.by_id, n.at", "cases_note n WHERE n.case_id = c.id", "n.at"),
    "followers": _newest(
        "x.id, x.name, x.email, x.phone, x.is_reporter, x.since",
        "cases_follower f WHERE f.case_id = c.id AND f.ended_at IS NULL",
        "since",
    ),
    "offers": _list(
        "h.id, h.from_team_id, h.to_team_id, h.state, h.note, h.reason, h.offered_at, h.answer_due_at",
        "cases_handoff h WHERE h.case_id = c.id",
        "h.offered_at",
    ),
    "parts": _list(
        "t.id, t.service_code, t.team_id, t.title, t.due_on, t.state, t.result",
        "cases_task t WHERE t.case_id = c.id",
        "t.created_at",
    ),
    "jobs": _list(
        "j.id, j.team_id, j.contract_ref, j.obligations, j.due_on, j.state, j.scheduled_on, j.last_update",
        "cases_contractorjob j WHERE j.case_id = c.id",
        "j.created_at",
    ),
    "raised": _list("e.to_post_id, e.reason, e.at, e.seen_at", "cases_escalation e WHERE e.case_id = c.id", "e.at"),
    "climbed": _list(
        "s.step, coalesce(u.name, p.title), s.from_at, s.until_at",
        "cases_pathstep s LEFT JOIN accounts_user u ON u.id = s.holder_id LEFT JOIN accounts_post p ON p.id = s.post_id"
        " WHERE s.case_id = c.id",
        "s.from_at",
    ),
    "longer": _list("e.until_on, e.reason, e.at", "cases_extension e WHERE e.case_id = c.id", "e.at"),
    "messages": _newest(
        "x.id, x.template, x.channel, x.state, x.recipient_name, x.recipient_address, x.subject_line,"
        r" regexp_replace(x.body_text, '\*\*([^*\n]+)\*\*', '\1', 'g'),"  # without the marks of bold
        " x.created_at, x.error",
        "notifications_message m WHERE m.case_id = c.id",
        "created_at",
    ),
    "photos": _list(
        "f.id, f.purpose, f.state, f.original_name, f.content_type LIKE 'image/%%', f.case_id",
        f"files_storedfile f WHERE f.case_id IN ({_TOGETHER})",
        "f.created_at",
    ),
    "deliveries": _newest(
        "x.id, x.target, x.kind, x.state, x.external_id, x.last_error, x.created_at, x.sent_at",
        "connectors_delivery d WHERE d.case_id = c.id",
        "created_at",
    ),
    "clocks": _list(
        "k.kind, k.state, k.due_at, k.original_due_at, k.finished_at",
        "clocks_clock k WHERE k.case_id = c.id",
        "k.due_at",
    ),
    "entries": (
        "(SELECT json_agg(json_build_array(x.at, x.actor_kind, x.actor_id, x.verb, x.data) ORDER BY x.at DESC, x.id DESC)"
        " FROM happened x)"
    ),
    "people": """(SELECT json_agg(json_build_array(u.id, u.name,
            (SELECT string_agg(p.title, ', ') FROM accounts_postholder h JOIN accounts_post p ON p.id = h.post_id
                WHERE h.user_id = u.id AND h.until_on IS NULL)))
        FROM accounts_user u WHERE u.id IN (SELECT e.actor_id::uuid FROM happened e
            WHERE e.actor_kind = 'staff' AND length(e.actor_id) = 36))""",
    "here": """(SELECT json_agg(json_build_array(u.name, p.doing) ORDER BY u.name)
        FROM workspace_presence p JOIN accounts_user u ON u.id = p.user_id
        WHERE p.case_id = c.id AND p.user_id <> %s AND p.seen_at > %s)""",
    "joined": _list(
        "o.id, o.reference, o.opened_at, o.description, o.address, o.place_words",
        f"cases_case o WHERE o.id <> c.id AND o.id IN ({_TOGETHER})",
        "o.opened_at",
    ),
    "into": "(SELECT o.reference FROM cases_case o WHERE o.id = c.merged_into_id)",
    "chased": "(SELECT max(k.at) FROM cases_casecontact k WHERE k.case_id = c.id AND k.kind = 'chaser')",
}
_OBJECT = ", ".join(f"'{name}', {part}" for name, part in _PARTS.items())
_AROUND = f"{_FIRST} SELECT json_build_object({_OBJECT})::text FROM cases_case c WHERE c.id = %s"  # noqa: S608 - constants only


_FIELDS = tuple(Case._meta.concrete_fields)
_NAMES = tuple(field.attname for field in _FIELDS)
_CASE = f"SELECT {', '.join(str(field.column) for field in _FIELDS)} FROM cases_case WHERE reference = %s"  # noqa: S608


def visible(reference: str, *, by: Actor) -> Case | None:
    """The case, when there is one and `by` may see it. One statement; a second for a case of another team than one's own.

    Read without the ORM, whose making of this query took longer than all the rest of it.
    """
    known = parse_reference(reference)
    row = fetch_one(_CASE, (known,)) if known else None
    if row is None:
        return None
    values = [
        json.loads(value) if field.attname == "attributes" and isinstance(value, str) else value
        for field, value in zip(_FIELDS, row, strict=True)
    ]
    case = Case.from_db("default", _NAMES, values)
    return case if _may_see(case, by) else None


def _may_see(case: Case, by: Actor) -> bool:
    """As `cases_visible_to`, which is asked unless its plainest lines answer: staff who see all, and an officer's own team."""
    return sees_at_once(by, case) or cases_visible_to(by).filter(pk=case.pk).exists()


def seen_by(by: Actor, found: Sequence[Near]) -> list[Near]:
    """Of reports nearby, those that everybody or `by` may see. One statement where some are not public."""
    private = [one.id for one in found if not one.is_public]
    own = set(cases_visible_to(by).filter(pk__in=private).values_list("pk", flat=True)) if private else set()
    return [one for one in found if one.is_public or one.id in own]


def around(case: Case, *, user_id: UUID, at: datetime) -> Around:
    """One statement, however much has happened. `user_id`: the reader, who is left out of those who are here."""
    row = fetch_one(_AROUND, (case.pk, case.pk, case.opened_at, user_id, at - LASTS, case.pk))
    assert row is not None
    return msgspec.json.decode(row[0], type=Around)
