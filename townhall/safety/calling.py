"""The help button: one press, and the team leader, security and every open workspace nearby know who, where and with whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from townhall.accounts import directory, permissions
from townhall.accounts.models import User
from townhall.core.actors import Actor
from townhall.core.db import fetch_all
from townhall.core.errors import BadInput, NotFound
from townhall.core.refreshing import Refreshing
from townhall.core.time import now
from townhall.customers.permissions import customers_visible_to
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.places.models import Site
from townhall.safety import states, telling
from townhall.safety.models import Alarm, CallWarning, Station
from townhall.safety.recording import optional, record, user_of
from townhall.safety.states import AlarmState

PRESSED_TWICE = timedelta(minutes=1)
SHOWN_FOR = timedelta(hours=4)  # an alarm that nobody ended is shown no longer than this
_SECONDS = 2.0  # how old what the open workspaces show may be


@transaction.atomic
def set_station(*, site_code: str, place: str, by: Actor, at: datetime) -> Station:
    """Where `by` works from now on. Raises NotAllowed, BadInput."""
    permissions.require(by, "safety.report")
    if site_code and not Site.objects.filter(pk=site_code).exists():
        raise BadInput({"site": _("Select a site of the list")})
    words = optional(place, "place")[:100]
    made, _new = Station.objects.update_or_create(
        user_id=user_of(by), defaults={"site_id": site_code or None, "place": words, "set_at": at}
    )
    return made


@transaction.atomic
def call_for_help(
    *, by: Actor, at: datetime, place: str = "", customer_id: UUID | None = None, contact_id: UUID | None = None
) -> Alarm:
    """Raise the alarm. A second press within a minute is the same alarm. Raises NotAllowed."""
    permissions.require(by, "safety.report")
    user_id = user_of(by)
    User.objects.select_for_update(no_key=True).get(pk=user_id)  # two presses at once are one after the other
    pressed = Alarm.objects.select_for_update().filter(raised_by=user_id, raised_at__gt=at - PRESSED_TWICE)
    if found := pressed.exclude(state=AlarmState.OVER).order_by("-raised_at").first():
        return found
    station = Station.objects.filter(pk=user_id).select_related("site").first()
    customer = customers_visible_to(by).filter(pk=customer_id).first() if customer_id else None
    alarm = Alarm.objects.create(
        raised_by=user_id,
        raised_at=at,
        site=station.site if station else None,
        place=(optional(place, "place") or (station.place if station else ""))[:100],
        customer=customer,
        contact_id=contact_id,
        team_ids=sorted(by.teams),
        report_due_at=at + report_within(),
    )
    _tell(alarm, at=at)
    record("help.called", about=alarm.subject, by=by, at=at, customer_id=customer.pk if customer else None)
    transaction.on_commit(_going_on.forget)
    return alarm


def report_within() -> timedelta:
    return timedelta(minutes=settings.SAFETY_REPORT_MINUTES)


def _tell(alarm: Alarm, *, at: datetime) -> None:
    """Team leaders and security by mail, and by text to the phone of their team."""
    security = telling.security_of(alarm.site_id)
    leaders = telling.managers_of(alarm.team_ids) or telling.seniors()  # somebody hears of every call for help
    posts = {post.id: post for post in [*leaders, *security]}
    name = telling.names_of([alarm.raised_by]).get(alarm.raised_by, "")
    context: dict[str, object] = {"name": name, "where": where_of(alarm), "when": alarm.raised_at}
    path, key = f"/work/help/{alarm.pk}", f"help-{alarm.pk}"
    telling.tell_posts(
        "staff/help_called", posts.values(), about=alarm.subject, key=key, context=context, path=path, at=at
    )
    for team_id in {post.team_id for post in posts.values()}:
        team = directory.team_by_id(team_id)
        if team.phone and settings.TEXT_PROVIDER:
            to = Recipient(name=team.name, phone=team.phone, prefers="text")
            link = {**context, "link": f"{settings.PUBLIC_URL}{path}"}
            notifications.send(
                "staff/help_called",
                to=to,
                about=alarm.subject,
                key=f"{key}-{team.code}",
                context=link,
                channel="text",
                at=at,
            )


def where_of(alarm: Alarm) -> str:
    return ", ".join(part for part in (alarm.site.name if alarm.site else "", alarm.place) if part)


@transaction.atomic
def acknowledge(alarm_id: UUID, *, by: Actor, at: datetime) -> Alarm:
    """Somebody goes there; the first who says so is named. Raises NotAllowed, NotFound, WrongState once it is over."""
    alarm = _locked(alarm_id, by)
    if alarm.state == AlarmState.ACKNOWLEDGED:
        return alarm
    states.check_alarm(alarm.state, AlarmState.ACKNOWLEDGED)
    alarm.state, alarm.acknowledged_by, alarm.acknowledged_at = AlarmState.ACKNOWLEDGED, user_of(by), at
    alarm.save(update_fields=["state", "acknowledged_by", "acknowledged_at"])
    record("help.acknowledged", about=alarm.subject, by=by, at=at, seconds=int((at - alarm.raised_at).total_seconds()))
    transaction.on_commit(_going_on.forget)
    return alarm


@transaction.atomic
def end(alarm_id: UUID, *, by: Actor, at: datetime) -> Alarm:
    """It is safe again. The report is still asked for. Raises NotAllowed, NotFound."""
    alarm = _locked(alarm_id, by)
    if alarm.state == AlarmState.OVER:
        return alarm
    states.check_alarm(alarm.state, AlarmState.OVER)
    alarm.state, alarm.over_at = AlarmState.OVER, at
    alarm.save(update_fields=["state", "over_at"])
    record("help.over", about=alarm.subject, by=by, at=at)
    transaction.on_commit(_going_on.forget)
    return alarm


def ended_by(alarm: Alarm) -> UUID | None:
    """Who said that it is over; none while it is not. Whoever was coming is kept beside them."""
    if alarm.over_at is None:
        return None
    rows = fetch_all(
        """SELECT e.actor_id FROM accounts_user u
            JOIN ledger_entry e ON e.actor_kind = 'staff' AND e.actor_id = u.id::text AND e.at = %s
            WHERE e.subject_kind = 'alarm' AND e.subject_id = %s AND e.verb = 'help.over'""",
        (alarm.over_at, alarm.pk),
    )
    return UUID(rows[0][0]) if rows else None


def one(alarm_id: UUID, *, by: Actor) -> Alarm:
    """A call for help, for whom it concerns. Raises NotAllowed, and NotFound for everybody else."""
    return _seen(Alarm.objects.select_related("site", "customer"), alarm_id, by)


def _locked(alarm_id: UUID, by: Actor) -> Alarm:
    """As `one`."""
    return _seen(Alarm.objects.select_for_update(of=("self",)).select_related("site"), alarm_id, by)


def _seen(alarms: QuerySet[Alarm], alarm_id: UUID, by: Actor) -> Alarm:
    permissions.require(by, "safety.report")
    found = alarms.filter(pk=alarm_id).first()
    if found is None or not _concerns(found, by):
        raise NotFound
    return found


def _concerns(alarm: Alarm, by: Actor) -> bool:
    """Whoever called, those whose open workspace shows it, and those who look into incidents."""
    user_id = user_of(by)
    if alarm.raised_by == user_id or by.teams & set(alarm.team_ids) or permissions.may(by, "safety.manage"):
        return True
    if by.posts & {post.id for post in telling.security_of(alarm.site_id)}:
        return True
    return alarm.site_id is not None and Station.objects.filter(pk=user_id, site_id=alarm.site_id).exists()


@dataclass(frozen=True, kw_only=True)
class Calling:
    """An alarm as open workspaces show it."""

    id: UUID
    raised_by: UUID
    name: str
    raised_at: datetime
    site_code: str | None
    where: str
    customer: str  # their name, for those who are to come
    customer_id: UUID | None
    team_ids: frozenset[UUID]
    security_posts: frozenset[UUID]
    coming: str  # who said that they are


@dataclass(frozen=True)
class _GoingOn:
    alarms: Sequence[Calling]
    stations: dict[UUID, str]  # user → site; asked only while there is an alarm


def _load() -> _GoingOn:
    since = now() - SHOWN_FOR
    rows = Alarm.objects.exclude(state=AlarmState.OVER).filter(raised_at__gt=since).select_related("site", "customer")
    alarms = list(rows.order_by("raised_at")[:20])
    if not alarms:
        return _GoingOn((), {})
    names = telling.names_of([one for row in alarms for one in (row.raised_by, row.acknowledged_by)])
    sites = {row.site_id for row in alarms if row.site_id}
    stations = {row.user_id: row.site_id or "" for row in Station.objects.filter(site_id__in=sites)}
    return _GoingOn([_calling(row, names) for row in alarms], stations)


def _calling(row: Alarm, names: dict[UUID, str]) -> Calling:
    return Calling(
        id=row.pk,
        raised_by=row.raised_by,
        name=names.get(row.raised_by, ""),
        raised_at=row.raised_at,
        site_code=row.site_id,
        where=where_of(row),
        customer=row.customer.name if row.customer else "",
        customer_id=row.customer_id,
        team_ids=frozenset(row.team_ids),
        security_posts=frozenset(post.id for post in telling.security_of(row.site_id)),
        coming=names.get(row.acknowledged_by, "") if row.acknowledged_by else "",
    )


_going_on = Refreshing(_load, seconds=_SECONDS)


def heard_by(by: Actor) -> list[Calling]:
    """The alarms that this person's open workspace shows: of their teams, of the site where they work, for security all of theirs.

    From the memory of this process, at most two seconds old: nothing is asked of the database while nobody calls.
    """
    going_on = _going_on.get()
    if not going_on.alarms:
        return []
    site = going_on.stations.get(user_of(by), "")
    return [
        one
        for one in going_on.alarms
        if one.team_ids & by.teams or one.security_posts & by.posts or (site and one.site_code == site)
    ]


def unreported(by: Actor, *, at: datetime) -> list[Alarm | CallWarning]:
    """What this person is still to report, where they were asked to. Two queries on small indexes."""
    user_id = user_of(by)
    since = at - timedelta(days=14)
    alarms = Alarm.objects.filter(raised_by=user_id, raised_at__gt=since, report_due_at__lte=at)
    warnings = CallWarning.objects.filter(by=user_id, warned_at__gt=since, report_due_at__lte=at)
    return [*alarms, *warnings]
