"""How a customer wants to hear from us, service by service: what comes first, what comes next, and what is never used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from townhall.catalogue import queries as catalogue
from townhall.core.actors import Actor
from townhall.core.errors import BadInput, refuse
from townhall.customers.channel_models import ChannelChoice, Way
from townhall.customers.operations.recording import record
from townhall.customers.permissions import locked

GENERAL = ""  # in place of a service: all of them
MOST = 60  # services of one customer


@dataclass(frozen=True, kw_only=True)
class Ways:
    """first: "" for as with other services. second: when the first does not reach them; "" for what is usual."""

    first: str = ""
    second: str = ""
    refused: Sequence[str] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.first or self.second or self.refused)


@transaction.atomic
def choose_channels(customer_id: UUID, service_code: str, ways: Ways, *, by: Actor, at: datetime) -> None:
    """What holds for one service from now on, or for all (GENERAL); nothing chosen takes back what was.

    What comes first for all is the record's own (`customers.change`). Raises BadInput, NotAllowed, NotFound.
    """
    customer = locked(customer_id, by=by, own=True)
    _check(customer_id, service_code, ways)
    if service_code == GENERAL and customer.preferred_channel in ways.refused:
        raise BadInput({"refused": _("What is never used cannot also be how we should reach you")})
    held = ChannelChoice.objects.filter(customer_id=customer_id, service_code=service_code)
    before = held.first()
    if ways.is_nothing:
        held.delete()
        if before is None:
            return
    else:
        values = {"first": ways.first, "second": ways.second, "refused": sorted(set(ways.refused)), "chosen_at": at}
        if before is not None and all(getattr(before, name) == values[name] for name in ("first", "second", "refused")):
            return
        ChannelChoice.objects.update_or_create(customer_id=customer_id, service_code=service_code, defaults=values)
    refused = ",".join(sorted(set(ways.refused)))
    record(
        "channels_chosen",
        customer_id,
        by=by,
        at=at,
        service=service_code,
        first=ways.first,
        second=ways.second,
        refused=refused,
    )


def _check(customer_id: UUID, service_code: str, ways: Ways) -> None:
    known = service_code == GENERAL or service_code in {pack.code for pack in catalogue.services()}
    among = {*Way.values, ""}
    refuse(
        {
            "service": "" if known else _("Select a service"),
            "first": "" if ways.first in among and not (service_code == GENERAL and ways.first) else _("Select a way"),
            "second": "" if ways.second in among else _("Select a way"),
            "refused": "" if set(ways.refused) <= set(Way.values) else _("Select a way"),
        }
    )
    if {ways.first, ways.second} & set(ways.refused):
        raise BadInput({"refused": _("A way that is never used cannot also be used first or next")})
    if ways.first and ways.first == ways.second:
        raise BadInput({"second": _("Select another way for when the first does not reach you")})
    if ChannelChoice.objects.filter(customer_id=customer_id).exclude(service_code=service_code).count() >= MOST:
        raise BadInput({"service": _("There are too many choices")})


def channel_choices(customer_id: UUID) -> dict[str, ChannelChoice]:
    """What they said, by service; "" for all. One query."""
    return {one.service_code: one for one in ChannelChoice.objects.filter(customer_id=customer_id)}
