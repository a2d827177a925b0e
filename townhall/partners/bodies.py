"""Which partners there are, who of us may see their queue, what customers are asked to agree to, and who is at which desk when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from townhall.accounts.models import Team, User
from townhall.accounts.permissions import may, require
from townhall.accounts.queries import actor_for, with_email
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import NotFound, refuse
from townhall.core.time import LONDON, aware, council_date
from townhall.core.turns import take_turn
from townhall.customers.accounts import consents
from townhall.ledger import operations as ledger
from townhall.partners.models import DeskTurn, Partner
from townhall.places.models import Site

MANAGE, SEE, WORK = "partners.manage", "partners.see", "partner.work"
LONGEST = 1_000


@dataclass(frozen=True, kw_only=True)
class Given:
    """readers: email addresses of our own people. consent: what a customer is asked to agree to."""

    about: str
    consent: str
    site_codes: Collection[str] = ()
    line: str = ""
    readers: Collection[str] = ()


@transaction.atomic
def keep(team_code: str, given: Given, *, by: Actor, at: datetime) -> Partner:
    """Enter a partner by its team, or say otherwise. A changed wording is another version: what was agreed to keeps its own.

    Raises NotAllowed, BadInput.
    """
    require(by, MANAGE)
    team = Team.objects.filter(code=team_code, kind=Team.Kind.PARTNER, is_active=True).first()
    sites = set(Site.objects.values_list("code", flat=True))
    readers = {email: with_email(email) for email in given.readers}
    refuse(
        {
            "team": "" if team else _("Select the partner’s team"),
            "about": "" if 0 < len(given.about.strip()) <= LONGEST else _("Enter what they do for people"),
            "consent": ""
            if 0 < len(given.consent.strip()) <= LONGEST
            else _("Enter what a customer is asked to agree to"),
            "sites": "" if set(given.site_codes) <= sites else _("Select buildings from the list"),
            "readers": ""
            if all(_is_ours(user, at) for user in readers.values())
            else _("Enter email addresses of the council’s own people who sign in here"),
        }
    )
    assert team is not None
    partner = Partner.objects.select_for_update(of=("self",)).filter(team=team).first() or Partner(team=team)
    partner.about, partner.line = given.about.strip(), given.line.strip()[:100]
    partner.site_codes = sorted(set(given.site_codes))
    partner.readers = sorted({user.pk for user in readers.values() if user is not None})
    partner.changed_at, partner.ended_at = at, None
    partner.save()
    held = consents.wordings().get(partner.purpose)
    if held is None or str(held.words) != given.consent.strip():
        consents.reword(partner.purpose, title=team.name, words=given.consent.strip(), by=SYSTEM, at=at)
    ledger.record("partner.kept", about=partner.subject, by=by, at=at)
    return partner


def _is_ours(user: User | None, at: datetime) -> bool:
    return user is not None and may(actor_for(user, at), SEE).allowed


def every() -> list[Partner]:
    """Those that hold, by name. One query."""
    return list(Partner.objects.filter(ended_at=None).select_related("team").order_by("team__name", "id"))


def one(partner_id: UUID) -> Partner:
    """Raises NotFound."""
    found = Partner.objects.select_related("team").filter(pk=partner_id, ended_at=None).first()
    if found is None:
        raise NotFound
    return found


def seen_by(by: Actor) -> Q:
    """The partners whose queue this person may see: their own, and those for which they are named. Nobody else, whatever their role."""
    return Q(team__in=by.teams) | (Q(readers__contains=[by.id]) if _may_be_named(by) else Q(pk=None))


def may_see_queue(partner: Partner, by: Actor) -> bool:
    return partner.team_id in by.teams or (_may_be_named(by) and UUID(by.id) in partner.readers)


def _may_be_named(by: Actor) -> bool:
    """Who moved on to another partner, or to no post of the council's, is named no more."""
    return by.is_staff and may(by, SEE).allowed


@transaction.atomic
def add_turn(
    partner_id: UUID,
    *,
    weekday: int,
    starts: time,
    ends: time,
    site_code: str = "",
    who: str = "",
    from_on: date,
    by: Actor,
    at: datetime,
) -> DeskTurn:
    """Somebody of theirs is there every week; the same twice is once. site_code "": on the line. Raises NotAllowed, NotFound, BadInput."""
    require(by, MANAGE)
    partner = one(partner_id)
    refuse(
        {
            "weekday": "" if 0 <= weekday <= 6 else _("Select a day of the week"),
            "ends": "" if ends > starts else _("It must end after it begins"),
            "site": ""
            if site_code in partner.site_codes or (not site_code and partner.line)
            else _("Select a building that they share with us, or their line"),
            "who": "" if len(who) <= 200 else _("Enter a shorter name"),
        }
    )
    take_turn(f"partner.turns {partner_id}")
    same = partner.turns.filter(weekday=weekday, starts=starts, ends=ends, site_code=site_code, who=who.strip())
    if earlier := same.filter(until_on=None).first():
        return earlier
    made = DeskTurn.objects.create(
        partner=partner,
        site_code=site_code,
        weekday=weekday,
        starts=starts,
        ends=ends,
        who=who.strip(),
        from_on=from_on,
    )
    ledger.record("partner.turn_added", about=partner.subject, by=by, at=at, data={"weekday": weekday})
    return made


@transaction.atomic
def end_turn(turn_id: UUID, *, by: Actor, at: datetime) -> DeskTurn:
    """From today on they are not there any more; the days that are over stay. Raises NotAllowed, NotFound."""
    require(by, MANAGE)
    turn = (
        DeskTurn.objects.select_for_update(of=("self",))
        .select_related("partner")
        .filter(pk=turn_id, until_on=None)
        .first()
    )
    if turn is None:
        raise NotFound
    turn.until_on = max(turn.from_on, council_date(at) - timedelta(days=1))
    turn.save(update_fields=["until_on"])
    ledger.record("partner.turn_ended", about=turn.partner.subject, by=by, at=at, data={"weekday": turn.weekday})
    return turn


def turns_of(partner: Partner, *, on: date) -> list[DeskTurn]:
    """The weekly rota that holds on a day or later, by weekday and time."""
    rows = partner.turns.filter(Q(until_on=None) | Q(until_on__gte=on))
    return list(rows.order_by("weekday", "starts", "id"))


def here_now(*, at: datetime) -> list[DeskTurn]:
    """Who of which partner is at a desk, or on the line, at this moment. One query."""
    local = aware(at).astimezone(LONDON)
    rows = DeskTurn.objects.filter(weekday=local.weekday(), starts__lte=local.time(), ends__gt=local.time())
    rows = rows.filter(
        Q(until_on=None) | Q(until_on__gte=local.date()), from_on__lte=local.date(), partner__ended_at=None
    )
    return list(rows.select_related("partner__team").order_by("partner__team__name", "site_code", "id"))
