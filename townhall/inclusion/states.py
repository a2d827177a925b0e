"""What can become of a call with an interpreter, of a booking of one, of a request for another format, and of a closed way in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from townhall.core.errors import WrongState


class CallState(models.TextChoices):
    ASKED = "asked", _("Being put through")
    CONNECTED = "connected", _("The interpreter is on the line")
    ENDED = "ended", _("Over")
    FAILED = "failed", _("No interpreter came")


class BookingState(models.TextChoices):
    ASKED = "asked", _("Being booked")
    BOOKED = "booked", _("Booked")
    REFUSED = "refused", _("Nobody is free")
    CANCELLING = "cancelling", _("Being cancelled")
    CANCELLED = "cancelled", _("Cancelled")


class RequestState(models.TextChoices):
    ASKED = "asked", _("To be made")
    READY = "ready", _("Ready to send")
    SENT = "sent", _("Sent")
    DECLINED = "declined", _("Not made")


class RestrictionState(models.TextChoices):
    DRAFT = "draft", _("Being prepared")
    LIVE = "live", _("Closed to the public")
    ENDED = "ended", _("Over")


CALL_NEXT: Final[Mapping[CallState, frozenset[CallState]]] = {
    CallState.ASKED: frozenset({CallState.CONNECTED, CallState.ENDED, CallState.FAILED}),
    CallState.CONNECTED: frozenset({CallState.ENDED}),
    CallState.ENDED: frozenset(),
    CallState.FAILED: frozenset(),
}
BOOKING_NEXT: Final[Mapping[BookingState, frozenset[BookingState]]] = {
    BookingState.ASKED: frozenset({BookingState.BOOKED, BookingState.REFUSED, BookingState.CANCELLED}),
    BookingState.BOOKED: frozenset({BookingState.CANCELLING}),
    BookingState.REFUSED: frozenset(),
    BookingState.CANCELLING: frozenset({BookingState.CANCELLED}),
    BookingState.CANCELLED: frozenset(),
}
REQUEST_NEXT: Final[Mapping[RequestState, frozenset[RequestState]]] = {
    RequestState.ASKED: frozenset({RequestState.READY, RequestState.DECLINED}),
    RequestState.READY: frozenset({RequestState.SENT}),
    RequestState.SENT: frozenset(),
    RequestState.DECLINED: frozenset(),
}

RESTRICTION_NEXT: Final[Mapping[RestrictionState, frozenset[RestrictionState]]] = {
    RestrictionState.DRAFT: frozenset({RestrictionState.LIVE, RestrictionState.ENDED}),
    RestrictionState.LIVE: frozenset({RestrictionState.ENDED}),
    RestrictionState.ENDED: frozenset(),
}


def check_booking(now: str, then: BookingState) -> None:
    if then not in BOOKING_NEXT[BookingState(now)]:
        raise WrongState


def check_request(now: str, then: RequestState) -> None:
    if then not in REQUEST_NEXT[RequestState(now)]:
        raise WrongState


def check_restriction(now: str, then: RestrictionState) -> None:
    if then not in RESTRICTION_NEXT[RestrictionState(now)]:
        raise WrongState
