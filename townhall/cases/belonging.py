"""Whose a case is, where that is known only after it was opened."""

from __future__ import annotations

from townhall.cases.models import Case, CaseContact
from townhall.cases.operations.locking import record
from townhall.contacts.events import CustomerLinked


def customer_linked(event: CustomerLinked) -> None:
    """What was opened in this conversation before it was known who it is with is theirs; what is somebody's already stays so."""
    theirs = Case.objects.filter(
        contacts__contact_id=event.contact_id, contacts__kind=CaseContact.Kind.ORIGIN, customer__isnull=True
    )
    for case in Case.objects.select_for_update().filter(pk__in=theirs.values("pk")):
        case.customer_id = event.customer_id
        case.save(update_fields=["customer"])
        case.follower_rows.filter(is_reporter=True, customer_id__isnull=True).update(customer_id=event.customer_id)
        record(case, "case.customer_known", by=event.by, at=event.at)
