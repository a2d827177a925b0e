"""Everything that changes the rota, absences and diverts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts import covering, permissions
from townhall.accounts.models import Post
from townhall.accounts.queries import with_email
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotAllowed, NotFound
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.ledger import operations as ledger
from townhall.telephony.calls.lines import MANAGE
from townhall.telephony.models import Absence, Divert, Duty, PhoneTeam


def _manages(by: Actor, team_id: UUID) -> None:
    """A manager of the team, or an administrator. Raises NotAllowed."""
    permissions.require(by, MANAGE)
    if by.is_staff and team_id not in by.teams and not permissions.may(by, covering.ANYBODY):
        raise NotAllowed(_("Only a manager of this team may do that."))


@transaction.atomic
def set_team(
    team_id: UUID, *, service_code: str, minimum: int, shows_names: bool, by: Actor, at: datetime
) -> PhoneTeam:
    """How many must answer this team's phones, and whether customers read the names of its people."""
    _manages(by, team_id)
    if not 1 <= minimum <= 200:
        raise BadInput({"minimum": _("Enter how many must answer at once, from 1 to 200")})
    values = {"service_code": service_code, "minimum": minimum, "shows_names": shows_names}
    made, _new = PhoneTeam.objects.update_or_create(team_id=team_id, defaults=values)
    data: dict[str, object] = {"minimum": minimum, "names": shows_names}
    ledger.record("cover.team_set", about=Subject(kind="team", id=team_id), by=by, at=at, data=data)
    return made


@transaction.atomic
def add_duties(
    team_id: UUID,
    *,
    email: str,
    kind: str,
    weekdays: Sequence[int],
    starts: time | None,
    ends: time | None,
    from_on: date,
    by: Actor,
    at: datetime,
    until_on: date | None = None,
) -> list[Duty]:
    """Somebody answers, or has a break, at these times of these weekdays. Raises BadInput, NotAllowed."""
    _manages(by, team_id)
    user = with_email(email)
    problems: dict[str, str] = {}
    if user is None:
        problems["email"] = _("Nobody on the staff has this email address")
    if kind not in Duty.Kind.values:
        problems["kind"] = _("Select whether they answer or have a break")
    if not weekdays or not set(weekdays) <= set(range(7)):
        problems["weekdays"] = _("Select the days of the week")
    if starts is None or ends is None or ends <= starts:
        problems["starts"] = _("Enter from when to when, like 08:30 and 12:30")
    if problems or user is None or starts is None or ends is None:
        raise BadInput(problems)
    made = [
        Duty(
            team_id=team_id,
            user=user,
            kind=kind,
            weekday=day,
            starts=starts,
            ends=ends,
            from_on=from_on,
            until_on=until_on,
        )
        for day in sorted(set(weekdays))
    ]
    Duty.objects.bulk_create(made)
    data: dict[str, object] = {"user": str(user.pk), "kind": kind, "weekdays": sorted(set(weekdays))}
    ledger.record("cover.duty_added", about=Subject(kind="team", id=team_id), by=by, at=at, data=data)
    return made


@transaction.atomic
def end_duty(duty_id: UUID, *, by: Actor, at: datetime) -> None:
    """From today on it no longer holds; days that are over keep it. Raises NotFound, NotAllowed."""
    found, today = Duty.objects.select_for_update().filter(pk=duty_id).first(), council_date(at)
    if found is None or (found.until_on is not None and found.until_on < today):
        raise NotFound
    _manages(by, found.team_id)
    data: dict[str, object] = {"user": str(found.user_id), "kind": found.kind}
    ledger.record("cover.duty_ended", about=Subject(kind="team", id=found.team_id), by=by, at=at, data=data)
    _until_today(found, today)


def _until_today(row: Duty | Absence, today: date) -> None:
    """Over since yesterday; gone where it had not begun."""
    if row.from_on >= today:
        row.delete()
        return
    row.until_on = today - timedelta(days=1)
    row.save(update_fields=["until_on"])


@transaction.atomic
def add_divert(
    team_id: UUID, *, to: str, starts_at: datetime | None, ends_at: datetime | None, by: Actor, at: datetime
) -> Divert:
    """This team's calls go elsewhere for a time. Raises BadInput, NotAllowed."""
    _manages(by, team_id)
    problems: dict[str, str] = {}
    if not to.strip():
        problems["to"] = _("Enter where the calls go")
    if starts_at is None or ends_at is None or ends_at <= starts_at or ends_at <= at:
        problems["divert_from_on"] = _("Enter from when to when; it must not be over")
    if problems or starts_at is None or ends_at is None:
        raise BadInput(problems)
    made = Divert.objects.create(team_id=team_id, to=to.strip()[:200], starts_at=starts_at, ends_at=ends_at)
    ledger.record("cover.diverted", about=Subject(kind="team", id=team_id), by=by, at=at)
    return made


@transaction.atomic
def be_away(
    email: str, *, cover_email: str, from_on: date | None, until_on: date | None, by: Actor, at: datetime
) -> Absence:
    """Somebody is away: the posts they hold, and with them open work and messages, are their cover's on these days.

    Raises BadInput, NotAllowed.
    """
    user, cover = with_email(email), with_email(cover_email) if cover_email.strip() else None
    today = council_date(at)
    problems: dict[str, str] = {}
    if user is None:
        problems["away"] = _("Nobody on the staff has this email address")
    if cover_email.strip() and (cover is None or cover == user):
        problems["cover"] = _("Select somebody else on the staff who covers")
    if from_on is None or until_on is None or from_on < today or until_on < from_on:
        problems["away_from"] = _("Enter the first and the last day, today or later")
    if problems or user is None or from_on is None or until_on is None:
        raise BadInput(problems)
    if Absence.objects.filter(user=user, until_on__gte=from_on, from_on__lte=until_on).exists():
        raise BadInput({"away_from": _("They are away on some of these days already")})
    if cover and Absence.objects.filter(user=cover, until_on__gte=from_on, from_on__lte=until_on).exists():
        raise BadInput({"cover": _("They are away themselves on some of these days")})
    posts = covering.pass_posts(
        user.pk, cover_id=cover.pk if cover else None, from_on=from_on, until_on=until_on, by=by, at=at
    )
    return Absence.objects.create(user=user, cover=cover, from_on=from_on, until_on=until_on, posts=posts)


@transaction.atomic
def be_back(absence_id: UUID, *, by: Actor, at: datetime) -> None:
    """They are back sooner, or do not go: their posts are theirs from today, or as if nothing had been. Raises NotFound, NotAllowed."""
    found = Absence.objects.select_for_update().filter(pk=absence_id).first()
    today = council_date(at)
    if found is None or found.until_on < today:
        raise NotFound
    if by.id != str(found.user_id) and not permissions.may(by, covering.ANYBODY):
        permissions.require(by, MANAGE)
        if not set(Post.objects.filter(pk__in=found.posts).values_list("team_id", flat=True)) <= by.teams:
            raise NotAllowed(_("Only a manager of their teams may do that."))
    on = max(today, found.from_on)
    covering.take_back(
        found.user_id, found.posts, cover_id=found.cover_id, until_on=found.until_on, on=on, by=by, at=at
    )
    _until_today(found, today)
