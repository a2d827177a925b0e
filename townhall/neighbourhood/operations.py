"""Announcing incidents and telling those affected before they ask; subscribing; and what the crews report."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from townhall.accounts.permissions import require
from townhall.core.actors import SYSTEM, Actor, ActorKind
from townhall.core.db import pipelined
from townhall.core.errors import BadInput, NotFound, WrongState
from townhall.core.events import publish
from townhall.core.ids import uuid7
from townhall.ledger import operations as ledger
from townhall.neighbourhood.events import IncidentPosted
from townhall.neighbourhood.models import AddressRound, Incident, Round, Subscription
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient, email_address
from townhall.places.models import Address, Area, Street

_SIGNER = signing.Signer(salt="townhall.subscription")


@transaction.atomic
def post_incident(
    *,
    service_code: str,
    scope: str,
    scope_code: str,
    title: str,
    message: str,
    by: Actor,
    at: datetime,
    reason: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    round_code: str = "",
) -> Incident:
    """Announce what the council knows of an address, street, round or ward; everybody who subscribed there is told at once.

    round_code: the round whose bins alone it touches.
    Raises NotAllowed, BadInput for a place that does not exist, without words, or that ends before it starts.
    """
    require(by, "incidents.declare")
    starts_at = starts_at or at
    _check(scope, scope_code, title=title, message=message, starts_at=starts_at, ends_at=ends_at)
    incident = Incident.objects.create(
        id=uuid7(),
        service_code=service_code,
        scope=scope,
        scope_code=scope_code,
        title=title.strip(),
        message=message.strip(),
        reason=reason.strip(),
        starts_at=starts_at,
        ends_at=ends_at,
        posted_by=by.id,
        posted_at=at,
    )
    incident.told = _tell(incident, "incident/posted", at=at)
    incident.save(update_fields=["told"])
    ledger.record(
        "incident.posted",
        about=incident.subject,
        by=by,
        at=at,
        data={"service": service_code, "scope": scope, "code": scope_code, "told": incident.told},
    )
    publish(_posted(incident, round_code=round_code, by=by, at=at))
    return incident


def _posted(incident: Incident, *, round_code: str, by: Actor, at: datetime) -> IncidentPosted:
    return IncidentPosted(
        incident_id=incident.pk,
        service_code=incident.service_code,
        scope=incident.scope,
        scope_code=incident.scope_code,
        round_code=round_code,
        title=incident.title,
        message=incident.message,
        reason=incident.reason,
        starts_at=incident.starts_at,
        source=by.id if by.kind is ActorKind.CONNECTOR else by.kind.value,
        at=at,
    )


@transaction.atomic
def end_incident(incident_id: UUID, *, by: Actor, at: datetime, message: str = "") -> Incident:
    """It is over, and those affected are told, with `message` if there is more to say.

    Raises NotAllowed, NotFound, WrongState when it was over.
    """
    require(by, "incidents.declare")
    incident = Incident.objects.select_for_update().filter(pk=incident_id).first()
    if incident is None:
        raise NotFound
    if incident.ended_at is not None or (incident.ends_at is not None and incident.ends_at <= at):
        raise WrongState(_("This incident is over already."))
    incident.ended_at = at
    incident.save(update_fields=["ended_at"])
    told = _tell(incident, "incident/ended", at=at, words=message.strip())
    ledger.record("incident.ended", about=incident.subject, by=by, at=at, data={"told": told})
    return incident


def end_those_over(*, at: datetime, limit: int) -> int:
    """Incidents whose announced end has come: those affected are told that it is over. How many were ended."""
    with transaction.atomic():
        over = Incident.objects.select_for_update(skip_locked=True).filter(ended_at__isnull=True, ends_at__lte=at)
        ended = list(over.order_by("ends_at", "id")[:limit])
        for incident in ended:
            incident.ended_at = incident.ends_at
            incident.save(update_fields=["ended_at"])
            told = _tell(incident, "incident/ended", at=at)
            ledger.record("incident.ended", about=incident.subject, by=SYSTEM, at=at, data={"told": told})
    return len(ended)


@transaction.atomic
def subscribe(
    recipient: Recipient, *, scope: str, scope_code: str, by: Actor, at: datetime, service_code: str = ""
) -> Subscription:
    """Be told of incidents at a place: of one service, or of every service. Subscribing twice is once.

    Raises BadInput for a place that does not exist, or without an address that mail can reach.
    """
    if not email_address(recipient.email):
        raise BadInput({"email": _("Enter an email address in the correct format, like name@example.com")})
    _check_place(scope, scope_code)
    same = Subscription.objects.filter(
        scope=scope, scope_code=scope_code, service_code=service_code, email=recipient.email, ended_at__isnull=True
    )
    usrn, area_code = _street_and_ward(scope, scope_code)
    made = Subscription.objects.bulk_create(
        [
            Subscription(
                id=uuid7(),
                service_code=service_code,
                scope=scope,
                scope_code=scope_code,
                usrn=usrn,
                area_code=area_code,
                name=recipient.name,
                email=recipient.email,
                phone=recipient.phone,
                customer_id=recipient.customer_id,
                created_at=at,
            )
        ],
        ignore_conflicts=True,
    )
    subscription = same.get()
    if subscription.pk == made[0].pk:
        ledger.record(
            "subscription.made",
            about=subscription.subject,
            by=by,
            at=at,
            customer_id=recipient.customer_id,
            data={"service": service_code, "scope": scope, "code": scope_code},
        )
    return subscription


@transaction.atomic
def unsubscribe(subscription_id: UUID, *, by: Actor, at: datetime) -> None:
    """Be told no more. Twice is once. Raises NotFound."""
    subscription = Subscription.objects.select_for_update().filter(pk=subscription_id).first()
    if subscription is None:
        raise NotFound
    if subscription.ended_at is not None:
        return
    subscription.ended_at = at
    subscription.save(update_fields=["ended_at"])
    ledger.record("subscription.ended", about=subscription.subject, by=by, at=at, customer_id=subscription.customer_id)


def stop_link(subscription_id: UUID) -> str:
    """Where a subscriber ends their subscription without signing in."""
    return f"{settings.PUBLIC_URL}/subscriptions/{_SIGNER.sign(subscription_id.hex)}"


def subscription_in(token: str) -> UUID | None:
    """The subscription that a link's token names, or None when it was not made by us."""
    try:
        return UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def affected(incident: Incident) -> QuerySet[Subscription]:
    """Everybody who is to be told of an incident: who subscribed to its place, or to an address or street within it."""
    scope, code = incident.scope, incident.scope_code
    where = Q(scope=scope, scope_code=code)
    if scope == Incident.Scope.STREET:
        where |= Q(usrn=code)
    elif scope == Incident.Scope.AREA:
        where |= Q(area_code=code)
    elif scope == Incident.Scope.ROUND:
        on_round = AddressRound.objects.filter(round_id=code).values("uprn")
        where |= Q(scope=Incident.Scope.ADDRESS, scope_code__in=on_round)
    return Subscription.objects.filter(where, ended_at__isnull=True, service_code__in=["", incident.service_code])


def _tell(incident: Incident, template: str, *, at: datetime, words: str = "") -> int:
    """One message for each address of a subscriber, however many of their subscriptions it touches; how many were made."""
    people: dict[str, Subscription] = {}
    for one in affected(incident).order_by("id").iterator(chunk_size=2000):
        people.setdefault(one.email.lower() or str(one.pk), one)
    with pipelined():
        for one in people.values():
            stop = stop_link(one.pk)
            notifications.send(
                template,
                to=Recipient(name=one.name, email=one.email, phone=one.phone, customer_id=one.customer_id),
                about=incident.subject,
                key=f"{template}-{incident.pk}-{one.pk}",
                context={
                    "title": incident.title,
                    "message": incident.message,
                    "reason": incident.reason,
                    "words": words,
                    "ends_at": incident.ends_at,
                    "phone": settings.COUNCIL_PHONE,
                    "stop": stop,
                    "unsubscribe_url": stop,
                },
                at=at,
            )
    return len(people)


def _check(
    scope: str, scope_code: str, *, title: str, message: str, starts_at: datetime, ends_at: datetime | None
) -> None:
    problems = {}
    if not title.strip():
        problems["title"] = _("Enter a title")
    if not message.strip():
        problems["message"] = _("Enter what residents are told")
    if ends_at is not None and ends_at <= starts_at:
        problems["ends_at"] = _("It must end after it starts")
    if problems:
        raise BadInput(problems)
    _check_place(scope, scope_code)


def _check_place(scope: str, code: str) -> None:
    match scope:
        case Incident.Scope.ADDRESS:
            there = Address.objects.filter(pk=code).exists() or AddressRound.objects.filter(uprn=code).exists()
        case Incident.Scope.STREET:
            there = Street.objects.filter(pk=code).exists()
        case Incident.Scope.ROUND:
            there = Round.objects.filter(pk=code).exists()
        case Incident.Scope.AREA:
            there = Area.objects.filter(kind=Area.Kind.WARD, code=code).exists()
        case _:
            raise BadInput({"scope": _("Select an address, a street, a round or a ward")})
    if not there:
        raise BadInput({"scope_code": _("We do not know that place. Check it and try again.")})


def _street_and_ward(scope: str, code: str) -> tuple[str, str]:
    if scope == Incident.Scope.ADDRESS:
        found = Address.objects.filter(pk=code).values_list("street_id", "ward_code").first()
        return (found[0] or "", found[1]) if found else ("", "")
    return (code, "") if scope == Incident.Scope.STREET else ("", "")
