"""What whoever complained is told at each step, and the link by which they follow it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core import signing

from townhall.accounts import directory
from townhall.accounts.models import User
from townhall.catalogue import queries as catalogue
from townhall.complaints.models import Complaint
from townhall.core.errors import NotFound
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient

_SIGNER = signing.Signer(salt="townhall.complaint")


def token_for(complaint_id: UUID) -> str:
    """What the personal link holds. It does not end: an ombudsman may ask a year later."""
    return _SIGNER.sign(complaint_id.hex)


def complaint_in(token: str) -> UUID | None:
    try:
        return UUID(_SIGNER.unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def link_to(complaint: Complaint) -> str:
    return f"{settings.PUBLIC_URL}/complaints/{complaint.reference}?me={token_for(complaint.pk)}"


def who_has_it(complaint: Complaint) -> str:
    """The owner by name; the team where nobody is named yet."""
    if complaint.owner_id:
        return User.objects.values_list("name", flat=True).get(pk=complaint.owner_id)
    return directory.team_by_id(complaint.team_id).name


def service_of(complaint: Complaint) -> str:
    try:
        return str(catalogue.entry(complaint.service_code).pack.name) if complaint.service_code else ""
    except NotFound:
        return complaint.service_code


def tell(
    template: str,
    complaint: Complaint,
    *,
    at: datetime,
    key: str = "",
    answers: str = "",
    reply_to: str = "",
    **more: object,
) -> None:
    """Once for each key, by the way they like and can be reached on. Somebody with no address reads it by their reference."""
    notifications.send(
        f"complaint/{template}",
        to=Recipient(
            name=complaint.name,
            email=complaint.email,
            phone=complaint.phone,
            customer_id=complaint.customer_id,
            answers=answers,
            reply_to=reply_to,
        ),
        about=complaint.subject,
        key=f"complaint-{template}-{complaint.pk}-{key or complaint.stage}",
        context={
            "reference": complaint.reference,
            "kind": complaint.kind,
            "service": service_of(complaint),
            "owner": who_has_it(complaint),
            "due_on": complaint.due_on,
            "stage": complaint.stage,
            "ombudsman": complaint.procedure.ombudsman,
            "link": link_to(complaint),
            "phone": settings.COUNCIL_PHONE,
            **more,
        },
        at=at,
        case_id=complaint.case_id,
    )
