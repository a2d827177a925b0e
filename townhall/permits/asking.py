"""A permit is asked for by the form of its service: zone, vehicle, the home's number of permits, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from townhall.cases.events import CaseOpened
from townhall.cases.models import Case
from townhall.core.actors import SYSTEM
from townhall.core.errors import BadInput, RuleBroken
from townhall.core.money import Pence
from townhall.core.references import new_reference
from townhall.core.time import council_date
from townhall.core.turns import take_turn
from townhall.forms import queries as forms
from townhall.forms.engine import Due
from townhall.payments.owed import reference_key
from townhall.permits import pricing
from townhall.permits.issuing import issue_if_ready, record
from townhall.permits.models import Band, Permit, Vehicle
from townhall.permits.queries import SERVICE
from townhall.permits.states import State
from townhall.places import queries as places
from townhall.places.whereabouts import parking_zone
from townhall.ui.words import long_date

RENEW_BEFORE = timedelta(days=60)  # how long before its end, and after it, a permit can be renewed
RENEW_AFTER = timedelta(days=28)


class NotEligible(RuleBroken):
    """The home or the vehicle cannot have this permit; the sentence says why."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What was asked for, as it was found to stand."""

    uprn: str
    address: str
    zone_code: str
    mark: str
    band: str
    months: int
    place_in_home: int
    price_pence: Pence
    renews: Permit | None


def wanted(answers: Mapping[str, Any], *, on: date) -> Wanted:
    """What these answers ask for on a day. Raises NotEligible, BadInput. Five queries at most."""
    given = answers.get("address")
    found = places.address(str(given["uprn"])) if isinstance(given, Mapping) and given.get("uprn") else None
    if found is None:
        raise NotEligible(_("Choose your address from the list, so that we know its zone."))
    zone_code = parking_zone(found.place.easting, found.place.northing)
    if not zone_code:
        raise NotEligible(_("Your home is not in a permit zone. You need no permit to park in your street."))
    mark, band = str(answers.get("mark", "")).strip().upper(), str(answers.get("engine", ""))
    if len(reference_key(mark)) < 2 or band not in Band.values:
        raise BadInput({"mark": _("Enter the registration number and the engine of the vehicle")})
    renews = _renewed(found.code, mark, on=on) if answers.get("kind") == "renewal" else None
    if renews is None:
        _refuse_second(zone_code, mark, on=on)
    rule = pricing.rule_of(zone_code)
    if not rule.is_open and renews is None:
        raise NotEligible(_("We issue no new permits for zone %(zone)s at the moment.") % {"zone": zone_code})
    number = pricing.held_at(found.code, on=on, but=renews.pk if renews else None) + 1
    if number > rule.most_per_home:
        raise NotEligible(
            _("A home in zone %(zone)s can have %(most)s permits, and yours has them.")
            % {"zone": zone_code, "most": rule.most_per_home}
        )
    months = int(str(answers.get("months", "0")))
    return Wanted(
        uprn=found.code,
        address=found.label,
        zone_code=zone_code,
        mark=mark,
        band=band,
        months=months,
        place_in_home=number,
        price_pence=pricing.price(zone_code, band=band, number=number, months=months, on=on),
        renews=renews,
    )


def due(answers: Mapping[str, Any], *, case_id: UUID | None, at: datetime) -> list[Due]:
    """What the form asks to be paid: as a line of its check page, and once sent, what was found then."""
    permit = Permit.objects.filter(case_id=case_id).first() if case_id else None
    if permit is not None:
        zone_code, months, pence = permit.zone_code, permit.months, Pence(permit.price_pence)
    else:
        try:
            found = wanted(answers, on=council_date(at))
        except RuleBroken:
            return []  # sending it says why
        zone_code, months, pence = found.zone_code, found.months, found.price_pence
    words = _("Parking permit, zone %(zone)s, %(months)s months") % {"zone": zone_code, "months": months}
    return [Due(code="permit", words=words, pence=pence)] if pence else []


def heard_opened(event: CaseOpened) -> None:
    """The form of a permit was sent in: in the same transaction the permit is asked for, or the form is refused."""
    if event.service_code != SERVICE or not event.form_code:
        return
    submission = forms.submission(event.case_id)
    answers, at = submission.answers, event.at
    given = answers.get("address") or {}
    # Two of one home at once would both be its first: one waits for the other.
    take_turn(f"permit{given.get('uprn', '')}")
    asked = wanted(answers, on=council_date(at))
    case = Case.objects.get(pk=event.case_id)
    reporter = case.follower_rows.filter(is_reporter=True).first()
    permit = Permit.objects.create(
        number=new_reference().replace("TH-", "PP-"),
        case_id=case.pk,
        customer_id=case.customer_id,
        holder_name=reporter.name if reporter else "",
        holder_email=reporter.email if reporter else "",
        holder_phone=reporter.phone if reporter else "",
        uprn=asked.uprn,
        address=asked.address,
        zone_code=asked.zone_code,
        months=asked.months,
        place_in_home=asked.place_in_home,
        price_pence=asked.price_pence,
        renews=asked.renews,
        asked_at=at,
        paid_at=None if asked.price_pence else at,
    )
    Vehicle.objects.create(
        permit=permit, mark=asked.mark, mark_key=reference_key(asked.mark), band=asked.band, asked_at=at, from_at=at
    )
    record("permit.asked", permit, by=SYSTEM, at=at, zone=permit.zone_code, pence=permit.price_pence)
    if asked.renews is not None and _is_the_holder(asked.renews, permit):
        permit.checked_at, permit.checked_by = at, SYSTEM.id or "system"
        permit.save(update_fields=["checked_at", "checked_by"])
        record("permit.checked", permit, by=SYSTEM, at=at, renews=str(asked.renews.pk))
    issue_if_ready(permit, by=SYSTEM, at=at)


def _renewed(uprn: str, mark: str, *, on: date) -> Permit:
    """The permit that is to be renewed. Raises NotEligible."""
    found = (
        Permit.objects.filter(
            uprn=uprn,
            state=State.ISSUED,
            vehicles__mark_key=reference_key(mark),
            vehicles__from_at__isnull=False,
            vehicles__until_at__isnull=True,
            ends_on__gte=on - RENEW_AFTER,
        )
        .exclude(renewals__state__in=[State.ASKED, State.ISSUED])
        .order_by("-ends_on")
        .first()
    )
    if found is None:
        raise NotEligible(
            _("We have no permit to renew for that vehicle at that address. Check both, or ask for a new permit.")
        )
    assert found.ends_on is not None
    if found.ends_on - RENEW_BEFORE > on:
        raise NotEligible(
            _("This permit runs until %(date)s. It can be renewed from 60 days before.")
            % {"date": long_date(found.ends_on)}
        )
    return found


def _refuse_second(zone_code: str, mark: str, *, on: date) -> None:
    """One vehicle has one permit in a zone. Raises NotEligible."""
    rows = Vehicle.objects.filter(mark_key=reference_key(mark), from_at__isnull=False, until_at__isnull=True)
    held = rows.filter(permit__zone_code=zone_code, permit__state=State.ISSUED, permit__ends_on__gte=on)
    asked = rows.filter(permit__zone_code=zone_code, permit__state=State.ASKED)
    if held.exists() or asked.exists():
        raise NotEligible(
            _("This vehicle has a permit for zone %(zone)s already, or one was asked for.") % {"zone": zone_code}
        )


def _is_the_holder(old: Permit, new: Permit) -> bool:
    """Only then is a renewal not checked again: the same account, or the mailbox that the permit was sent to."""
    if old.customer_id is not None and old.customer_id == new.customer_id:
        return True
    return bool(old.holder_email) and old.holder_email.casefold() == new.holder_email.casefold()
