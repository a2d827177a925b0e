"""From asked for to issued: the payment, the check of the evidence, and both together; or a refusal."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.cases import operations as cases
from townhall.cases.models import Case
from townhall.cases.states import State as CaseState
from townhall.core.actors import SYSTEM, Actor
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.events import publish
from townhall.core.money import Pence
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.files.queries import files_of
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient
from townhall.payments import counters
from townhall.payments import operations as payments
from townhall.payments.events import ChargePaid
from townhall.payments.models import Charge
from townhall.payments.states import ChargeState
from townhall.permits.events import PermitIssued
from townhall.permits.models import Permit, Vehicle
from townhall.permits.pricing import months_after
from townhall.permits.refunds import give_back
from townhall.permits.states import State, check_move
from townhall.ui import naming

MAY_ISSUE, MAY_REFUSE = "permits.issue", "permits.refuse"
CHARGE_KIND = "parking-permit"
REFUSED = "not-resident"  # the service's policy reason
LONGEST_SEEN = 300  # characters
_SIGNER = signing.Signer(salt="townhall.permit")


def token_of(permit_id: UUID) -> str:
    """What the holder's own page is known by."""
    return _SIGNER.sign(permit_id.hex)


def permit_in(token: str) -> UUID | None:
    """The permit that a token names, or None when we did not make it."""
    try:
        return UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


@transaction.atomic
def check_evidence(permit_id: UUID, *, seen: str = "", site_code: str = "", by: Actor, at: datetime) -> Permit:
    """Somebody of the council has seen that the holder lives there. With a site: at its desk, with the customer there.

    seen: what was seen, in words; needed when nothing was sent in. It stays with the permit, and the ledger says only that there is one.
    Raises NotAllowed, NotFound, BadInput for a centre that is not enabled or without evidence, WrongState unless it is asked for.
    """
    require(by, MAY_ISSUE)
    permit = locked(permit_id)
    if site_code and site_code not in enabled_sites(at):
        raise BadInput(
            {"site": _("Permits are not issued at this %(outlet)s yet") % {"outlet": naming.name(naming.OUTLET)}}
        )
    if permit.state != State.ASKED:
        raise WrongState
    if permit.checked_at is None:
        seen, sent = " ".join(seen.split())[:LONGEST_SEEN], len(files_of(case_of(permit)))
        if not seen and not sent:
            raise BadInput(
                {"seen": _("Nothing was sent in. Enter what you saw, such as “driving licence, at the counter”")}
            )
        permit.checked_at, permit.checked_by, permit.site_code, permit.seen = at, by.id, site_code, seen
        permit.save(update_fields=["checked_at", "checked_by", "site_code", "seen"])
        record("permit.checked", permit, by=by, at=at, site=site_code, files=sent, noted=bool(seen))
    issue_if_ready(permit, by=by, at=at)
    return permit


def enabled_sites(at: datetime) -> set[str]:
    """The centres that take cards for permits issue them too. One query."""
    return counters.sites_taking(CHARGE_KIND, on=council_date(at))


def heard_paid(event: ChargePaid) -> None:
    """The fee of a permit, or what another vehicle costs, was paid. In the transaction of the payment."""
    if event.subject_id is None:
        return
    if event.subject_kind == "case":
        permit = Permit.objects.select_for_update().filter(case_id=event.subject_id, state=State.ASKED).first()
        if permit is not None and permit.paid_at is None:
            permit.paid_at = event.at
            permit.save(update_fields=["paid_at"])
            record("permit.paid", permit, by=SYSTEM, at=event.at)
            issue_if_ready(permit, by=SYSTEM, at=event.at)
    elif event.subject_kind == "permit_vehicle":
        change = Vehicle.objects.filter(pk=event.subject_id).first()
        if change is not None and change.until_at is None and change.from_at is None:
            take_vehicle(locked(change.permit_id), change, by=SYSTEM, at=event.at)


def issue_if_ready(permit: Permit, *, by: Actor, at: datetime) -> bool:
    """Issue a locked permit that is paid and checked: it holds from today, or from the day after the one that it renews."""
    if permit.state != State.ASKED or permit.paid_at is None or permit.checked_at is None:
        return False
    check_move(State(permit.state), State.ISSUED)
    today = council_date(at)
    after = permit.renews.ends_on + timedelta(days=1) if permit.renews and permit.renews.ends_on else today
    permit.state, permit.issued_at = State.ISSUED, at
    permit.starts_on = max(today, after)
    permit.ends_on = months_after(permit.starts_on, permit.months) - timedelta(days=1)
    permit.save(update_fields=["state", "issued_at", "starts_on", "ends_on"])
    record("permit.issued", permit, by=by, at=at, until=permit.ends_on.isoformat())
    _close_case(permit, at=at)
    tell("permit/issued", permit, at=at, key=f"permit-issued-{permit.pk}")
    publish(PermitIssued(permit_id=permit.pk, at=at))
    return True


@transaction.atomic
def refuse(permit_id: UUID, *, words: str, by: Actor, at: datetime) -> Permit:
    """The evidence does not show it: what was paid goes back whole. words: why, as the customer reads it.

    Raises NotAllowed, NotFound, BadInput without words, WrongState.
    """
    require(by, MAY_REFUSE)
    permit = locked(permit_id)
    words = words.strip()
    if not words:
        raise BadInput({"words": _("Enter why the permit is refused")})
    check_move(State(permit.state), State.REFUSED)
    permit.state, permit.ended_at, permit.end_reason = State.REFUSED, at, words
    permit.refund_pence = give_back(permit, Pence(permit.price_pence), reason=_("Permit refused"), at=at)
    permit.save(update_fields=["state", "ended_at", "end_reason", "refund_pence"])
    cancel_charges(permit, at=at)
    record("permit.refused", permit, by=by, at=at, refund=permit.refund_pence)
    case = Case.objects.get(pk=permit.case_id)
    if case.state in (CaseState.AWAITING_DECISION, CaseState.WAITING_FOR_CUSTOMER, CaseState.ACCEPTED):
        cases.decline(case.pk, reason_code=REFUSED, words=words, by=SYSTEM, at=at)
    return permit


def take_vehicle(permit: Permit, change: Vehicle, *, by: Actor, at: datetime) -> None:
    """From now on a locked permit is for this vehicle. One that is over meanwhile stays as it is."""
    if permit.state != State.ISSUED:
        return
    permit.vehicles.filter(from_at__isnull=False, until_at__isnull=True).update(until_at=at)
    change.from_at = at
    change.save(update_fields=["from_at"])
    record("permit.vehicle_changed", permit, by=by, at=at, vehicle=str(change.pk))
    tell("permit/vehicle", permit, at=at, key=f"permit-vehicle-{change.pk}")


def cancel_charges(permit: Permit, *, at: datetime) -> None:
    """Nothing of a permit is owed any more."""
    for about in (case_of(permit), *(vehicle.subject for vehicle in permit.vehicles.all())):
        cancel_charges_of(about, at=at)


def cancel_charges_of(about: Subject, *, at: datetime) -> None:
    open_ones = Charge.objects.filter(subject_kind=about.kind, subject_id=about.id, state=ChargeState.OPEN)
    for charge_id in open_ones.values_list("pk", flat=True):
        payments.cancel_charge(charge_id, by=SYSTEM, at=at)


def case_of(permit: Permit) -> Subject:
    """What its fee and its evidence are about: the case that it was asked for by."""
    return Subject(kind="case", id=permit.case_id)


def locked(permit_id: UUID) -> Permit:
    """Raises NotFound. Whoever changes a permit holds it."""
    permit = Permit.objects.select_for_update(of=("self",)).select_related("renews").filter(pk=permit_id).first()
    if permit is None:
        raise NotFound
    return permit


def record(verb: str, permit: Permit, *, by: Actor, at: datetime, **data: object) -> None:
    ledger.record(
        verb,
        about=permit.subject,
        by=by,
        at=at,
        case_id=permit.case_id,
        customer_id=permit.customer_id,
        data=data or None,
    )


def tell(template: str, permit: Permit, *, at: datetime, key: str, **more: object) -> None:
    """Write to the holder."""
    vehicle = permit.vehicles.filter(from_at__isnull=False, until_at__isnull=True).first()
    notifications.send(
        template,
        to=Recipient(
            name=permit.holder_name,
            email=permit.holder_email,
            phone=permit.holder_phone,
            customer_id=permit.customer_id,
        ),
        about=permit.subject,
        key=key,
        context={
            "number": permit.number,
            "mark": vehicle.mark if vehicle else "",
            "zone": permit.zone_code,
            "address": permit.address,
            "starts_on": permit.starts_on,
            "ends_on": permit.ends_on,
            "link": f"{settings.PUBLIC_URL}/permits/{token_of(permit.pk)}",
            "council": settings.COUNCIL_NAME,
            "phone": settings.COUNCIL_PHONE,
            **more,
        },
        at=at,
        case_id=permit.case_id,
    )


def _close_case(permit: Permit, *, at: datetime) -> None:
    """The work is done: the permit itself is what the customer is sent."""
    case = Case.objects.get(pk=permit.case_id)
    if case.state not in (CaseState.AWAITING_DECISION, CaseState.WAITING_FOR_CUSTOMER, CaseState.ACCEPTED):
        return
    cases.complete(
        case.pk,
        outcome_code="issued",
        outcome_text=_("Permit %(number)s, zone %(zone)s.") % {"number": permit.number, "zone": permit.zone_code},
        by=SYSTEM,
        at=at,
    )
    cases.close_without_message(case.pk, reason=_("The permit was sent"), by=SYSTEM, at=at)
