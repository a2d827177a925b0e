"""Access needs: agreed with the customer, shown first, looked at again by a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.clocks import operations as clocks
from townhall.clocks.working_days import add_months
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, NotFound
from townhall.core.subjects import Subject
from townhall.core.time import council_date
from townhall.customers.models import AccessNeed
from townhall.customers.operations.recording import record
from townhall.customers.permissions import locked
from townhall.forms.typed import clean_line

REVIEW_MONTHS = 12
CLOCK = "need.review"
LONGEST = 200


@transaction.atomic
def agree_need(
    customer_id: UUID,
    *,
    need: str,
    by: Actor,
    at: datetime,
    detail: str = "",
    may_share: bool = False,
    review_on: date | None = None,
    channels: Sequence[str] = (),
) -> AccessNeed:
    """Keep a need, or agree one again: detail, sharing and the day to look at it again (a year by default) are then replaced.

    Raises BadInput.
    """
    locked(customer_id, by=by, own=True)
    today = council_date(at)
    review = review_on or add_months(today, REVIEW_MONTHS)
    if need not in AccessNeed.Need.values:
        raise BadInput({"need": _("Select what they need")})
    if review <= today:
        raise BadInput({"review_on": _("The date to look at it again must be in the future")})
    values = {
        "detail": clean_line(detail)[:LONGEST],
        "agreed_on": today,
        "review_on": review,
        "may_share": may_share,
        "channels": list(channels),
    }
    kept, _made = AccessNeed.objects.update_or_create(
        customer_id=customer_id, need=need, ended_at=None, defaults=values
    )
    about = Subject(kind="access_need", id=kept.pk)
    clocks.finish(CLOCK, about=about, at=at)
    clocks.start(CLOCK, about=about, at=at, due_on=review)
    record("need_agreed", customer_id, by=by, at=at, need=need, review_on=review.isoformat(), may_share=may_share)
    return kept


@transaction.atomic
def end_need(need_id: UUID, *, by: Actor, at: datetime) -> None:
    kept = AccessNeed.objects.filter(pk=need_id).first()
    if kept is None:
        raise NotFound
    locked(kept.customer_id, by=by, own=True)
    if AccessNeed.objects.filter(pk=need_id, ended_at__isnull=True).update(ended_at=at):
        clocks.stop(CLOCK, about=Subject(kind="access_need", id=need_id), at=at)
        record("need_ended", kept.customer_id, by=by, at=at, need=kept.need)
