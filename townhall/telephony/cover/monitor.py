"""Who should be answering and is not signed in to the phone system, and whose phone rings without being answered (HOUR-04)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings

from townhall.accounts import directory
from townhall.accounts.models import User
from townhall.accounts.queries import mail_of
from townhall.catalogue import queries as catalogue
from townhall.core.db import fetch_all
from townhall.core.errors import NotFound
from townhall.core.subjects import Subject
from townhall.core.time import council_date, end_of, start_of
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.telephony.calls import lines
from townhall.telephony.cover.week import on_duty
from townhall.telephony.models import Absence, AgentEvent, Duty, PhoneTeam
from townhall.telephony.night.report import is_closed

SIGNED_IN = frozenset({"available", "busy"})
STEP = timedelta(minutes=5)  # how finely a day is looked at
TOLERATED = timedelta(minutes=10)  # away from the phone in a day before it is an exception
_UNANSWERED = """
    SELECT e.agent, c.platform, count(*) FROM telephony_callevent e JOIN telephony_call c ON c.id = e.call_id
    WHERE e.kind = 'offered' AND e.agent <> '' AND e.at >= %s AND e.at < %s
      AND NOT EXISTS (SELECT FROM telephony_callevent a WHERE a.call_id = e.call_id AND a.kind = 'answered'
                      AND a.agent = e.agent AND a.at >= e.at - interval '10 seconds')
      AND e.at < %s
    GROUP BY 1, 2"""


@dataclass(frozen=True, kw_only=True)
class Rostered:
    """Somebody on duty. `state`: as the phone system last told; empty when it never did."""

    user_id: UUID
    name: str
    team: str
    state: str
    since: datetime | None

    @property
    def is_signed_in(self) -> bool:
        return self.state in SIGNED_IN


@dataclass(frozen=True, kw_only=True)
class Exceptional:
    """Of one day: minutes on duty, minutes of these not signed in, and rings at their phone that nobody answered."""

    user_id: UUID
    name: str
    teams: tuple[str, ...]
    on_duty: int
    missing: int
    unanswered: int


def now_on_duty(at: datetime, *, teams: Sequence[UUID] | None = None) -> list[Rostered]:
    """Who is rostered at this moment, those not signed in first."""
    duties, absences = _kept(council_date(at))
    found = {}
    for row in on_duty(None, at, duties, absences):
        if teams is None or row.team_id in teams:
            found[row.user_id] = row
    states = _states(list(found), since=at - timedelta(days=1), until=at)
    rows = [
        Rostered(
            user_id=user_id,
            name=row.user.name,
            team=row.team.name,
            state=states[user_id][-1][1] if states.get(user_id) else "",
            since=states[user_id][-1][0] if states.get(user_id) else None,
        )
        for user_id, row in found.items()
    ]
    return sorted(rows, key=lambda row: (row.is_signed_in, row.team, row.name))


def exceptions(on: date, *, at: datetime) -> list[Exceptional]:
    """Everybody rostered on a day who was not signed in for longer than is tolerated, or whose phone rang unanswered. The worst first."""
    duties, absences = _kept(on)
    until = min(at, end_of(on))
    states = _states(
        sorted({row.user_id for row in duties}, key=str), since=start_of(on) - timedelta(days=1), until=until
    )
    minutes: dict[UUID, int] = defaultdict(int)
    missing: dict[UUID, int] = defaultdict(int)
    teams: dict[UUID, set[str]] = defaultdict(set)
    moment = start_of(on)
    while moment < until and not is_closed(on):
        for row in on_duty(None, moment, duties, absences):
            minutes[row.user_id] += 5
            teams[row.user_id].add(row.team.name)
            if _state_at(states.get(row.user_id, []), moment) not in SIGNED_IN:
                missing[row.user_id] += 5
        moment += STEP
    rang = unanswered(on, at=at)
    tolerated = TOLERATED.total_seconds() / 60
    chosen = {user for user, lost in missing.items() if lost > tolerated} | set(rang)
    names = dict(User.objects.filter(pk__in=chosen).values_list("pk", "name"))
    rows = [
        Exceptional(
            user_id=user,
            name=names.get(user, ""),
            teams=tuple(sorted(teams[user])),
            on_duty=minutes[user],
            missing=missing[user],
            unanswered=rang.get(user, 0),
        )
        for user in chosen
    ]
    return sorted(rows, key=lambda row: (-row.missing, -row.unanswered, row.name))


def unanswered(on: date, *, at: datetime) -> dict[UUID, int]:
    """How often each person's phone rang on a day without their answering. One statement, by the index of rings."""
    found: dict[UUID, int] = defaultdict(int)
    settled = at - timedelta(seconds=40)  # it may be ringing still
    for agent, platform, count in fetch_all(_UNANSWERED, (start_of(on), end_of(on), settled)):
        user = lines.user_of(platform, agent)
        if user is not None:
            found[user] += int(count)
    return dict(found)


def _kept(on: date) -> tuple[list[Duty], list[Absence]]:
    duties = Duty.objects.filter(weekday=on.weekday(), from_on__lte=on, user__is_active=True).select_related(
        "user", "team"
    )
    return list(duties), list(Absence.objects.filter(from_on__lte=on, until_on__gte=on))


def _states(users: Sequence[UUID], *, since: datetime, until: datetime) -> dict[UUID, list[tuple[datetime, str]]]:
    found: dict[UUID, list[tuple[datetime, str]]] = defaultdict(list)
    rows = AgentEvent.objects.filter(user_id__in=users, at__gte=since, at__lte=until).order_by("at", "state")
    for user_id, at, state in rows.values_list("user_id", "at", "state"):
        assert user_id is not None
        found[user_id].append((at, state))
    return found


def _state_at(told: Sequence[tuple[datetime, str]], moment: datetime) -> str:
    return next((state for at, state in reversed(told) if at <= moment), "")


def send_daily(at: datetime) -> int:
    """The day's exceptions to the senior manager of each team's service, once a day. Always 0: it is one batch."""
    on = council_date(at)
    rows = exceptions(on, at=at)
    for post_id, teams in _senior_posts().items():
        theirs = [row for row in rows if not row.teams or set(row.teams) & teams]
        if not theirs:
            continue
        post = directory.post_by_id(post_id)
        for email in mail_of(post_id, on=on):
            notifications.send(
                "staff/not_signed_in",
                to=Recipient(name=post.title, email=email),
                about=Subject(kind="post", id=post_id),
                key=f"not-signed-in-{post_id}-{on}-{email}",
                context={"rows": theirs[:100], "on": on, "link": f"{settings.PUBLIC_URL}/work/phone/signed-in?on={on}"},
                at=at,
            )
    return 0


def _senior_posts() -> dict[UUID, set[str]]:
    """The senior managers' posts, each with the names of the teams they answer for."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for one in PhoneTeam.objects.select_related("team"):
        try:
            post = directory.post(catalogue.service(one.service_code).senior_manager) if one.service_code else None
        except (NotFound, directory.UnknownCode):
            post = None
        if post is None:
            continue
        found[post.id].add(one.team.name)
    return found
