"""Champions: named with terms of reference and a line in the job description, meeting every quarter, and what they did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils.translation import gettext as _

from townhall.accounts.models import User
from townhall.accounts.permissions import require
from townhall.clocks import operations as clocks
from townhall.clocks.events import ClockRang
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.workforce import people
from townhall.workforce.models import Act, Champion, Meeting
from townhall.workforce.queries import ChampionLine, on_duty

MANAGE: Final = "champions.manage"
CLOCK: Final = "workforce.champions_meeting"
QUARTER: Final = timedelta(days=91)
LONGEST: Final = 4000


@dataclass(frozen=True, kw_only=True)
class Named:
    user_id: UUID
    kind: str
    service_code: str
    terms: str
    in_job_description: bool
    from_on: date


@transaction.atomic
def name(named: Named, *, by: Actor, at: datetime) -> Champion:
    """Somebody becomes a champion. The first one starts the quarter to the champions' meeting. Raises NotAllowed, BadInput."""
    require(by, MANAGE)
    problems = {}
    if people.person(named.user_id, on=council_date(at)) is None:
        problems["person"] = _("Select a person")
    if named.kind not in Champion.Kind.values:
        problems["kind"] = _("Select what they champion")
    if not named.service_code:
        problems["service"] = _("Select a service")
    if not named.terms.strip() or len(named.terms) > LONGEST:
        problems["terms"] = _("Enter the terms of reference, in 4,000 characters or fewer")
    running = {"user_id": named.user_id, "kind": named.kind, "service_code": named.service_code, "until_on": None}
    if not problems and Champion.objects.filter(**running).exists():
        problems["person"] = _("They are a champion of this already")
    if problems:
        raise BadInput(problems)
    made = Champion.objects.create(
        user_id=named.user_id,
        kind=named.kind,
        service_code=named.service_code,
        terms=named.terms.strip(),
        in_job_description=named.in_job_description,
        from_on=named.from_on,
        named_by=by.id,
    )
    data: dict[str, object] = {"user": str(named.user_id), "kind": named.kind, "service": named.service_code}
    ledger.record("champion.named", about=made.subject, by=by, at=at, data=data)
    if not Meeting.objects.filter(held_on=None).exists():
        _call_meeting(council_date(at) + QUARTER, at=at)
    return made


@transaction.atomic
def stand_down(champion_id: UUID, *, by: Actor, at: datetime) -> Champion:
    """Raises NotAllowed, NotFound, WrongState."""
    require(by, MANAGE)
    row = Champion.objects.select_for_update().filter(pk=champion_id).first()
    if row is None:
        raise NotFound
    if row.until_on is not None:
        raise WrongState
    row.until_on = max(council_date(at), row.from_on)
    row.save(update_fields=["until_on"])
    ledger.record("champion.stood_down", about=row.subject, by=by, at=at)
    return row


@transaction.atomic
def did(
    champion_id: UUID, *, kind: str, on: date, words: str, people_count: int, to_put_right: int, by: Actor, at: datetime
) -> Act:
    """Training they gave or a check they made, told by the champion or a manager. Raises NotAllowed, NotFound, BadInput."""
    row = Champion.objects.filter(pk=champion_id).first()
    if row is None:
        raise NotFound
    if str(row.user_id) != by.id:
        require(by, MANAGE)
    problems = {}
    if kind not in Act.Kind.values:
        problems["kind"] = _("Select what they did")
    if not row.from_on <= on <= min(council_date(at), row.until_on or date.max):
        problems["on"] = _("Enter a day on which they were a champion, up to today")
    if not words.strip() or len(words) > LONGEST:
        problems["words"] = _("Enter what was taught, or checked and found")
    if not (0 <= people_count <= 5000 and 0 <= to_put_right <= 5000):
        problems["people"] = _("Enter a number from 0 to 5,000")
    if problems:
        raise BadInput(problems)
    made = Act.objects.create(
        champion=row,
        kind=kind,
        on=on,
        words=words.strip(),
        people=people_count,
        to_put_right=to_put_right if kind == Act.Kind.CHECK else 0,
        recorded_at=at,
    )
    data: dict[str, object] = {"kind": kind, "act": str(made.pk)}
    ledger.record("champion.did", about=row.subject, by=by, at=at, data=data)
    return made


@transaction.atomic
def hold_meeting(
    meeting_id: UUID, *, held_on: date, attended: Sequence[UUID], notes: str, by: Actor, at: datetime
) -> Meeting:
    """The quarter's meeting was held, by whom and what was said; the next falls due a quarter later. Raises NotAllowed, BadInput."""
    require(by, MANAGE)
    row = Meeting.objects.select_for_update().filter(pk=meeting_id).first()
    if row is None:
        raise NotFound
    if row.held_on is not None:
        raise WrongState
    running = {one.user_id for one in Champion.objects.filter(Q(until_on=None) | Q(until_on__gte=held_on))}
    problems = {}
    if held_on > council_date(at):
        problems["held_on"] = _("Enter today or an earlier day")
    if not set(attended) or not set(attended) <= running:
        problems["attended"] = _("Select which champions came")
    if problems:
        raise BadInput(problems)
    row.held_on, row.attended, row.notes = held_on, sorted(set(attended)), notes.strip()[:LONGEST]
    row.save(update_fields=["held_on", "attended", "notes"])
    clocks.finish(CLOCK, about=row.subject, at=at)
    ledger.record("champions.met", about=row.subject, by=by, at=at, data={"came": len(row.attended)})
    _call_meeting(held_on + QUARTER, at=at)
    return row


def _call_meeting(due_on: date, *, at: datetime) -> Meeting:
    made = Meeting.objects.create(due_on=due_on)
    clocks.start(CLOCK, about=made.subject, at=at, due_on=due_on)
    return made


def clock_rang(event: ClockRang) -> None:
    """A week before, every champion hears of the meeting; when it is late, their managers do."""
    if event.kind != CLOCK:
        return
    row = Meeting.objects.select_for_update().filter(pk=event.subject.id, held_on=None).first()
    if row is None:
        return
    every = [
        one
        for user_id in sorted(set(Champion.objects.filter(until_on=None).values_list("user_id", flat=True)))
        if (one := people.person(user_id, on=council_date(event.at)))
    ]
    late = event.rung != "due_soon"
    context: dict[str, object] = {
        "due_on": row.due_on,
        "late": late,
        "link": f"{settings.PUBLIC_URL}/work/champions",
    }
    key = f"champions-{row.pk}-{event.rung}"
    if not late:
        for one in every:
            people.write_to_person(
                "staff/champions_meet", one, about=row.subject, key=key, context=context, at=event.at
            )
        return
    row.overdue_at = event.at
    row.save(update_fields=["overdue_at"])
    ledger.record("champions.meeting_late", about=row.subject, by=SYSTEM, at=event.at)
    posts = {post.id: post for one in every for post in people.managers_of(one)}
    people.write_to_posts(
        "staff/champions_meet", posts.values(), about=row.subject, key=key, context=context, at=event.at
    )


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the champions of one service did since a day."""

    service_code: str
    champions: list[ChampionLine]
    sessions: int
    trained: int
    checks: int
    to_put_right: int
    meetings: int  # of those held since then, how many a champion of this service came to


def report(*, since: date) -> list[Report]:
    """By service. Three queries."""
    running = (
        Champion.objects.filter(until_on=None).select_related("user").order_by("service_code", "-kind", "user__name")
    )
    held = list(Meeting.objects.filter(held_on__gte=since).values_list("attended", flat=True))
    training, checking = Q(kind=Act.Kind.TRAINING), Q(kind=Act.Kind.CHECK)
    counted: dict[str, Mapping[str, Any]] = {
        row["champion__service_code"]: row
        for row in Act.objects.filter(on__gte=since)
        .values("champion__service_code")
        .annotate(
            sessions=Count("pk", filter=training),
            trained=Sum("people", filter=training),
            checks=Count("pk", filter=checking),
            wrong=Sum("to_put_right", filter=checking),
        )
    }
    by_service: dict[str, list[ChampionLine]] = {code: [] for code in counted}
    for row in running:
        line = ChampionLine(user_id=row.user_id, name=row.user.name, kind=row.kind, service_code=row.service_code)
        by_service.setdefault(row.service_code, []).append(line)
    return [_reported(code, lines, counted.get(code, {}), held) for code, lines in sorted(by_service.items())]


def _reported(code: str, lines: list[ChampionLine], row: Mapping[str, Any], held: list[list[UUID]]) -> Report:
    mine = {line.user_id for line in lines}
    return Report(
        service_code=code,
        champions=lines,
        sessions=row.get("sessions") or 0,
        trained=row.get("trained") or 0,
        checks=row.get("checks") or 0,
        to_put_right=row.get("wrong") or 0,
        meetings=sum(bool(mine & set(attended)) for attended in held),
    )


def is_champion(user_id: UUID | str, *, on: date) -> bool:
    return Champion.objects.filter(on_duty(on), user_id=user_id).exists()


def require_part(by: Actor, *, at: datetime) -> None:
    """For champions and those who manage them. Raises NotAllowed."""
    if not is_champion(by.id, on=council_date(at)):
        require(by, MANAGE)


def names_of(users: Sequence[UUID]) -> dict[UUID, str]:
    return dict(User.objects.filter(pk__in=list(users)).values_list("pk", "name"))
