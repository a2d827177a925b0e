"""Which apps have waiting work for the one list, and for a person's own tasks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from townhall.accounts import directory
from townhall.accounts.permissions import may
from townhall.cases import operations as cases
from townhall.cases.states import OPEN_IN_SQL
from townhall.catalogue import queries as catalogue
from townhall.contacts import callback_queries as call_backs
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import WrongState
from townhall.core.time import LONDON, council_date
from townhall.intake import queries as post
from townhall.intake.models import Piece
from townhall.intake.permissions import INDEX
from townhall.partners import bodies
from townhall.partners import queries as partners
from townhall.workforce import gates, left_for, lending
from townhall.workforce.gates import KnownGate
from townhall.workforce.models import LoanItem
from townhall.workforce.queries import skills_of_actor
from townhall.workspace import holding
from townhall.workspace.queue import DANGER, service_name
from townhall.workspace.waiting import Source, Waiting, register

_CASE = """c.id, c.reference, c.service_code, coalesce(nullif(c.address, ''), c.place_words), c.due_on, c.opened_at, c.priority"""
# The case of a mail that this person is to read is offered as that mail, and as nothing else.
_NO_MAIL = """NOT EXISTS (SELECT 1 FROM mailroom_mail m JOIN mailroom_mailbox b ON b.id = m.mailbox_id
    WHERE m.case_id = c.id AND m.done = 'triage' AND m.answered_at IS NULL AND %s::uuid = ANY(b.readers))"""
_CASES = f"""SELECT {_CASE} FROM cases_case c
    WHERE c.doer_team_id = ANY(%s) AND c.doer_post_id IS NULL AND c.state IN {OPEN_IN_SQL} AND {_NO_MAIL}
    ORDER BY c.due_on, c.id LIMIT %s"""  # noqa: S608
_MY_CASES = f"""SELECT {_CASE} FROM cases_case c
    WHERE c.doer_post_id = ANY(%s) AND c.state IN {OPEN_IN_SQL} ORDER BY c.due_on, c.id LIMIT %s"""  # noqa: S608
_OFFERS = f"""SELECT {_CASE}, h.id, h.answer_due_at, h.offered_at FROM cases_handoff h JOIN cases_case c ON c.id = h.case_id
    WHERE h.state = 'offered' AND h.to_team_id = ANY(%s) ORDER BY h.answer_due_at, h.id LIMIT %s"""  # noqa: S608
_MAILS = """SELECT m.id, m.from_name, m.from_address, m.subject, m.received_at, m.why FROM mailroom_mail m
    JOIN mailroom_mailbox b ON b.id = m.mailbox_id LEFT JOIN cases_case c ON c.id = m.case_id
    WHERE m.done = 'triage' AND m.answered_at IS NULL AND c.doer_post_id IS NULL AND %(reader)s::uuid = ANY(b.readers)
        AND (%(only)s::uuid[] IS NULL OR m.id = ANY(%(only)s)) AND m.id <> ALL(%(besides)s::uuid[])
    ORDER BY m.received_at, m.id LIMIT %(limit)s"""
_LOCK_CASE = "SELECT 1 FROM cases_case WHERE id = %s AND doer_post_id IS NULL FOR UPDATE SKIP LOCKED"
_LOCK_OFFER = "SELECT 1 FROM cases_handoff WHERE id = %s AND state = 'offered' FOR UPDATE SKIP LOCKED"
_LOCK_MAIL = (
    "SELECT 1 FROM mailroom_mail WHERE id = %s AND done = 'triage' AND answered_at IS NULL FOR UPDATE SKIP LOCKED"
)
_LOCK_CALL_BACK = "SELECT 1 FROM contacts_callback WHERE id = %s AND state IN ('due', 'tried') FOR UPDATE SKIP LOCKED"

_LOCK_POST = "SELECT 1 FROM intake_piece WHERE id = %s AND state = 'waiting' FOR UPDATE SKIP LOCKED"

POST, PARTNERS = "post", "partners"
CASES, OFFERS, MAILS, CALL_BACKS, LENT, LEFT = "cases", "offers", "mails", "call-backs", "lent", "left"
MAIL_READ, MAIL_SKILLS = "mail.read", frozenset({"email"})
_lock_case, _lock_offer = holding.locks(_LOCK_CASE), holding.locks(_LOCK_OFFER)


def connect() -> None:
    _register_sources()
    gates.more_from(_gates_of_services)


def _register_sources() -> None:
    register(
        Source(
            code=CALL_BACKS,
            title=gettext_lazy("Call-back"),
            capability="contacts.log",
            load=_call_backs,
            take=holding.taker(CALL_BACKS, _LOCK_CALL_BACK),
            mine=_my_call_backs,
        )
    )
    register(
        Source(
            code=MAILS,
            title=gettext_lazy("Email"),
            capability=MAIL_READ,
            load=_mails,
            skills=MAIL_SKILLS,
            take=holding.taker(MAILS, _LOCK_MAIL),
            mine=_my_mails,
        )
    )
    register(Source(code=PARTNERS, title=gettext_lazy("For a partner"), capability=bodies.SEE, load=_for_partners))
    register(
        Source(
            code=POST,
            title=gettext_lazy("Letter, fax or post"),
            capability=INDEX,
            load=_post,
            take=holding.taker(POST, _LOCK_POST),
            mine=_my_post,
        )
    )
    register(
        Source(
            code=CASES,
            title=gettext_lazy("Case"),
            capability="cases.take",
            load=_cases,
            take=_take_case,
            mine=_my_cases,
        )
    )
    register(
        Source(
            code=OFFERS,
            title=gettext_lazy("Offer from another team"),
            capability="cases.hand_off",
            load=_offers,
            take=_take_offer,
        )
    )
    register(
        Source(
            code=LENT,
            title=gettext_lazy("Lent backlog"),
            capability="work.take",
            load=_lent,
            take=lambda item_id, by, at: lending.take(item_id, by=by, at=at),
            mine=_my_lent,
        )
    )
    register(
        Source(
            code=LEFT,
            title=gettext_lazy("Left for you"),
            capability="work.open",
            load=lambda by, at, limit: [],
            mine=_left,
        )
    )


def _gates_of_services() -> list[KnownGate]:
    """Cases of each service may ask for a module of their own before they are offered."""
    return [
        KnownGate(code=f"service.{pack.code}", title=_("Cases of: %(service)s") % {"service": pack.name})
        for pack in catalogue.services()
    ]


def _case_line(row: tuple[object, ...], source: str) -> Waiting:
    case_id, reference, service, place, due_on, opened_at, priority = row[:7]
    assert isinstance(case_id, UUID)
    assert isinstance(opened_at, datetime)
    return Waiting(
        id=case_id,
        source=source,
        title=f"{service_name(str(service))}, {reference}",
        detail=str(place or ""),
        since=opened_at,
        due=datetime.combine(due_on, time(23, 59), LONDON),  # type: ignore[arg-type]
        urgent=int(str(priority)) >= DANGER,
        link=f"/work/cases/{reference}",
        skill=gates.module_of(f"service.{service}"),
    )


def _cases(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    return [_case_line(row, CASES) for row in fetch_all(_CASES, (list(by.teams), _reader(by, at), limit))]


def _reader(by: Actor, at: datetime) -> str | None:
    """Whose mails stand for their cases: this person's, when mail is offered to them at all."""
    asked = gates.modules_of(f"work.{MAILS}", MAIL_SKILLS)
    return by.id if may(by, MAIL_READ).allowed and asked <= skills_of_actor(by, council_date(at)) else None


def _my_cases(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    """Those of one's posts, but for what another holder of the same post took from the list."""
    lines = [_case_line(row, CASES) for row in fetch_all(_MY_CASES, (list(by.posts), limit))]
    takers = holding.takers_of([line.id for line in lines], CASES)
    return [line for line in lines if takers.get(line.id, by.id) == by.id]


def _take_case(case_id: UUID, by: Actor, at: datetime) -> object:
    _lock_case(case_id)
    rows = fetch_all("SELECT doer_team_id FROM cases_case WHERE id = %s", (case_id,))
    posts = (directory.post_by_id(post) for post in sorted(by.posts))
    own = next((post.id for post in posts if rows and post.team_id == rows[0][0]), None)
    if own is None:
        raise WrongState
    return cases.take(case_id, post_id=own, by=by, at=at)


def _offers(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    found = []
    for row in fetch_all(_OFFERS, (list(by.teams), limit)):
        line = _case_line(row, OFFERS)
        found.append(
            Waiting(
                id=row[7],
                source=OFFERS,
                title=line.title,
                detail=line.detail,
                since=row[9],
                due=row[8],
                urgent=line.urgent,
                link=line.link,
                skill=line.skill,
            )
        )
    return found


def _take_offer(handoff_id: UUID, by: Actor, at: datetime) -> object:
    """Accepted for the team, and at once one's own."""
    _lock_offer(handoff_id)
    return _take_case(cases.accept_offer(handoff_id, by=by, at=at).case_id, by, at)


def _mail_line(row: tuple[object, ...]) -> Waiting:
    mail_id, name, address, subject, received_at, why = row
    assert isinstance(mail_id, UUID)
    assert isinstance(received_at, datetime)
    return Waiting(
        id=mail_id,
        source=MAILS,
        title=str(subject) or _("No subject"),
        detail=", ".join(str(one) for one in (name or address, why) if one),
        since=received_at,
        link=f"/work/mail/{mail_id}",
    )


def _mails(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    """Not those that somebody has taken: however many of the oldest that are, the next ones are offered."""
    return _mail_lines(by, besides=holding.held(MAILS, at=at), limit=limit)


def _my_mails(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    own = {item for item, user in holding.held(MAILS, at=at).items() if str(user) == by.id}
    return _mail_lines(by, only=own, limit=limit) if own else []


def _mail_lines(
    by: Actor, *, only: Collection[UUID] | None = None, besides: Collection[UUID] = (), limit: int
) -> list[Waiting]:
    where = {"reader": by.id, "only": None if only is None else list(only), "besides": list(besides), "limit": limit}
    return [_mail_line(row) for row in fetch_all(_MAILS, where)]


def _for_partners(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    """What waits for a partner, for those of ours alone who are named for its queue."""
    referred = [
        Waiting(
            id=one.pk,
            source=PARTNERS,
            title=_("Referred to %(name)s") % {"name": one.partner.team.name},
            since=one.sent_at,
            link=f"/partner/{one.pk}",
        )
        for one in partners.queue(by, limit=limit)
    ]
    left = [
        Waiting(
            id=one.pk,
            source=PARTNERS,
            title=_("Left for %(name)s") % {"name": one.partner.team.name},
            since=one.at,
            link="/partner/",
        )
        for one in partners.left(by, limit=limit)
    ]
    return sorted([*referred, *left], key=lambda line: line.since)[:limit]


def _post_lines(found: Sequence[Piece]) -> list[Waiting]:
    return [
        Waiting(
            id=one.pk,
            source=POST,
            title=_("Index: %(name)s") % {"name": one.name},
            detail=", ".join(part for part in (one.get_channel_display(), one.sender) if part),
            since=one.received_at,
            link=f"/work/post/{one.pk}",
        )
        for one in found
    ]


def _post(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    """Not those that somebody has taken: however many of the oldest that are, the next ones are offered."""
    return _post_lines(post.waiting(by=by, limit=limit, besides=holding.held(POST, at=at)))


def _my_post(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    own = {item for item, user in holding.held(POST, at=at).items() if str(user) == by.id}
    if not own or not may(by, INDEX).allowed:
        return []
    return _post_lines(post.waiting(by=by, limit=limit, only=own))


def _call_back_line(line: call_backs.Line) -> Waiting:
    return Waiting(
        id=line.id,
        source=CALL_BACKS,
        title=_("Call %(name)s") % {"name": line.name or line.phone},
        detail=line.about,
        since=line.asked_at,
        due=line.due_at,
        link=f"/work/call-backs/{line.id}",
        skill=gates.module_of(f"service.{line.service_code}") if line.service_code else "",
    )


def _call_backs(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    lines = [_call_back_line(one) for one in call_backs.waiting(by=by, teams=list(by.teams), size=limit).rows]
    free = holding.free([line.id for line in lines], CALL_BACKS, at=at)
    return [line for line in lines if line.id in free]


def _my_call_backs(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    own = {item for item, user in holding.held(CALL_BACKS, at=at).items() if str(user) == by.id}
    of_posts = call_backs.waiting(by=by, posts=list(by.posts), size=limit).rows
    of_teams = call_backs.waiting(by=by, teams=list(by.teams), size=limit).rows if own else []
    mine = {line.id: line for line in (*of_posts, *(one for one in of_teams if one.id in own))}
    return [_call_back_line(line) for line in mine.values()]


def _lent_line(item: LoanItem) -> Waiting:
    return Waiting(
        id=item.pk,
        source=LENT,
        title=f"{item.loan.title}: {item.reference}",
        detail=item.words,
        since=item.taken_at or item.loan.lent_at,
        due=datetime.combine(item.loan.until_on, time(17), LONDON),
        link=f"/work/lent/items/{item.pk}",
        skill=item.loan.module_id,
    )


def _lent(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    return [_lent_line(item) for item in lending.waiting(by, at=at, limit=limit)]


def _my_lent(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    return [_lent_line(item) for item in lending.taken_by(by, limit=limit)]


def _left(by: Actor, at: datetime, limit: int) -> list[Waiting]:
    return [
        Waiting(
            id=row.pk,
            source=LEFT,
            title=_("From %(name)s") % {"name": row.sender},
            detail=row.words,
            since=row.left_at,
            due=row.due_at,
            link=f"/work/tasks/left/{row.pk}",
            kind=row.get_kind_display(),
        )
        for row in left_for.open_for(by.id, limit=limit)
    ]
