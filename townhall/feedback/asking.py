"""Sending a short survey when a request is closed and after a conversation: to so many in a hundred, and to nobody too often."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db.models import Q

from townhall.cases.events import CaseClosed
from townhall.cases.models import Case
from townhall.contacts.events import ContactEnded
from townhall.contacts.models import Contact
from townhall.core.actors import SYSTEM
from townhall.core.turns import take_turn
from townhall.customers.models import Customer
from townhall.customers.queries import reached_by
from townhall.feedback import counting
from townhall.feedback.models import Asked, Point, SurveyRule
from townhall.ledger import operations as ledger
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

OPEN_FOR = timedelta(days=30)
_SIGNER = signing.Signer(salt="townhall.survey")


def token_for(asked_id: UUID) -> str:
    return _SIGNER.sign(asked_id.hex)


def asked_in(token: str) -> UUID | None:
    try:
        return UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def rule_for(point: str, service_code: str) -> SurveyRule | None:
    """The service's own, else the one of all. One query."""
    rows = SurveyRule.objects.filter(point=point, service_code__in=("", service_code)).order_by("-service_code")
    return rows.first()


def is_chosen(about: UUID, percent: int) -> bool:
    """A sample that is the same whenever it is asked: by the id of what is asked about."""
    return int.from_bytes(hashlib.sha256(about.bytes).digest()[:4]) % 100 < percent


def case_closed(event: CaseClosed) -> None:
    case = Case.objects.filter(pk=event.case_id).first()
    if case is not None and case.customer_id is not None:
        _ask(
            Asked(
                customer_id=case.customer_id,
                point=Point.CASE_CLOSED,
                about_kind="case",
                about_id=case.pk,
                service_code=case.service_code,
                channel=case.origin_channel,
                reference=case.reference,
                sent_at=event.at,
            )
        )


def contact_ended(event: ContactEnded) -> None:
    contact = Contact.objects.filter(pk=event.contact_id).first()
    if contact is not None and contact.customer_id is not None:
        _ask(
            Asked(
                customer_id=contact.customer_id,
                point=Point.CONTACT,
                about_kind="contact",
                about_id=contact.pk,
                service_code=contact.service_code,
                channel=contact.channel_id,
                sent_at=event.at,
            )
        )


def _ask(new: Asked) -> None:
    """Send it, unless they are not in the sample, were asked lately or cannot be reached. In the caller's transaction."""
    at, rule = new.sent_at, rule_for(new.point, new.service_code)
    if rule is None or not is_chosen(new.about_id, rule.sample_percent):
        return
    take_turn(f"survey:{new.customer_id}")  # one at a time for one customer, whatever ends at the same moment
    lately = Q(customer_id=new.customer_id, sent_at__gt=at - timedelta(days=rule.gap_days))
    about = Q(about_kind=new.about_kind, about_id=new.about_id)  # also of whoever it was thought to be of before
    if Asked.objects.filter(lately | about).exists():
        return
    to = _recipient(new.customer_id)
    if to is None:
        return
    new.until_at = at + OPEN_FOR
    new.save(force_insert=True)
    data: dict[str, object] = {"point": new.point, "service": new.service_code, "channel": new.channel}
    ledger.record("survey.sent", about=new.subject, by=SYSTEM, at=at, customer_id=new.customer_id, data=data)
    notifications.send(
        "survey/asked",
        to=to,
        about=new.subject,
        key=f"survey-{new.pk}",
        context={
            "point": new.point,
            "reference": new.reference,
            "link": f"{settings.PUBLIC_URL}/survey/{token_for(new.pk)}",
            "complain": f"{settings.PUBLIC_URL}/complain",
            "until": new.until_at,
        },
        at=at,
    )
    counting.count(new.point, new.service_code, new.channel, at=at, asked=1)


def _recipient(customer_id: UUID) -> Recipient | None:
    """Where they can be reached; which way is theirs to say (notifications). None where they gave none. Two queries."""
    customer = Customer.objects.filter(pk=customer_id).first()
    points = reached_by(customer_id)
    email, phone = points.get("email"), points.get("phone")
    if customer is None or not (email or phone):
        return None
    return Recipient(
        name=customer.name,
        email=email.value if email else "",
        phone=phone.value if phone else "",
        customer_id=customer_id,
    )
