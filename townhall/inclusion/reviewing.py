"""What somebody needs is looked at again by its date: they are asked whether it is still right."""

from __future__ import annotations

from django.conf import settings

from townhall.clocks.events import ClockRang
from townhall.customers.finding import need_words
from townhall.customers.models import AccessNeed
from townhall.customers.operations.needs import CLOCK
from townhall.customers.queries import reached_by
from townhall.notifications import operations as notifications
from townhall.notifications.recipients import Recipient


def clock_rang(event: ClockRang) -> None:
    """In their own way of being written to; whoever opens the record meanwhile sees that it is to be asked."""
    if event.kind != CLOCK:
        return
    need = AccessNeed.objects.select_related("customer").filter(pk=event.subject.id, ended_at=None).first()
    if need is None or need.customer.merged_into_id is not None:
        return
    reached = {kind: point.value for kind, point in reached_by(need.customer_id).items()}
    likes = need.customer.preferred_channel
    notifications.send(
        "inclusion/need_review",
        to=Recipient(
            name=need.customer.name,
            email=reached.get("email", ""),
            phone=reached.get("phone", ""),
            customer_id=need.customer_id,
            prefers=likes if likes in ("email", "text") else None,
        ),
        about=event.subject,
        key=f"need-review-{event.clock_id}",
        context={
            "need": need_words(need.need),
            "detail": need.detail,
            "phone": settings.COUNCIL_PHONE,
            "link": f"{settings.PUBLIC_URL}/account/preferences",
        },
        at=event.at,
    )
