"""What can become of a penalty notice and of an appeal against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class NoticeState(models.TextChoices):
    ISSUED = "issued", _("To pay or to appeal")
    APPEALED = "appealed", _("Appealed, on hold")
    PAID = "paid", _("Paid")
    CANCELLED = "cancelled", _("Cancelled")


class AppealState(models.TextChoices):
    RECEIVED = "received", _("Waiting for a decision")
    ACCEPTED = "accepted", _("Accepted: the notice is cancelled")
    REJECTED = "rejected", _("Rejected: the notice stands")
    WITHDRAWN = "withdrawn", _("Withdrawn")


# Money on its way when the appeal came still pays; an appeal that is right after all then cancels what was paid.
NOTICE_NEXT: Final[Mapping[NoticeState, frozenset[NoticeState]]] = {
    NoticeState.ISSUED: frozenset({NoticeState.APPEALED, NoticeState.PAID, NoticeState.CANCELLED}),
    NoticeState.APPEALED: frozenset({NoticeState.ISSUED, NoticeState.PAID, NoticeState.CANCELLED}),
    NoticeState.PAID: frozenset({NoticeState.CANCELLED}),
    NoticeState.CANCELLED: frozenset(),
}
APPEAL_NEXT: Final[Mapping[AppealState, frozenset[AppealState]]] = {
    AppealState.RECEIVED: frozenset({AppealState.ACCEPTED, AppealState.REJECTED, AppealState.WITHDRAWN}),
    AppealState.ACCEPTED: frozenset(),
    AppealState.REJECTED: frozenset(),
    AppealState.WITHDRAWN: frozenset(),
}


def check_notice_move(now: NoticeState, then: NoticeState) -> None:
    if then not in NOTICE_NEXT[now]:
        raise WrongState


def check_appeal_move(now: AppealState, then: AppealState) -> None:
    if then not in APPEAL_NEXT[now]:
        raise WrongState
