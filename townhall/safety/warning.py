"""Warning a caller, and ending an abusive call: both are written down, and a report is asked for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from townhall.accounts import permissions
from townhall.core.actors import Actor
from townhall.safety.calling import report_within
from townhall.safety.models import CallWarning
from townhall.safety.recording import record, user_of


@transaction.atomic
def warn(contact_id: UUID, *, customer_id: UUID | None, by: Actor, at: datetime) -> CallWarning:
    """The caller was told that the call will be ended if it goes on. Once for each conversation. Raises NotAllowed."""
    permissions.require(by, "safety.report")
    made, is_new = CallWarning.objects.get_or_create(
        contact_id=contact_id, defaults={"customer_id": customer_id, "by": user_of(by), "warned_at": at}
    )
    if is_new:
        record("call.warned", about=made.subject, by=by, at=at, customer_id=customer_id, contact=str(contact_id))
    return made


@transaction.atomic
def ended(contact_id: UUID, *, customer_id: UUID | None, by: Actor, at: datetime) -> CallWarning:
    """The call was ended for abuse, after the warning; one that was given in the same breath is written down now. Raises NotAllowed."""
    made = warn(contact_id, customer_id=customer_id, by=by, at=at)
    row = CallWarning.objects.select_for_update().get(pk=made.pk)
    if row.ended_at is None:
        row.ended_at, row.report_due_at = at, at + report_within()
        row.save(update_fields=["ended_at", "report_due_at"])
        record(
            "call.ended_for_abuse", about=row.subject, by=by, at=at, customer_id=customer_id, contact=str(contact_id)
        )
    return row


def of_contact(contact_id: UUID) -> CallWarning | None:
    return CallWarning.objects.filter(contact_id=contact_id).first()
